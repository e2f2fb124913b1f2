//! Shifts, bit operators and single bits.

use super::{Natural, shift_by};
use crate::bigint::limbs::{shl_in_place, shr_in_place};
use crate::bigint::operators::by_value_in_place;
use crate::memory::Limbs;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign};
use std::ops::{Shl, ShlAssign, Shr, ShrAssign};

impl Natural {
    /// Zero bits below the lowest one, or `None` for 0.
    #[must_use]
    pub fn trailing_zeros(&self) -> Option<u64> {
        let limbs = self.limbs.iter().position(|&limb| limb != 0)?;
        Some(64 * limbs as u64 + u64::from(self.limbs[limbs].trailing_zeros()))
    }

    /// Ones among the bits.
    #[must_use]
    pub fn count_ones(&self) -> u64 {
        self.limbs.iter().map(|limb| u64::from(limb.count_ones())).sum()
    }

    /// The bit of weight `2^index`; false beyond the top.
    #[must_use]
    pub fn bit(&self, index: u64) -> bool {
        let limb = usize::try_from(index / 64).ok().and_then(|at| self.limbs.get(at));
        limb.is_some_and(|limb| limb >> (index % 64) & 1 == 1)
    }

    /// Sets the bit of weight `2^index`.
    pub fn set_bit(&mut self, index: u64, value: bool) {
        let at = usize::try_from(index / 64).unwrap_or(usize::MAX);
        if at >= self.limbs.len() {
            if !value {
                return;
            }
            self.limbs.resize(at + 1);
        }
        let mask = 1 << (index % 64);
        self.limbs[at] = if value { self.limbs[at] | mask } else { self.limbs[at] & !mask };
        self.normalize();
    }

    pub(in crate::bigint) fn shift_left(&mut self, bits: u64) {
        if self.is_zero() {
            return;
        }
        let whole = usize::try_from(bits / 64).expect("a shift beyond memory");
        let len = self.limbs.len();
        let top = shl_in_place(&mut self.limbs, (bits % 64) as u32);
        self.limbs.reserve(whole + 1);
        self.limbs.push(top);
        self.limbs.resize(whole + len + 1);
        self.limbs.copy_within(..=len, whole);
        self.limbs[..whole].fill(0);
        self.normalize();
    }

    pub(in crate::bigint) fn shift_right(&mut self, bits: u64) {
        let whole = usize::try_from(bits / 64).unwrap_or(usize::MAX).min(self.limbs.len());
        self.limbs.cut_front(whole);
        shr_in_place(&mut self.limbs, (bits % 64) as u32);
        self.normalize();
    }

    /// `2^bits self` in new memory of the right size.
    fn shifted_left(&self, bits: u64) -> Self {
        if self.is_zero() {
            return Self::default();
        }
        let whole = usize::try_from(bits / 64).expect("a shift beyond memory");
        let mut limbs = Limbs::with_capacity(whole + self.limbs.len() + 1);
        limbs.resize(whole);
        limbs.extend_from_slice(&self.limbs);
        let top = shl_in_place(&mut limbs[whole..], (bits % 64) as u32);
        limbs.push(top);
        Self::from_words(limbs)
    }

    /// `self / 2^bits` in new memory of the right size.
    fn shifted_right(&self, bits: u64) -> Self {
        let whole = usize::try_from(bits / 64).unwrap_or(usize::MAX).min(self.limbs.len());
        let mut number = Self::from_limbs(&self.limbs[whole..]);
        number.shift_right(bits % 64);
        number
    }
}

macro_rules! shifts {
    ($($bits:ty)*) => {$(
        impl ShlAssign<$bits> for Natural {
            /// In place where the number's memory has room.
            ///
            /// # Panics
            /// If `bits` is negative.
            fn shl_assign(&mut self, bits: $bits) {
                self.shift_left(shift_by(bits));
            }
        }
        impl ShrAssign<$bits> for Natural {
            /// In place.
            ///
            /// # Panics
            /// If `bits` is negative.
            fn shr_assign(&mut self, bits: $bits) {
                self.shift_right(shift_by(bits));
            }
        }
        impl Shl<$bits> for Natural {
            type Output = Self;
            fn shl(mut self, bits: $bits) -> Self {
                self <<= bits;
                self
            }
        }
        impl Shr<$bits> for Natural {
            type Output = Self;
            fn shr(mut self, bits: $bits) -> Self {
                self >>= bits;
                self
            }
        }
        impl Shl<$bits> for &Natural {
            type Output = Natural;
            fn shl(self, bits: $bits) -> Natural {
                self.shifted_left(shift_by(bits))
            }
        }
        impl Shr<$bits> for &Natural {
            type Output = Natural;
            fn shr(self, bits: $bits) -> Natural {
                self.shifted_right(shift_by(bits))
            }
        }
    )*};
}
shifts!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

