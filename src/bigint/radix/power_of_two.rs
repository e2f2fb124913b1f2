//! Radices 2, 4, 8, 16 and 32: digits are bits of limbs. Cost: linear.

use super::digit;
use crate::bigint::limbs::normalized_len;
use crate::memory::Limbs;

/// The digits of `n`, normalized; `bits` per digit, 1 to 5.
pub(super) fn to_digits(n: &[u64], bits: u32) -> Vec<u8> {
    let length = n.last().map_or(0, |top| 64 * n.len() - top.leading_zeros() as usize);
    let digits = length.div_ceil(bits as usize).max(1);
    let limb = |at: usize| u128::from(n.get(at).copied().unwrap_or(0));
    let value = |at: usize| {
        let (at, shift) = (at * bits as usize / 64, at * bits as usize % 64);
        ((limb(at + 1) << 64 | limb(at)) >> shift) as u64 & ((1 << bits) - 1)
    };
    (0..digits).rev().map(|at| digit(value(at))).collect()
}

/// The number of these digit values, least significant first; `bits` per digit, 1 to 5.
pub(super) fn from_values(count: usize, values: impl Iterator<Item = u64>, bits: u32) -> Limbs {
    let mut n = Limbs::with_capacity((count * bits as usize).div_ceil(64));
    let (mut limb, mut filled) = (0, 0);
    for value in values {
        limb |= value << filled;
        filled += bits;
        if filled >= 64 {
            n.push(limb);
            filled -= 64;
            // The upper bits of the value, which did not fit: none where the value ends with the limb.
            limb = value >> (bits - filled);
        }
    }
    n.push(limb);
    n.truncate(normalized_len(&n));
    n
}
