//! Numbers as text.
//!
//! | radix | to text | from text |
//! |---|---|---|
//! | 10 | [`format`]: one division, then a tree of products in [`fraction`] | [`parse`] |
//! | 2, 4, 8, 16, 32 | [`power_of_two`] | [`power_of_two`] |
//! | others up to 36 | [`divide`]: a tree of divisions | [`parse`] |

mod base;
mod divide;
mod format;
pub(crate) mod fraction;
mod parse;
mod power;
mod power_of_two;

pub(crate) use format::to_decimal;
pub(crate) use parse::from_decimal;
pub(crate) use power::{power_of_five, square};

use super::limbs::normalized;
use crate::memory::Limbs;
use base::Base;

/// Decimal digits that fit a limb.
const LIMB_DIGITS: usize = Base::DECIMAL.digits;
/// `10^19`, the largest power of ten in a limb.
const LIMB_POWER: u64 = Base::DECIMAL.power;

/// Limbs that hold `digits` decimal digits, rounded up.
pub(crate) const fn limbs_for_digits(digits: usize) -> usize {
    // log2(10) / 64 = 0.0519051268...; 4 decimals above, 64-bit arithmetic to 10^15 digits.
    (digits as u128 * 519_051_269 / 10_000_000_000) as usize + 1
}

/// The digits of `n` in a radix of 2 to 36, ASCII with lower-case letters, without leading zeros
/// but for `0`. Decimal text is faster by [`to_decimal`].
#[must_use]
pub(crate) fn to_digits(n: &[u64], radix: u32) -> Vec<u8> {
    let n = normalized(n);
    let mut text = match radix.is_power_of_two() {
        true => power_of_two::to_digits(n, radix.trailing_zeros()),
        false => divide::to_digits(n, radix.into()),
    };
    strip_zeros(&mut text);
    text
}

/// Drops leading zeros, but for a last one.
fn strip_zeros(text: &mut Vec<u8>) {
    let zeros = text.iter().take_while(|&&c| c == b'0').count();
    text.drain(..zeros.min(text.len().saturating_sub(1)));
}

/// The number that digits of a radix of 2 to 36 stand for, normalized; every byte must be a digit.
#[must_use]
pub(crate) fn from_digits(text: &str, radix: u32) -> Limbs {
    let value = |c: u8| u64::from(char::from(c).to_digit(radix).expect("a digit of the radix"));
    if radix.is_power_of_two() {
        let values = text.bytes().rev().map(value);
        return power_of_two::from_values(text.len(), values, radix.trailing_zeros());
    }
    parse::from_digits(text.as_bytes(), &Base::new(radix.into()), value)
}

/// A digit below 36 as ASCII.
fn digit(value: u64) -> u8 {
    b"0123456789abcdefghijklmnopqrstuvwxyz"[value as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{patterns, to_big};

    #[test]
    fn every_radix_and_length_class() {
        for n in [1, 2, 5, 29, 30, 31, 59, 60, 61, 130, 300] {
            for number in patterns(n) {
                for radix in 2..=36 {
                    let text = String::from_utf8(to_digits(&number, radix)).unwrap();
                    assert_eq!(text, to_big(&number).to_str_radix(radix), "{n} limbs, radix {radix}");
                    assert_eq!(*from_digits(&text, radix), *normalized(&number), "{n} limbs, radix {radix}");
                }
            }
        }
    }

    #[test]
    fn zero_is_one_digit_in_every_radix() {
        for radix in 2..=36 {
            assert_eq!(to_digits(&[], radix), b"0");
            assert!(from_digits("000", radix).is_empty());
        }
    }

    #[test]
    fn powers_of_the_radix() {
        for radix in 2..=36u32 {
            for exponent in [1, 11, 12, 13, 63, 64, 65, 200, 1000] {
                let text = format!("1{:0>exponent$}", "");
                let power = from_digits(&text, radix);
                assert_eq!(to_big(&power), num_bigint::BigUint::from(radix).pow(exponent as u32));
                assert_eq!(to_digits(&power, radix), text.as_bytes());
            }
        }
    }
}