impl BitAndAssign<&Self> for Natural {
    fn bitand_assign(&mut self, other: &Self) {
        self.limbs.truncate(other.limbs.len());
        self.limbs.iter_mut().zip(&*other.limbs).for_each(|(x, y)| *x &= y);
        self.normalize();
    }
}

impl BitOrAssign<&Self> for Natural {
    fn bitor_assign(&mut self, other: &Self) {
        self.limbs.resize(self.limbs.len().max(other.limbs.len()));
        self.limbs.iter_mut().zip(&*other.limbs).for_each(|(x, y)| *x |= y);
    }
}

impl BitXorAssign<&Self> for Natural {
    fn bitxor_assign(&mut self, other: &Self) {
        self.limbs.resize(self.limbs.len().max(other.limbs.len()));
        self.limbs.iter_mut().zip(&*other.limbs).for_each(|(x, y)| *x ^= y);
        self.normalize();
    }
}

macro_rules! bit_operators_by_reference {
    ($($operator:ident $method:ident),*) => {$(
        impl $operator for &Natural {
            type Output = Natural;
            fn $method(self, other: Self) -> Natural {
                self.clone().$method(other)
            }
        }
    )*};
}
bit_operators_by_reference!(BitAnd bitand, BitOr bitor, BitXor bitxor);
by_value_in_place!(
    Natural: BitAnd bitand BitAndAssign bitand_assign, BitOr bitor BitOrAssign bitor_assign,
    BitXor bitxor BitXorAssign bitxor_assign
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{natural, numbers, to_big};
    use proptest::prelude::*;

    fn is(x: &Natural, expected: &num_bigint::BigUint) {
        assert_eq!(x.limbs(), expected.to_u64_digits());
    }

    proptest! {
        #[test]
        fn shifts_in_every_form(a in numbers(12), bits in 0u64..900) {
            let (x, big) = (natural(&a), to_big(&a));
            for bits in [bits, bits / 64 * 64] {
                is(&(&x << bits), &(&big << bits));
                is(&(&x >> bits), &(&big >> bits));
                is(&(x.clone() << bits as i32), &(&big << bits));
                is(&(x.clone() >> bits as usize), &(&big >> bits));
                let mut in_place = x.clone();
                in_place <<= bits as u16;
                is(&in_place, &(&big << bits));
                in_place >>= bits as u128;
                prop_assert_eq!(&in_place, &x);
            }
        }

        #[test]
        fn bit_operators(a in numbers(8), b in numbers(8)) {
            let (x, y) = (natural(&a), natural(&b));
            let (big_x, big_y) = (to_big(&a), to_big(&b));
            is(&(&x & &y), &(&big_x & &big_y));
            is(&(x.clone() | &y), &(&big_x | &big_y));
            is(&(&x ^ y.clone()), &(&big_x ^ &big_y));
            let mut in_place = x;
            in_place ^= y;
            is(&in_place, &(big_x ^ big_y));
        }

        #[test]
        fn single_bits(a in numbers(4), index in 0u64..300, value: bool) {
            let (mut x, mut big) = (natural(&a), to_big(&a));
            prop_assert_eq!(x.bit(index), big.bit(index));
            prop_assert_eq!(x.trailing_zeros(), big.trailing_zeros());
            prop_assert_eq!(x.count_ones(), big.count_ones());
            x.set_bit(index, value);
            big.set_bit(index, value);
            is(&x, &big);
        }
    }

    #[test]
    fn zero_may_be_shifted_by_any_amount() {
        let zero = Natural::default();
        assert!((&zero << u64::MAX).is_zero() && (zero.clone() << u128::MAX).is_zero());
        assert!((Natural::from(5u8) >> u64::MAX).is_zero() && (zero >> i128::MAX).is_zero());
    }

    #[test]
    #[should_panic(expected = "shift by a negative number of bits")]
    fn a_negative_shift_is_refused() {
        let _ = Natural::from(1u8) << -1;
    }
}
