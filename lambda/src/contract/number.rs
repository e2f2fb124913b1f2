//! JSON numbers as counts of digits, parsed exactly.
//!
//! `f64` would read 9007199254740993 as ...992 and 1e400 as infinity. Parse the text instead: with
//! significant digits D (trailing zeros removed) and exponent e, the value D 10^e is an integer if and
//! only if e >= 0.

use super::error::DigitsProblem;
use pi_spigot::pi::{DigitCount, ParseDigitCountError};

/// Decimal digits of [`DigitCount::MAX`].
const MOST_DIGITS: i64 = 13;

/// Parses a JSON number as a count: `10000`, `1e4` and `10000.0` are equal.
///
/// `number` must follow JSON's grammar.
pub(crate) fn count(number: &str) -> Result<DigitCount, DigitsProblem> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (mantissa, negative) = mantissa.strip_prefix('-').map_or((mantissa, false), |rest| (rest, true));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Err(DigitsProblem::Count(ParseDigitCountError::Zero));
    }
    if negative {
        return Err(DigitsProblem::Negative);
    }
    let trailing_zeros = all.len() - all.trim_end_matches('0').len();
    let shift = exponent_of(exponent)
        .saturating_sub_unsigned(fraction.len() as u64)
        .saturating_add_unsigned(trailing_zeros as u64);
    if shift < 0 {
        return Err(DigitsProblem::Fraction);
    }
    integer(significant, shift).map_err(DigitsProblem::Count)
}

/// Appends `zeros` zeros to the digits and parses the integer.
fn integer(digits: &str, zeros: i64) -> Result<DigitCount, ParseDigitCountError> {
    if zeros.saturating_add_unsigned(digits.len() as u64) > MOST_DIGITS {
        return Err(ParseDigitCountError::TooLarge);
    }
    let zeros = zeros.unsigned_abs() as usize;
    format!("{digits}{:0<zeros$}", "").parse()
}

/// Parses an exponent; saturates beyond 64 bits, where only its sign matters.
fn exponent_of(text: &str) -> i64 {
    let beyond = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    text.parse().unwrap_or(beyond)
}

#[cfg(test)]
mod tests {
    use super::ParseDigitCountError::{TooLarge, Zero};
    use super::*;

    #[test]
    fn integers_in_any_notation() {
        for (number, n) in [
            ("1", 1),
            ("10000", 10_000),
            ("1e4", 10_000),
            ("1E+4", 10_000),
            ("10000.0", 10_000),
            ("1.5e1", 15),
            ("0.001e6", 1000),
            ("100e-2", 1),
            ("1000000000000", 1_000_000_000_000),
            ("1e12", 1_000_000_000_000),
            ("999999999999.000000", 999_999_999_999),
        ] {
            assert_eq!(count(number), Ok(DigitCount::new(n).unwrap()), "{number}");
        }
    }

    #[test]
    fn everything_else_has_its_reason() {
        let count_of = |problem| Err(DigitsProblem::Count(problem));
        for (number, expected) in [
            ("0", count_of(Zero)),
            ("-0", count_of(Zero)),
            ("0.000e99999999999999999999", count_of(Zero)),
            ("-1", Err(DigitsProblem::Negative)),
            ("-1.5", Err(DigitsProblem::Negative)),
            ("1.5", Err(DigitsProblem::Fraction)),
            ("1e-1", Err(DigitsProblem::Fraction)),
            ("1e-99999999999999999999", Err(DigitsProblem::Fraction)),
            ("1e400", count_of(TooLarge)),
            ("1e99999999999999999999", count_of(TooLarge)),
            ("123456789012345678901234567890", count_of(TooLarge)),
            ("1000000000001", count_of(TooLarge)),
            ("9007199254740993.5", Err(DigitsProblem::Fraction)),
        ] {
            assert_eq!(count(number), expected, "{number}");
        }
    }
}
