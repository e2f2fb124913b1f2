//! Text to an integer: halves first, then one product.
//!
//! ```text
//! value(text) = value(upper part) radix^k + value(lower k digits)
//! ```
//!
//! `k` is the digits of a limb times a power of two, so that one table of powers, made by squaring,
//! serves all. Source: MCA, 1.7.1.

use super::base::Base;
use super::power::square;
use crate::bigint::limbs::{add_in_place, mul_limb_in_place, normalized_len};
use crate::bigint::mul::product;
use crate::bigint::proven::proven;
use crate::bigint::residue::{residue, residue_of_digits};
use crate::bigint::thresholds::{PARSE, PROVEN};
use crate::memory::Limbs;

/// The number that ASCII decimal digits stand for, normalized; every byte
/// must be a digit.
#[must_use]
pub(crate) fn from_decimal(text: &[u8]) -> Limbs {
    proven_value(text, &Base::DECIMAL, |c| u64::from(c - b'0'), || residue_of_digits(text))
}

/// The number that digits stand for, normalized; `value` tells that of a digit.
pub(super) fn from_digits(text: &[u8], base: &Base, value: impl Fn(u8) -> u64 + Copy) -> Limbs {
    proven_value(text, base, value, || base.residue(text, value))
}

/// The number that digits stand for; a long one has the residue that the text has.
///
/// # Panics
/// If the number is wrong twice, which a sound machine never shows.
fn proven_value(
    text: &[u8],
    base: &Base,
    value: impl Fn(u8) -> u64 + Copy,
    expected: impl Fn() -> u64,
) -> Limbs {
    proven("a number read from text", || {
        let number = value_by_halves(text, base, value);
        (text.len() < PROVEN * base.digits || residue(&number) == expected()).then_some(number)
    })
}

fn value_by_halves(text: &[u8], base: &Base, value: impl Fn(u8) -> u64 + Copy) -> Limbs {
    let mut powers = vec![Limbs::from([base.power])];
    let mut width = base.digits;
    while width < text.len().div_ceil(2) {
        powers.push(square(&powers[powers.len() - 1]));
        width *= 2;
    }
    value_of(text, base, &powers, value)
}

fn value_of(text: &[u8], base: &Base, powers: &[Limbs], digit: impl Fn(u8) -> u64 + Copy) -> Limbs {
    if text.len() <= PARSE * base.digits {
        return by_chunk(text, base, digit);
    }
    // The largest power that leaves something above.
    let mut level = powers.len() - 1;
    while base.digits << level >= text.len() {
        level -= 1;
    }
    let (high, low) = text.split_at(text.len() - (base.digits << level));
    let (high, low) = (value_of(high, base, powers, digit), value_of(low, base, powers, digit));
    let mut value = product(&high, &powers[level]);
    value.resize(value.len().max(low.len()));
    let carry = add_in_place(&mut value, &low);
    debug_assert!(!carry);
    value.truncate(normalized_len(&value));
    value
}

fn by_chunk(text: &[u8], base: &Base, digit: impl Fn(u8) -> u64) -> Limbs {
    let mut value = Limbs::with_capacity(text.len() / base.digits + 1);
    let (first, rest) = text.split_at(text.len() % base.digits);
    for chunk in std::iter::once(first).chain(rest.chunks(base.digits)) {
        let number = chunk.iter().fold(0, |n, &c| base.radix * n + digit(c));
        let top = mul_limb_in_place(&mut value, base.power, number);
        if top != 0 {
            value.push(top);
        }
    }
    #[cfg(test)]
    crate::bigint::fault::limbs(&mut value);
    value
}
