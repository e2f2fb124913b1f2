//! `From` and `TryFrom` between naturals and primitives.

use super::Natural;
use std::fmt;

macro_rules! from_primitives {
    ($($primitive:ty)*) => {$(
        impl From<$primitive> for Natural {
            fn from(value: $primitive) -> Self {
                let value = u128::from(value);
                Self::from_limbs([value as u64, (value >> 64) as u64])
            }
        }
    )*};
}
from_primitives!(u8 u16 u32 u64 u128 bool);

impl From<usize> for Natural {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

/// A number that the type asked for cannot hold.
///
/// ```
/// use pi_spigot::bigint::{Integer, Natural};
///
/// let error = u8::try_from(Natural::from(300u32)).unwrap_err();
/// assert_eq!(error.to_string(), "the number is out of range for u8, which holds 0 to 255");
/// let error = Natural::try_from(Integer::from(-1)).unwrap_err();
/// assert_eq!(error.to_string(), "the number is out of range for Natural, which holds 0 and above");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    target: &'static str,
    least: i128,
    /// `None`: no upper bound.
    most: Option<u128>,
}

impl OutOfRange {
    pub(in crate::bigint) const fn new(target: &'static str, least: i128, most: Option<u128>) -> Self {
        Self { target, least, most }
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, least, most } = self;
        write!(f, "the number is out of range for {target}, which holds {least} ")?;
        match most {
            Some(most) => write!(f, "to {most}"),
            None => write!(f, "and above"),
        }
    }
}

impl std::error::Error for OutOfRange {}

impl Natural {
    /// The value, where it has at most 128 bits.
    pub(in crate::bigint) fn as_u128(&self) -> Option<u128> {
        match *self.limbs {
            [] => Some(0),
            [low] => Some(low.into()),
            [low, high] => Some(u128::from(high) << 64 | u128::from(low)),
            _ => None,
        }
    }
}

macro_rules! try_into_primitives {
    ($($primitive:ty)*) => {$(
        impl TryFrom<&Natural> for $primitive {
            type Error = OutOfRange;
            fn try_from(number: &Natural) -> Result<Self, OutOfRange> {
                let error = OutOfRange::new(
                    stringify!($primitive), <$primitive>::MIN as i128, Some(<$primitive>::MAX as u128),
                );
                number.as_u128().and_then(|value| Self::try_from(value).ok()).ok_or(error)
            }
        }
        impl TryFrom<Natural> for $primitive {
            type Error = OutOfRange;
            fn try_from(number: Natural) -> Result<Self, OutOfRange> {
                Self::try_from(&number)
            }
        }
    )*};
}
try_into_primitives!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! try_from_primitives {
    ($($primitive:ty)*) => {$(
        impl TryFrom<$primitive> for Natural {
            type Error = OutOfRange;
            fn try_from(value: $primitive) -> Result<Self, OutOfRange> {
                let value = u128::try_from(value).map_err(|_| OutOfRange::new("Natural", 0, None))?;
                Ok(Self::from(value))
            }
        }
    )*};
}
try_from_primitives!(i8 i16 i32 i64 i128 isize);

/// The number of bits of a shift; beyond 64 bits the largest.
///
/// # Panics
/// If it is negative.
pub(in crate::bigint) fn shift_by<T: TryInto<u64> + PartialOrd + Default>(bits: T) -> u64 {
    assert!(bits >= T::default(), "shift by a negative number of bits: shift the other way");
    bits.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(value: u128, shift in 0u32..128) {
            let value = value >> shift;
            let number = Natural::from(value);
            prop_assert_eq!(u128::try_from(&number), Ok(value));
            prop_assert_eq!(u64::try_from(&number).ok(), u64::try_from(value).ok());
            prop_assert_eq!(u8::try_from(&number).ok(), u8::try_from(value).ok());
            prop_assert_eq!(i64::try_from(&number).ok(), i64::try_from(value).ok());
            prop_assert_eq!(i128::try_from(number).ok(), i128::try_from(value).ok());
            let signed = value as i64;
            prop_assert_eq!(Natural::try_from(signed).ok(), u64::try_from(signed).ok().map(Natural::from));
        }
    }

    #[test]
    fn every_primitive_at_its_ends() {
        macro_rules! ends {
            ($($primitive:ty)*) => {$(
                let most = Natural::from(<$primitive>::MAX);
                assert_eq!(<$primitive>::try_from(&most), Ok(<$primitive>::MAX));
                let error = <$primitive>::try_from(most + 1u8).unwrap_err();
                assert!(error.to_string().ends_with(&<$primitive>::MAX.to_string()), "{error}");
            )*};
        }
        ends!(u8 u16 u32 u64 u128 usize);
        assert_eq!(i8::try_from(Natural::from(127u8)), Ok(127));
        assert_eq!(i8::try_from(Natural::from(128u8)), Err(OutOfRange::new("i8", -128, Some(127))));
    }
}
