//! Decimal text to an integer: halves first, then one product.
//!
//! ```text
//! value(text) = value(upper part) 10^k + value(lower k digits)
//! ```
//!
//! `k` is 19 times a power of two, so that one table of powers, made by
//! squaring, serves all. Source: MCA, 1.7.1.

use super::power::square;
use super::{LIMB_DIGITS, LIMB_POWER};
use crate::bigint::limbs::{add_in_place, mul_limb_in_place, normalized_len};
use crate::bigint::mul::product;
use crate::memory::Limbs;

/// Chunks of 19 digits below which digits are taken one chunk at a time.
const SPLIT_THRESHOLD: usize = 32;

/// The number that ASCII decimal digits stand for, normalized; every byte
/// must be a digit.
#[must_use]
pub(crate) fn from_decimal(text: &[u8]) -> Limbs {
    let mut powers = vec![Limbs::from([LIMB_POWER])];
    let mut width = LIMB_DIGITS;
    while width < text.len().div_ceil(2) {
        powers.push(square(&powers[powers.len() - 1]));
        width *= 2;
    }
    value_of(text, &powers)
}

fn value_of(text: &[u8], powers: &[Limbs]) -> Limbs {
    if text.len() <= SPLIT_THRESHOLD * LIMB_DIGITS {
        return by_chunk(text);
    }
    // The largest power that leaves something above.
    let mut level = powers.len() - 1;
    while LIMB_DIGITS << level >= text.len() {
        level -= 1;
    }
    let (high, low) = text.split_at(text.len() - (LIMB_DIGITS << level));
    let (high, low) = (value_of(high, powers), value_of(low, powers));
    let mut value = product(&high, &powers[level]);
    value.resize(value.len().max(low.len()));
    let carry = add_in_place(&mut value, &low);
    debug_assert!(!carry);
    value.truncate(normalized_len(&value));
    value
}

fn by_chunk(text: &[u8]) -> Limbs {
    let mut value = Limbs::with_capacity(text.len() / LIMB_DIGITS + 1);
    let (first, rest) = text.split_at(text.len() % LIMB_DIGITS);
    for chunk in std::iter::once(first).chain(rest.chunks(LIMB_DIGITS)) {
        let number = chunk.iter().fold(0, |n, &c| 10 * n + u64::from(c - b'0'));
        let top = mul_limb_in_place(&mut value, LIMB_POWER, number);
        if top != 0 {
            value.push(top);
        }
    }
    value
}
