//! The traits of num-traits.

use super::Natural;
use super::text::ParseError;
use crate::bigint::numeric::num_traits_by_operators;
use num_traits::ops::euclid::{CheckedEuclid, Euclid};
use num_traits::{
    CheckedAdd, CheckedDiv, CheckedMul, CheckedRem, CheckedSub, FromPrimitive, Num, One, Pow, ToPrimitive,
    Unsigned, Zero,
};

impl Zero for Natural {
    fn zero() -> Self {
        Self::default()
    }

    fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }
}

impl One for Natural {
    fn one() -> Self {
        Self::from(1u8)
    }

    fn is_one(&self) -> bool {
        *self.limbs == [1]
    }
}

num_traits_by_operators!(Natural);

impl Unsigned for Natural {}

impl CheckedSub for Natural {
    fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_sub(other)
    }
}

impl Euclid for Natural {
    fn div_euclid(&self, divisor: &Self) -> Self {
        self / divisor
    }

    fn rem_euclid(&self, divisor: &Self) -> Self {
        self % divisor
    }
}

impl ToPrimitive for Natural {
    fn to_i64(&self) -> Option<i64> {
        self.try_into().ok()
    }

    fn to_u64(&self) -> Option<u64> {
        self.try_into().ok()
    }

    fn to_i128(&self) -> Option<i128> {
        self.try_into().ok()
    }

    fn to_u128(&self) -> Option<u128> {
        self.try_into().ok()
    }

    /// The nearest `f32`, ties to even; infinity above the largest.
    fn to_f32(&self) -> Option<f32> {
        let (top, exponent) = self.leading_bits();
        if exponent > 64 {
            return Some(f32::INFINITY);
        }
        Some(top as f32 * f32::from_bits((127 + exponent as u32) << 23))
    }

    /// The nearest `f64`, ties to even; infinity above the largest.
    fn to_f64(&self) -> Option<f64> {
        let (top, exponent) = self.leading_bits();
        if exponent > 960 {
            return Some(f64::INFINITY);
        }
        Some(top as f64 * f64::from_bits((1023 + exponent) << 52))
    }
}

impl Natural {
    /// `(top, exponent)` with the number about `top 2^exponent`: the leading 64 bits, the lowest of
    /// which is set if any bit below it is. So `top` rounds as the number would.
    fn leading_bits(&self) -> (u64, u64) {
        let exponent = self.bits().saturating_sub(64);
        let top = (self >> exponent).limbs.first().copied().unwrap_or(0);
        let inexact = self.trailing_zeros().is_some_and(|zeros| zeros < exponent);
        (top | u64::from(inexact), exponent)
    }
}

impl FromPrimitive for Natural {
    fn from_i64(value: i64) -> Option<Self> {
        value.try_into().ok()
    }

    fn from_u64(value: u64) -> Option<Self> {
        Some(value.into())
    }

    fn from_i128(value: i128) -> Option<Self> {
        value.try_into().ok()
    }

    fn from_u128(value: u128) -> Option<Self> {
        Some(value.into())
    }

    /// The integer part; `None` for negative numbers, infinity and NaN.
    fn from_f64(value: f64) -> Option<Self> {
        let value = value.trunc();
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let (bits, fraction) = (value.to_bits(), (1 << 52) - 1);
        match (bits >> 52 & 0x7ff) as i64 - 1075 {
            // Below 1, so that nothing is left of it.
            -1075..-52 => Some(Self::default()),
            exponent @ ..0 => Some(Self::from((bits & fraction | 1 << 52) >> -exponent)),
            exponent => Some(Self::from(bits & fraction | 1 << 52) << exponent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{natural, numbers, to_big};
    use num_bigint::BigUint;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn to_floating_point(a in numbers(18), shift in 0u64..70) {
            let (x, big) = (natural(&a) >> shift, to_big(&a) >> shift);
            prop_assert_eq!(x.to_f64(), big.to_f64());
            prop_assert_eq!((&x >> 900u32).to_f32(), (&big >> 900u32).to_f32());
            prop_assert_eq!(x.to_i64(), big.to_i64());
            prop_assert_eq!(x.to_u128(), big.to_u128());
        }

        #[test]
        fn from_floating_point(bits: u64, small in 0f64..1e20) {
            for value in [f64::from_bits(bits), small] {
                let expected = BigUint::from_f64(value).map(|big| big.to_u64_digits());
                prop_assert_eq!(Natural::from_f64(value).map(|x| x.limbs().to_vec()), expected);
            }
        }
    }

    #[test]
    fn halves_round_to_even() {
        for (low, expected) in [(0x400, 2f64.powi(63)), (0x401, 2f64.powi(63) + 2048.0)] {
            assert_eq!(natural(&[low | 1 << 63]).to_f64(), Some(expected));
        }
        assert_eq!(natural(&[1, 0x400 | 1 << 63]).to_f64(), Some((2f64.powi(63) + 2048.0) * 2f64.powi(64)));
        assert_eq!(natural(&[u64::MAX; 16]).to_f64(), Some(f64::INFINITY));
        assert_eq!(natural(&[0, 0, 1]).to_f32(), Some(f32::INFINITY));
    }

    /// A generic function sees all that it asks for.
    #[test]
    fn generic_code_computes_with_naturals() {
        fn horner<T: Num + Clone + FromPrimitive + CheckedSub>(x: &T) -> Option<T> {
            let seven = T::from_u8(7)?;
            (x.clone() * x.clone() + seven).checked_sub(&T::one())
        }
        assert_eq!(horner(&Natural::from(3u8)), Some(Natural::from(15u8)));
        assert!(Natural::zero().is_zero() && Natural::one().is_one());
        assert_eq!(Pow::pow(Natural::from(2u8), 10u8), Natural::from(1024u32));
        assert_eq!(Natural::from(7u8).checked_rem_euclid(&Natural::zero()), None);
    }
}
