//! The numbers 0, 1, 2 and on: the type, its order, division, powers.
//!
//! | file | operations |
//! |---|---|
//! | `arithmetic` | `+ - * / %`, in place, by reference, with primitives; `Sum`, `Product` |
//! | `bitwise` | shifts, `& | ^`, single bits |
//! | `bytes` | little-endian and big-endian bytes |
//! | `convert` | `From` and `TryFrom` of primitives |
//! | `numeric` | the traits of num-traits |
//! | `root` | square roots |
//! | `text` | decimal, binary, octal, hexadecimal, any radix up to 36 |

mod arithmetic;
mod bitwise;
mod bytes;
mod convert;
mod numeric;
mod root;
#[cfg(feature = "serde")]
mod serial;
mod text;

pub use convert::OutOfRange;
pub(super) use convert::shift_by;
pub use text::ParseError;
pub(super) use text::digits_of;

use super::div::{div_exact, div_rem};
use super::limbs::{cmp, normalized_len, rem_limb, sub_in_place};
use super::mul::squared;
use super::{gcd, modpow};
use crate::memory::Limbs;
use std::cmp::Ordering;

/// A natural number of any length, 0 included.
///
/// Operators take numbers by value, by reference and as primitives. A left operand that is passed
/// by value, or stands left of `+=`, lends its memory to the result.
///
/// ```
/// use pi_spigot::bigint::Natural;
///
/// let googol = Natural::from(10u8).pow(100);
/// assert_eq!((&googol + 1u64).to_string().len(), 101);
/// assert_eq!("340282366920938463463374607431768211456".parse::<Natural>()?, Natural::from(1u8) << 128);
/// assert_eq!(googol.sqrt(), Natural::from(10u8).pow(50));
/// assert_eq!(format!("{:x}", Natural::from_str_radix("zz", 36)?), "50f");
/// # Ok::<(), pi_spigot::bigint::ParseError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Natural {
    /// Least significant first, normalized.
    limbs: Limbs,
}

impl Natural {
    /// The number `limbs[0] + limbs[1] 2^64 + ...`.
    #[must_use]
    pub fn from_limbs(limbs: impl AsRef<[u64]>) -> Self {
        Self::from_words(limbs.as_ref().into())
    }

    /// The number that lives in this memory.
    pub(crate) fn from_words(limbs: Limbs) -> Self {
        let mut number = Self { limbs };
        number.normalize();
        number
    }

    /// Drops leading zero limbs.
    fn normalize(&mut self) {
        self.limbs.truncate(normalized_len(&self.limbs));
    }

    /// The limbs, least significant first; the last limb is not zero.
    #[must_use]
    pub fn limbs(&self) -> &[u64] {
        &self.limbs
    }

