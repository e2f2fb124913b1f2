//! `From` and `TryFrom` between integers, naturals and primitives.

use super::Integer;
use crate::bigint::natural::{Natural, OutOfRange};

impl From<Natural> for Integer {
    fn from(magnitude: Natural) -> Self {
        Self::new(false, magnitude)
    }
}

macro_rules! from_unsigned {
    ($($primitive:ty)*) => {$(
        impl From<$primitive> for Integer {
            fn from(value: $primitive) -> Self {
                Self::new(false, Natural::from(value))
            }
        }
    )*};
}
from_unsigned!(u8 u16 u32 u64 u128 usize bool);

macro_rules! from_signed {
    ($($primitive:ty)*) => {$(
        impl From<$primitive> for Integer {
            fn from(value: $primitive) -> Self {
                Self::new(value < 0, Natural::from(value.unsigned_abs()))
            }
        }
    )*};
}
from_signed!(i8 i16 i32 i64 i128 isize);

impl TryFrom<Integer> for Natural {
    type Error = OutOfRange;

    fn try_from(number: Integer) -> Result<Self, OutOfRange> {
        if number.negative { Err(OutOfRange::new("Natural", 0, None)) } else { Ok(number.magnitude) }
    }
}

impl TryFrom<&Integer> for Natural {
    type Error = OutOfRange;

    fn try_from(number: &Integer) -> Result<Self, OutOfRange> {
        number.clone().try_into()
    }
}

macro_rules! try_into_primitives {
    ($($primitive:ty)*) => {$(
        impl TryFrom<&Integer> for $primitive {
            type Error = OutOfRange;
            fn try_from(number: &Integer) -> Result<Self, OutOfRange> {
                let error = OutOfRange::new(
                    stringify!($primitive), <$primitive>::MIN as i128, Some(<$primitive>::MAX as u128),
                );
                let magnitude = number.magnitude.as_u128().ok_or(error)?;
                let value = if number.negative {
                    0i128.checked_sub_unsigned(magnitude).and_then(|value| Self::try_from(value).ok())
                } else {
                    Self::try_from(magnitude).ok()
                };
                value.ok_or(error)
            }
        }
        impl TryFrom<Integer> for $primitive {
            type Error = OutOfRange;
            fn try_from(number: Integer) -> Result<Self, OutOfRange> {
                Self::try_from(&number)
            }
        }
    )*};
}
try_into_primitives!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(value: i128, shift in 0u32..128) {
            let value = value >> shift;
            let number = Integer::from(value);
            prop_assert_eq!(i128::try_from(&number), Ok(value));
            prop_assert_eq!(i64::try_from(&number).ok(), i64::try_from(value).ok());
            prop_assert_eq!(u64::try_from(&number).ok(), u64::try_from(value).ok());
            prop_assert_eq!(u128::try_from(&number).ok(), u128::try_from(value).ok());
            prop_assert_eq!(i8::try_from(&number).ok(), i8::try_from(value).ok());
            prop_assert_eq!(Natural::try_from(number).ok(), u128::try_from(value).ok().map(Natural::from));
        }
    }

    #[test]
    fn every_primitive_at_its_ends() {
        macro_rules! ends {
            ($($primitive:ty)*) => {$(
                for end in [<$primitive>::MIN, <$primitive>::MAX] {
                    assert_eq!(<$primitive>::try_from(Integer::from(end)), Ok(end));
                }
                let beyond = [Integer::from(<$primitive>::MIN) - 1, Integer::from(<$primitive>::MAX) + 1];
                for number in beyond {
                    let error: OutOfRange = <$primitive>::try_from(number).unwrap_err();
                    let message = error.to_string();
                    let range = format!("{} to {}", <$primitive>::MIN, <$primitive>::MAX);
                    assert!(message.ends_with(&range), "{message}");
                }
            )*};
        }
        ends!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
    }
}
