//! Two's complement bytes, least or most significant first.

use super::Integer;
use crate::bigint::Natural;

impl Integer {
    /// The number of these two's complement bytes, least significant first; 0 without any byte.
    ///
    /// ```
    /// # use pi_spigot::bigint::Integer;
    /// assert_eq!(Integer::from_signed_bytes_le(&[0x00, 0xff]), Integer::from(-256));
    /// ```
    #[must_use]
    pub fn from_signed_bytes_le(bytes: &[u8]) -> Self {
        if bytes.last().is_none_or(|&top| top < 0x80) {
            return Self::from(Natural::from_bytes_le(bytes));
        }
        let mut magnitude = bytes.to_vec();
        negate(&mut magnitude);
        Self::new(true, Natural::from_bytes_le(&magnitude))
    }

    /// The number of these two's complement bytes, most significant first; 0 without any byte.
    #[must_use]
    pub fn from_signed_bytes_be(bytes: &[u8]) -> Self {
        let mut bytes = bytes.to_vec();
        bytes.reverse();
        Self::from_signed_bytes_le(&bytes)
    }

    /// As few two's complement bytes as hold the number and its sign, least significant first.
    #[must_use]
    pub fn to_signed_bytes_le(&self) -> Vec<u8> {
        let mut bytes = self.magnitude.to_bytes_le();
        if self.negative {
            negate(&mut bytes);
        }
        // Zero cannot be negative, so that its single byte needs no other.
        if bytes.last().is_some_and(|&top| (top >= 0x80) != self.negative) {
            bytes.push(if self.negative { 0xff } else { 0 });
        }
        bytes
    }

    /// As few two's complement bytes as hold the number and its sign, most significant first.
    #[must_use]
    pub fn to_signed_bytes_be(&self) -> Vec<u8> {
        let mut bytes = self.to_signed_bytes_le();
        bytes.reverse();
        bytes
    }
}

/// Negates a number of little-endian bytes in place.
fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        (*byte, carry) = (!*byte).overflowing_add(carry.into());
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
        fn bytes_of_numbers(x in integers(4), small: i16) {
            for x in [x, Integer::from(small)] {
                let big = to_big_signed(&x);
                prop_assert_eq!(x.to_signed_bytes_le(), big.to_signed_bytes_le());
                prop_assert_eq!(x.to_signed_bytes_be(), big.to_signed_bytes_be());
                prop_assert_eq!(Integer::from_signed_bytes_be(&x.to_signed_bytes_be()), x);
            }
        }

        #[test]
        fn numbers_of_bytes(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            let x = Integer::from_signed_bytes_le(&bytes);
            prop_assert_eq!(to_big_signed(&x), BigInt::from_signed_bytes_le(&bytes));
        }
    }

    #[test]
    fn the_ends_of_a_byte() {
        for (value, bytes) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[128, 0]),
            (-128, &[128]),
            (-129, &[127, 255]),
            (-1, &[255]),
        ] {
            assert_eq!(Integer::from(value).to_signed_bytes_le(), bytes, "{value}");
            assert_eq!(Integer::from_signed_bytes_le(bytes), Integer::from(value));
        }
    }
}
