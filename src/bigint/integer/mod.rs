//! Numbers with a sign: a [`Natural`] and a flag.
//!
//! The files are those of [`super::natural`], less the algorithms: `arithmetic`, `bitwise`,
//! `bytes`, `convert`, `numeric`, `text`.

mod arithmetic;
mod bitwise;
mod bytes;
mod convert;
mod numeric;
#[cfg(feature = "serde")]
mod serial;
mod text;

use super::natural::Natural;
use std::cmp::Ordering;
use std::ops::Neg;

/// An integer of any length: a sign and a magnitude.
///
/// Division truncates towards zero and the remainder has the sign of the
/// dividend, as for the built-in integers. Bit operators see two's complement of unlimited length,
/// and `>>` rounds down, as for the built-in integers too.
///
/// ```
/// use pi_spigot::bigint::Integer;
///
/// let x: Integer = "-100000000000000000000".parse()?;
/// let (q, r) = x.div_rem(&Integer::from(7));
/// assert_eq!((q.to_string().as_str(), r), ("-14285714285714285714", Integer::from(-2)));
/// assert_eq!(Integer::from(-5) >> 1, Integer::from(-3));
/// # Ok::<(), pi_spigot::bigint::ParseError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Integer {
    /// Never set for zero.
    negative: bool,
    magnitude: Natural,
}

impl Integer {
    /// The number of this magnitude, negated if `negative`.
    #[must_use]
    pub fn new(negative: bool, magnitude: Natural) -> Self {
        Self { negative: negative && !magnitude.is_zero(), magnitude }
    }

    /// Tells whether the number is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Tells whether the number is above 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        !self.negative && !self.is_zero()
    }

    /// Tells whether the number is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.magnitude.is_zero()
    }

    /// The absolute value.
    #[must_use]
    pub fn magnitude(&self) -> &Natural {
        &self.magnitude
    }

    /// The absolute value, taken out.
    #[must_use]
    pub fn into_magnitude(self) -> Natural {
        self.magnitude
    }

    /// The absolute value as an integer.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self::new(false, self.magnitude.clone())
    }

    /// -1, 0 or 1.
    #[must_use]
    pub fn signum(&self) -> Self {
        Self::new(self.negative, Natural::from(!self.is_zero()))
    }

    /// The power; `0^0` is 1.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Self {
        Self::new(self.negative && exponent % 2 == 1, self.magnitude.pow(exponent))
    }

    /// The square.
    #[must_use]
    pub fn square(&self) -> Natural {
        self.magnitude.square()
    }

    /// The square root, rounded towards zero.
    ///
    /// # Panics
    /// If the number is negative.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        assert!(!self.negative, "a negative number has no real square root");
        Self::new(false, self.magnitude.sqrt())
    }

    /// The greatest common divisor, which is not negative.
    #[must_use]
    pub fn gcd(&self, other: &Self) -> Self {
        Self::new(false, self.magnitude.gcd(&other.magnitude))
    }

    /// `self^exponent` modulo `modulus`, of the sign of `modulus` or 0. Cost: see
    /// [`Natural::modpow`].
    ///
    /// # Panics
    /// If `exponent` is negative or `modulus` is zero.
    #[must_use]
    pub fn modpow(&self, exponent: &Self, modulus: &Self) -> Self {
        assert!(!exponent.negative, "modpow with a negative exponent");
        let power = self.magnitude.modpow(&exponent.magnitude, &modulus.magnitude);
        let odd = exponent.magnitude.bit(0);
        let power = Self::new(self.negative && odd, power);
        if power.is_zero() || power.negative == modulus.negative { power } else { power + modulus }
    }

    /// Quotient, rounded towards zero, and remainder.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let (q, r) = self.magnitude.div_rem(&divisor.magnitude);
        (Self::new(self.negative != divisor.negative, q), Self::new(self.negative, r))
    }

    /// The quotient, rounded towards zero, or `None` where `divisor` is zero.
    #[must_use]
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        (!divisor.is_zero()).then(|| self / divisor)
    }

    /// The quotient that leaves a remainder of 0 or above.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_euclid(&self, divisor: &Self) -> Self {
        let (q, r) = self.div_rem(divisor);
        match (r.negative, divisor.negative) {
            (false, _) => q,
            (true, false) => q - 1,
            (true, true) => q + 1,
        }
    }

    /// The remainder that is 0 or above and less than `|divisor|`.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn rem_euclid(&self, divisor: &Self) -> Self {
        let r = self % divisor;
        if r.negative { r + divisor.abs() } else { r }
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude.cmp(&other.magnitude),
            (true, true) => other.magnitude.cmp(&self.magnitude),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Neg for Integer {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(!self.negative, self.magnitude)
    }
}

impl Neg for &Integer {
    type Output = Integer;

    fn neg(self) -> Integer {
        -self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{integers, to_big_signed};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_i128(a in -(1i128 << 63)..1 << 63, b in -(1i128 << 63)..1 << 63, small in -9i128..10) {
            for b in [b, small, -a] {
                let (x, y) = (Integer::from(a), Integer::from(b));
                prop_assert_eq!(&x + &y, Integer::from(a + b));
                prop_assert_eq!(&x - &y, Integer::from(a - b));
                prop_assert_eq!(&x * &small.into(), Integer::from(a * small));
                prop_assert_eq!(x.cmp(&y), a.cmp(&b));
                prop_assert_eq!(x.to_string(), a.to_string());
                prop_assert_eq!(a.to_string().parse(), Ok(x.clone()));
                if b != 0 {
                    prop_assert_eq!(x.div_rem(&y), (Integer::from(a / b), Integer::from(a % b)));
                    prop_assert_eq!(x.div_euclid(&y), Integer::from(a.div_euclid(b)));
                    prop_assert_eq!(x.rem_euclid(&y), Integer::from(a.rem_euclid(b)));
                }
                prop_assert_eq!((x.signum(), x.abs()), (Integer::from(a.signum()), Integer::from(a.abs())));
                prop_assert_eq!((x.is_negative(), x.is_positive(), x.is_zero()), (a < 0, a > 0, a == 0));
            }
        }

        #[test]
        fn powers_modulo_both_signs(a in integers(3), e in integers(1), m in integers(2), n in 0u32..20) {
            let (big, exponent) = (to_big_signed(&a), e.abs());
            prop_assert_eq!(to_big_signed(&a.pow(n)), big.pow(n));
            if !m.is_zero() {
                let expected = big.modpow(&to_big_signed(&exponent), &to_big_signed(&m));
                prop_assert_eq!(to_big_signed(&a.modpow(&exponent, &m)), expected);
            }
        }
    }

    #[test]
    fn signs() {
        assert_eq!(-Integer::from(3), Integer::from(-3));
        assert_eq!(-&Integer::from(-3), Integer::from(3));
        assert_eq!(Integer::from(-48).gcd(&Integer::from(36)), Integer::from(12));
        assert_eq!(Integer::from(10).sqrt(), Integer::from(3));
        assert_eq!(Integer::from(1).checked_div(&Integer::default()), None);
    }
}
