//! Numbers as bytes, least or most significant first.

use super::Natural;
use crate::memory::Limbs;

impl Natural {
    /// The number of these bytes, least significant first; zeros may follow at the end.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// assert_eq!(Natural::from_bytes_le(&[0x34, 0x12, 0]), Natural::from(0x1234u16));
    /// ```
    #[must_use]
    pub fn from_bytes_le(bytes: &[u8]) -> Self {
        let limb = |chunk: &[u8]| chunk.iter().rev().fold(0, |limb, &byte| limb << 8 | u64::from(byte));
        Self::from_chunks(bytes.len(), bytes.chunks(8).map(limb))
    }

    /// The number of these bytes, most significant first; zeros may stand in front.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// assert_eq!(Natural::from_bytes_be(&[0, 0x12, 0x34]), Natural::from(0x1234u16));
    /// ```
    #[must_use]
    pub fn from_bytes_be(bytes: &[u8]) -> Self {
        let limb = |chunk: &[u8]| chunk.iter().fold(0, |limb, &byte| limb << 8 | u64::from(byte));
        Self::from_chunks(bytes.len(), bytes.rchunks(8).map(limb))
    }

    fn from_chunks(bytes: usize, limbs: impl Iterator<Item = u64>) -> Self {
        let mut number = Limbs::with_capacity(bytes.div_ceil(8));
        limbs.for_each(|limb| number.push(limb));
        Self::from_words(number)
    }

    /// The bytes, least significant first, the last of them not zero; one zero for 0.
    #[must_use]
    pub fn to_bytes_le(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        bytes.truncate(self.bits().div_ceil(8).max(1) as usize);
        if bytes.is_empty() { vec![0] } else { bytes }
    }

    /// The bytes, most significant first, the first of them not zero; one zero for 0.
    #[must_use]
    pub fn to_bytes_be(&self) -> Vec<u8> {
        let mut bytes = self.to_bytes_le();
        bytes.reverse();
        bytes
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
        fn bytes_of_numbers(a in numbers(6)) {
            let (x, big) = (natural(&a), to_big(&a));
            prop_assert_eq!(x.to_bytes_le(), big.to_bytes_le());
            prop_assert_eq!(x.to_bytes_be(), big.to_bytes_be());
        }

        #[test]
        fn numbers_of_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let x = Natural::from_bytes_le(&bytes);
            prop_assert_eq!(x.limbs(), BigUint::from_bytes_le(&bytes).to_u64_digits());
            let x = Natural::from_bytes_be(&bytes);
            prop_assert_eq!(x.limbs(), BigUint::from_bytes_be(&bytes).to_u64_digits());
        }
    }

    #[test]
    fn zero_is_one_byte() {
        assert_eq!(Natural::default().to_bytes_le(), [0]);
        assert_eq!(Natural::from_bytes_be(&[0, 0, 0]), Natural::default());
        assert_eq!(Natural::from_bytes_le(&[]), Natural::default());
    }
}
