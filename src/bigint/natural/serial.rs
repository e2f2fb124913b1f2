//! Serialization in the form of num-bigint: a sequence of 32-bit words, least significant first.

use super::Natural;
use crate::memory::Limbs;
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// As num-bigint's `BigUint`: a sequence of `u32`, least significant first, the last of them not 0.
impl Serialize for Natural {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = self.bits().div_ceil(32) as usize;
        let halves = self.limbs.iter().flat_map(|&limb| [limb as u32, (limb >> 32) as u32]);
        let mut sequence = serializer.serialize_seq(Some(words))?;
        for word in halves.take(words) {
            sequence.serialize_element(&word)?;
        }
        sequence.end()
    }
}

/// From the form that [`Natural`] is serialized in; zeros may follow at the end.
impl<'de> Deserialize<'de> for Natural {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Words)
    }
}

struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Natural;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sequence of 32-bit words, least significant first")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Natural, A::Error> {
        // A length that is only announced takes no memory.
        let mut limbs = Limbs::new();
        while let Some(low) = words.next_element::<u32>()? {
            let high = words.next_element::<u32>()?.unwrap_or(0);
            limbs.push(u64::from(high) << 32 | u64::from(low));
        }
        Ok(Natural::from_words(limbs))
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
        fn the_form_of_num_bigint(a in numbers(6), shift in 0u32..64) {
            let (x, big) = (natural(&a) >> shift, to_big(&a) >> shift);
            let text = serde_json::to_string(&x).unwrap();
            prop_assert_eq!(&text, &serde_json::to_string(&big).unwrap());
            prop_assert_eq!(serde_json::from_str::<Natural>(&text).unwrap(), x);
            prop_assert_eq!(serde_json::from_str::<BigUint>(&text).unwrap(), big);
        }
    }

    #[test]
    fn leading_zeros_are_dropped_and_other_types_refused() {
        assert_eq!(serde_json::from_str::<Natural>("[7,0,0,0]").unwrap(), Natural::from(7u8));
        let error = serde_json::from_str::<Natural>("\"7\"").unwrap_err().to_string();
        assert!(error.contains("expected a sequence of 32-bit words, least significant first"), "{error}");
        assert!(serde_json::from_str::<Natural>("[4294967296]").is_err());
    }
}
