//! The traits of num-traits.

use super::Integer;
use crate::bigint::numeric::{never_overflows, num_traits_by_operators};
use crate::bigint::{Natural, ParseError};
use num_traits::ops::euclid::{CheckedEuclid, Euclid};
use num_traits::{
    CheckedAdd, CheckedDiv, CheckedMul, CheckedNeg, CheckedRem, CheckedSub, FromPrimitive, Num, One, Pow,
    Signed, ToPrimitive, Zero,
};

impl Zero for Integer {
    fn zero() -> Self {
        Self::default()
    }

    fn is_zero(&self) -> bool {
        self.magnitude.is_zero()
    }
}

impl One for Integer {
    fn one() -> Self {
        Self::from(1)
    }

    fn is_one(&self) -> bool {
        !self.negative && self.magnitude.is_one()
    }
}

num_traits_by_operators!(Integer);
never_overflows!(Integer: CheckedSub checked_sub -);

impl Signed for Integer {
    fn abs(&self) -> Self {
        self.abs()
    }

    /// The difference, or 0 where it is negative.
    fn abs_sub(&self, other: &Self) -> Self {
        if self <= other { Self::default() } else { self - other }
    }

    fn signum(&self) -> Self {
        self.signum()
    }

    fn is_positive(&self) -> bool {
        self.is_positive()
    }

    fn is_negative(&self) -> bool {
        self.negative
    }
}

impl CheckedNeg for Integer {
    fn checked_neg(&self) -> Option<Self> {
        Some(-self)
    }
}

impl Euclid for Integer {
    fn div_euclid(&self, divisor: &Self) -> Self {
        self.div_euclid(divisor)
    }

    fn rem_euclid(&self, divisor: &Self) -> Self {
        self.rem_euclid(divisor)
    }
}

impl ToPrimitive for Integer {
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

    /// The nearest `f32`, ties to even; infinity beyond the largest.
    fn to_f32(&self) -> Option<f32> {
        self.magnitude.to_f32().map(|value| if self.negative { -value } else { value })
    }

    /// The nearest `f64`, ties to even; infinity beyond the largest.
    fn to_f64(&self) -> Option<f64> {
        self.magnitude.to_f64().map(|value| if self.negative { -value } else { value })
    }
}

impl FromPrimitive for Integer {
    fn from_i64(value: i64) -> Option<Self> {
        Some(value.into())
    }

    fn from_u64(value: u64) -> Option<Self> {
        Some(value.into())
    }

    fn from_i128(value: i128) -> Option<Self> {
        Some(value.into())
    }

    fn from_u128(value: u128) -> Option<Self> {
        Some(value.into())
    }

    /// The integer part; `None` for infinity and NaN.
    fn from_f64(value: f64) -> Option<Self> {
        Natural::from_f64(value.abs()).map(|magnitude| Self::new(value < 0.0, magnitude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{integers, to_big_signed};
    use num_bigint::BigInt;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn floating_point(x in integers(3), value in -1e30f64..1e30) {
            let big = to_big_signed(&x);
            prop_assert_eq!((x.to_f64(), x.to_f32()), (big.to_f64(), big.to_f32()));
            prop_assert_eq!(x.to_i128(), big.to_i128());
            prop_assert_eq!(Integer::from_f64(value).map(|x| to_big_signed(&x)), BigInt::from_f64(value));
        }
    }

    /// A generic function sees all that it asks for.
    #[test]
    fn generic_code_computes_with_integers() {
        fn distance<T: Signed + Clone + FromPrimitive>(x: &T, y: &T) -> T {
            (x.clone() - y.clone()).abs() + T::zero()
        }
        assert_eq!(distance(&Integer::from(3), &Integer::from(-4)), Integer::from(7));
        assert!(Integer::one().is_one() && !(-Integer::one()).is_one());
        assert_eq!(Integer::from(3).abs_sub(&Integer::from(5)), Integer::zero());
        assert_eq!(Integer::from(3).checked_div_euclid(&Integer::zero()), None);
        assert_eq!(Pow::pow(&Integer::from(-2), 3u8), Integer::from(-8));
    }
}
