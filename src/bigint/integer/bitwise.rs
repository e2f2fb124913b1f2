//! Shifts and bit operators, as on two's complement of unlimited length.

use super::Integer;
use crate::bigint::limbs::negate_in_place;
use crate::bigint::natural::{Natural, shift_by};
use crate::bigint::operators::by_reference;
use crate::memory::Limbs;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Not};
use std::ops::{Shl, ShlAssign, Shr, ShrAssign};

impl Integer {
    /// Bits of the magnitude; 0 for 0.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.magnitude.bits()
    }

    /// Zero bits below the lowest one, or `None` for 0.
    #[must_use]
    pub fn trailing_zeros(&self) -> Option<u64> {
        self.magnitude.trailing_zeros()
    }

    /// The limbs of two's complement, without end.
    fn twos_complement(&self) -> impl Iterator<Item = u64> {
        let flip = if self.negative { u64::MAX } else { 0 };
        let mut carry = self.negative;
        self.magnitude.limbs().iter().copied().chain(std::iter::repeat(0)).map(move |limb| {
            let complement;
            (complement, carry) = (limb ^ flip).overflowing_add(carry.into());
            complement
        })
    }

    /// `operator` on every limb of both numbers.
    fn bit_by_bit(&self, other: &Self, operator: impl Fn(u64, u64) -> u64) -> Self {
        // One limb above both holds nothing but signs.
        let len = self.magnitude.limbs().len().max(other.magnitude.limbs().len()) + 1;
        let mut limbs = Limbs::with_capacity(len);
        let pairs = self.twos_complement().zip(other.twos_complement());
        pairs.take(len).for_each(|(x, y)| limbs.push(operator(x, y)));
        let negative = limbs[len - 1] >> 63 == 1;
        if negative {
            negate_in_place(&mut limbs);
        }
        Self::new(negative, Natural::from_words(limbs))
    }

    /// Shifts in place; the bits that leave a negative number round it down.
    fn shift_right(&mut self, bits: u64) {
        let round = self.negative && self.trailing_zeros().is_some_and(|zeros| zeros < bits);
        self.magnitude.shift_right(bits);
        if round {
            self.magnitude.add_limb(1);
        }
    }
}

impl BitAnd for &Integer {
    type Output = Integer;

    fn bitand(self, other: Self) -> Integer {
        self.bit_by_bit(other, |x, y| x & y)
    }
}

impl BitOr for &Integer {
    type Output = Integer;

    fn bitor(self, other: Self) -> Integer {
        self.bit_by_bit(other, |x, y| x | y)
    }
}

impl BitXor for &Integer {
    type Output = Integer;

    fn bitxor(self, other: Self) -> Integer {
        self.bit_by_bit(other, |x, y| x ^ y)
    }
}

by_reference!(
    Integer: BitAnd bitand BitAndAssign bitand_assign, BitOr bitor BitOrAssign bitor_assign,
    BitXor bitxor BitXorAssign bitxor_assign
);

impl Not for Integer {
    type Output = Self;

    /// `-x - 1`.
    fn not(self) -> Self {
        -self - 1
    }
}

impl Not for &Integer {
    type Output = Integer;

    fn not(self) -> Integer {
        !self.clone()
    }
}

macro_rules! shifts {
    ($($bits:ty)*) => {$(
        impl ShlAssign<$bits> for Integer {
            /// In place where the number's memory has room.
            ///
            /// # Panics
            /// If `bits` is negative.
            fn shl_assign(&mut self, bits: $bits) {
                self.magnitude <<= bits;
            }
        }
        impl ShrAssign<$bits> for Integer {
            /// In place; rounds down.
            ///
            /// # Panics
            /// If `bits` is negative.
            fn shr_assign(&mut self, bits: $bits) {
                self.shift_right(shift_by(bits));
            }
        }
        impl Shl<$bits> for Integer {
            type Output = Self;
            fn shl(mut self, bits: $bits) -> Self {
                self <<= bits;
                self
            }
        }
        impl Shr<$bits> for Integer {
            type Output = Self;
            fn shr(mut self, bits: $bits) -> Self {
                self >>= bits;
                self
            }
        }
        impl Shl<$bits> for &Integer {
            type Output = Integer;
            fn shl(self, bits: $bits) -> Integer {
                Integer::new(self.negative, &self.magnitude << bits)
            }
        }
        impl Shr<$bits> for &Integer {
            type Output = Integer;
            fn shr(self, bits: $bits) -> Integer {
                self.clone() >> bits
            }
        }
    )*};
}
shifts!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{integers, to_big_signed};
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn is(x: &Integer, expected: &BigInt) {
        assert_eq!(&to_big_signed(x), expected);
        assert!(!x.is_zero() || !x.is_negative(), "zero has no sign");
    }

    proptest! {
        #[test]
        fn operators(x in integers(5), y in integers(5), bits in 0u64..400) {
            let (big_x, big_y) = (to_big_signed(&x), to_big_signed(&y));
            is(&(&x & &y), &(&big_x & &big_y));
            is(&(x.clone() | &y), &(&big_x | &big_y));
            is(&(&x ^ y.clone()), &(&big_x ^ &big_y));
            is(&!&x, &!&big_x);
            for bits in [bits, bits / 64 * 64] {
                is(&(&x << bits), &(&big_x << bits));
                is(&(&x >> bits), &(&big_x >> bits));
                is(&(x.clone() << bits as u32 >> bits as i64), &big_x);
            }
            let mut in_place = x;
            in_place |= &y;
            in_place >>= 1;
            is(&in_place, &((big_x | big_y) >> 1));
        }

        #[test]
        fn small_numbers_as_i64(a in -5i64..5, b in -5i64..5, bits in 0..5) {
            let (x, y) = (Integer::from(a), Integer::from(b));
            prop_assert_eq!(&x & &y, Integer::from(a & b));
            prop_assert_eq!(&x | &y, Integer::from(a | b));
            prop_assert_eq!(&x ^ &y, Integer::from(a ^ b));
            prop_assert_eq!(x >> bits, Integer::from(a >> bits));
        }
    }
}
