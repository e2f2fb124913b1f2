//! Serialization in the form of num-bigint: a sign and the words of the magnitude.

use super::Integer;
use crate::bigint::Natural;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// As num-bigint's `BigInt`: a pair of the sign, -1, 0 or 1, and the magnitude as of [`Natural`].
impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sign = if self.negative { -1i8 } else { i8::from(!self.is_zero()) };
        (sign, &self.magnitude).serialize(serializer)
    }
}

/// From the form that [`Integer`] is serialized in.
impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (sign, magnitude) = <(i8, Natural)>::deserialize(deserializer)?;
        match sign {
            -1 | 1 => Ok(Self::new(sign < 0, magnitude)),
            0 if magnitude.is_zero() => Ok(Self::default()),
            0 => Err(D::Error::custom("a number with sign 0 is 0: write -1 or 1 before another")),
            _ => Err(D::Error::custom(format_args!("a sign is -1, 0 or 1, not {sign}"))),
        }
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
        fn the_form_of_num_bigint(x in integers(4)) {
            let text = serde_json::to_string(&x).unwrap();
            prop_assert_eq!(&text, &serde_json::to_string(&to_big_signed(&x)).unwrap());
            prop_assert_eq!(serde_json::from_str::<BigInt>(&text).unwrap(), to_big_signed(&x));
            prop_assert_eq!(serde_json::from_str::<Integer>(&text).unwrap(), x);
        }
    }

    #[test]
    fn signs_that_there_are_not_are_refused() {
        let error = |text| serde_json::from_str::<Integer>(text).unwrap_err().to_string();
        assert!(error("[2,[1]]").starts_with("a sign is -1, 0 or 1, not 2"));
        assert!(error("[0,[1]]").starts_with("a number with sign 0 is 0"));
        assert_eq!(serde_json::from_str::<Integer>("[-1,[]]").unwrap(), Integer::default());
    }
}