    /// Tells whether the number is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The length in bits; 0 for 0.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let top_zeros = self.limbs.last().map_or(0, |top| top.leading_zeros());
        64 * self.limbs.len() as u64 - u64::from(top_zeros)
    }

    /// The square. Cost: about two thirds of a product.
    #[must_use]
    pub fn square(&self) -> Self {
        Self::from_words(squared(&self.limbs))
    }

    /// The power; `0^0` is 1. Cost: about that of the last squaring, twice.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Self {
        let mut power = Self::from(1u8);
        for bit in (0..u32::BITS - exponent.leading_zeros()).rev() {
            power = power.square();
            if exponent >> bit & 1 == 1 {
                power = &power * self;
            }
        }
        power
    }

    /// `self^exponent` modulo `modulus`.
    ///
    /// Cost: a square and a division for each bit of the exponent, and a product and a division
    /// for each 3 to 6 bits. Not constant time: do not use it on secrets.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// let n = |value: u32| Natural::from(value);
    /// assert_eq!(n(4).modpow(&n(13), &n(497)), n(445));
    /// ```
    ///
    /// # Panics
    /// If `modulus` is zero.
    #[must_use]
    pub fn modpow(&self, exponent: &Self, modulus: &Self) -> Self {
        modpow::modpow(self, exponent, modulus)
    }

    /// The greatest common divisor; that of a number and 0 is the number.
    ///
    /// Cost: the product of both lengths, as for schoolbook multiplication.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// assert_eq!(Natural::from(48u8).gcd(&Natural::from(36u8)), Natural::from(12u8));
    /// ```
    #[must_use]
    pub fn gcd(&self, other: &Self) -> Self {
        Self::from_words(gcd::gcd(&self.limbs, &other.limbs))
    }

    /// The difference, or `None` where it is negative.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        (self >= other).then(|| {
            let mut limbs = self.limbs.clone();
            let borrow = sub_in_place(&mut limbs, &other.limbs);
            debug_assert!(!borrow);
            Self::from_words(limbs)
        })
    }

    /// The quotient, or `None` where `divisor` is zero.
    #[must_use]
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        (!divisor.is_zero()).then(|| self / divisor)
    }

    /// Quotient and remainder in one go.
    ///
    /// Cost: for `2n` by `n` limbs about 4.5 products of `n` by `n`.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let (q, r) = div_rem(&self.limbs, &divisor.limbs);
        (Self::from_words(q), Self::from_words(r))
    }

    /// The quotient by a divisor that is known to leave no remainder. The result is meaningless
    /// where there is a remainder.
    ///
    /// Cost: half of a schoolbook division, at every length.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_exact(&self, divisor: &Self) -> Self {
        Self::from_words(div_exact(&self.limbs, &divisor.limbs))
    }

    /// The remainder of a division by one limb.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn rem_u64(&self, divisor: u64) -> u64 {
        assert!(divisor > 0, "division by zero");
        rem_limb(&self.limbs, divisor)
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        cmp(&self.limbs, &other.limbs)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{natural, numbers, to_big};
    use num_bigint::BigUint;
    use num_traits::{CheckedDiv, CheckedSub};
    use proptest::prelude::*;

    #[expect(clippy::needless_pass_by_value, reason = "a function for `Option::map`")]
    fn big(x: Natural) -> BigUint {
        to_big(x.limbs())
    }

    proptest! {
        #[test]
        fn laws(a in numbers(20), b in numbers(20), bits in 0u64..200) {
            let (x, y) = (natural(&a), natural(&b));
            let (big_x, big_y) = (to_big(&a), to_big(&b));
            prop_assert_eq!((&x + &y).to_string(), (&big_x + &big_y).to_string());
            prop_assert_eq!((&x * &y).to_string(), (&big_x * &big_y).to_string());
            prop_assert_eq!(&(&x + &y) - &y, x.clone());
            prop_assert_eq!(x.cmp(&y), big_x.cmp(&big_y));
            prop_assert_eq!((x.clone() << bits).to_string(), (&big_x << bits).to_string());
            prop_assert_eq!((x.clone() >> bits).to_string(), (&big_x >> bits).to_string());
            prop_assert_eq!(x.bits(), big_x.bits());
            prop_assert_eq!(x.to_string().parse::<Natural>(), Ok(x.clone()));
            if !y.is_zero() {
                let (q, r) = x.div_rem(&y);
                prop_assert!(r < y);
                prop_assert_eq!((&x * &y).div_exact(&y), x.clone());
                prop_assert_eq!(&q * &y + r, x);
            }
        }

        #[test]
        fn checked_operations(a in numbers(6), b in numbers(6)) {
            let (x, y) = (natural(&a), natural(&b));
            let (big_x, big_y) = (to_big(&a), to_big(&b));
            prop_assert_eq!(x.checked_sub(&y).map(big), CheckedSub::checked_sub(&big_x, &big_y));
            prop_assert_eq!(x.checked_div(&y).map(big), CheckedDiv::checked_div(&big_x, &big_y));
        }
    }
}
