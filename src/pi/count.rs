//! The number of digits: valid by construction.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

/// A number of significant digits of pi, the leading 3 included: 1 to [`DigitCount::MAX`].
///
/// Its text is an integer in decimal notation: `10000`, `10_000`, `1e4`, `1.5e6`, `10000.0`.
/// Single underscores may stand between digits of the mantissa, as in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigitCount(NonZeroU64);

impl DigitCount {
    /// One digit: "3".
    pub const MIN: Self = Self(NonZeroU64::MIN);

    /// A trillion: more digits than any one machine of today has memory for.
    pub const MAX: Self = match NonZeroU64::new(1_000_000_000_000) {
        Some(max) => Self(max),
        None => unreachable!(),
    };

    /// The count `n`.
    ///
    /// # Errors
    /// [`ParseDigitCountError::Zero`] or [`ParseDigitCountError::TooLarge`].
    pub fn new(n: u64) -> Result<Self, ParseDigitCountError> {
        let count = NonZeroU64::new(n).ok_or(ParseDigitCountError::Zero)?;
        if count > Self::MAX.0 {
            return Err(ParseDigitCountError::TooLarge);
        }
        Ok(Self(count))
    }

    /// [`DigitCount::new`] for constants; none instead of an error.
    #[must_use]
    pub const fn new_const(n: u64) -> Option<Self> {
        match NonZeroU64::new(n) {
            Some(count) if n <= Self::MAX.get() => Some(Self(count)),
            _ => None,
        }
    }

    /// The count as an integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// Length in bytes of the text of so many digits, the point included.
    #[must_use]
    pub const fn text_len(self) -> u64 {
        match self.get() {
            1 => 1,
            n => n + 1,
        }
    }
}

impl TryFrom<u64> for DigitCount {
    type Error = ParseDigitCountError;

    /// [`DigitCount::new`].
    fn try_from(n: u64) -> Result<Self, Self::Error> {
        Self::new(n)
    }
}

impl From<DigitCount> for u64 {
    fn from(count: DigitCount) -> Self {
        count.get()
    }
}

impl fmt::Display for DigitCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DigitCount {
    type Err = ParseDigitCountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(parse_integer(text)?)
    }
}

/// The positive integer that a text denotes, saturated at `u64::MAX`.
///
/// Decides exactly, by the decimal digits: `f64` would round 9007199254740993 and call 1e400 infinite.
pub(super) fn parse_integer(text: &str) -> Result<u64, ParseDigitCountError> {
    if text.is_empty() {
        return Err(ParseDigitCountError::Empty);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    check_groups(whole)?;
    check_groups(fraction)?;
    let exponent = parse_exponent(exponent)?;

    // The value is the integer of all mantissa digits times 10^(exponent - fraction digits).
    let digits = || whole.bytes().chain(fraction.bytes()).filter(u8::is_ascii_digit);
    let significant = digits().rev().skip_while(|&digit| digit == b'0').count();
    let zeros = digits().count() - significant;
    let decimals = fraction.bytes().filter(u8::is_ascii_digit).count();
    let shift = exponent.saturating_add_unsigned(zeros as u64).saturating_sub_unsigned(decimals as u64);
    // Saturating is enough: a saturated value is too large.
    let push = |n: u64, digit: u8| n.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    match digits().take(significant).fold(0, push) {
        0 => Err(ParseDigitCountError::Zero),
        _ if shift < 0 => Err(ParseDigitCountError::Fraction),
        n => Ok(times_power_of_ten(n, shift)),
    }
}

/// `n 10^exponent`, at most `u64::MAX`.
fn times_power_of_ten(n: u64, exponent: i64) -> u64 {
    let power = u32::try_from(exponent).ok().and_then(|exponent| 10_u64.checked_pow(exponent));
    power.map_or(u64::MAX, |power| n.saturating_mul(power))
}

/// Accepts decimal digits with single underscores between them.
fn check_groups(digits: &str) -> Result<(), ParseDigitCountError> {
    if digits.bytes().any(|byte| byte != b'_' && !byte.is_ascii_digit()) {
        return Err(ParseDigitCountError::NotADigit);
    }
    if digits.split('_').any(str::is_empty) {
        let nothing = digits.is_empty();
        return Err(if nothing { ParseDigitCountError::NotADigit } else { ParseDigitCountError::Separator });
    }
    Ok(())
}

/// The exponent, saturated: 19 digits already put the number far out of range.
fn parse_exponent(text: &str) -> Result<i64, ParseDigitCountError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Err(ParseDigitCountError::NotADigit);
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// The reason why a number or a text is no [`DigitCount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseDigitCountError {
    /// No character at all.
    Empty,
    /// A character that is not part of a number, or a missing digit.
    NotADigit,
    /// An underscore that does not stand between two digits.
    Separator,
    /// A number with a fractional part.
    Fraction,
    /// Zero digits.
    Zero,
    /// More than [`DigitCount::MAX`].
    TooLarge,
}

impl fmt::Display for ParseDigitCountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::NotADigit => {
                "only the digits 0 to 9 may occur, `_` between them, and an exponent as in 1e6"
            }
            Self::Separator => "each `_` must stand between two digits",
            Self::Fraction => "it is not an integer",
            Self::Zero => "it is zero, and the leading 3 is already one digit",
            Self::TooLarge => "it is larger than 1_000_000_000_000",
        })
    }
}

impl std::error::Error for ParseDigitCountError {}

#[cfg(test)]
mod tests {
    use super::ParseDigitCountError as E;
    use super::*;

    #[test]
    fn accepts_digits_with_single_underscores_between_them() {
        for (text, n) in [("1", 1), ("10_000", 10_000), ("1_0_0", 100), ("007", 7)] {
            assert_eq!(text.parse(), DigitCount::new(n), "{text}");
        }
        assert_eq!("1_000_000_000_000".parse(), Ok(DigitCount::MAX));
    }

    #[test]
    fn accepts_an_exponent_and_a_fraction_if_the_value_is_an_integer() {
        for (text, n) in [
            ("1e4", 10_000),
            ("1E+4", 10_000),
            ("1.5e6", 1_500_000),
            ("10_000.0", 10_000),
            ("1_0.5e1", 105),
            ("0.001e6", 1000),
            ("100e-2", 1),
            ("1.000_000e0", 1),
            ("999999999999.000000", 999_999_999_999),
            ("100000000000000000000000000000e-29", 1),
        ] {
            assert_eq!(text.parse(), DigitCount::new(n), "{text}");
        }
        assert_eq!("1e12".parse(), Ok(DigitCount::MAX));
    }

    #[test]
    fn refuses_everything_else_with_the_reason() {
        for (text, error) in [
            ("", E::Empty),
            ("_", E::Separator),
            ("_1", E::Separator),
            ("1_", E::Separator),
            ("1__0", E::Separator),
            ("ten", E::NotADigit),
            ("-1", E::NotADigit),
            ("+1", E::NotADigit),
            (" 1", E::NotADigit),
            ("1.5", E::Fraction),
            ("1.5_", E::Separator),
            (".5", E::NotADigit),
            ("1.", E::NotADigit),
            ("1.5.0e1", E::NotADigit),
            ("e6", E::NotADigit),
            ("1e", E::NotADigit),
            ("1e+", E::NotADigit),
            ("1e1_0", E::NotADigit),
            ("1e1e1", E::NotADigit),
            ("1_e6", E::Separator),
            ("0x10", E::NotADigit),
            ("1e-1", E::Fraction),
            ("1.25e1", E::Fraction),
            ("9007199254740993.5", E::Fraction),
            ("1e-99999999999999999999", E::Fraction),
            ("0e99999999999999999999", E::Zero),
            ("0.000", E::Zero),
            ("1e400", E::TooLarge),
            ("1e99999999999999999999", E::TooLarge),
            ("\u{0661}", E::NotADigit),
            ("0", E::Zero),
            ("0_0", E::Zero),
            ("1_000_000_000_001", E::TooLarge),
            ("123456789012345678901234567890", E::TooLarge),
        ] {
            assert_eq!(text.parse::<DigitCount>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn converts_from_and_to_integers() {
        assert_eq!(DigitCount::try_from(7).map(u64::from), Ok(7));
        assert_eq!(DigitCount::try_from(0), Err(E::Zero));
        assert_eq!(DigitCount::try_from(DigitCount::MAX.get() + 1), Err(E::TooLarge));
    }

    #[test]
    fn the_stated_limit_is_the_limit() {
        let limit = DigitCount::MAX.get().to_string();
        assert_eq!(E::TooLarge.to_string().replace('_', ""), format!("it is larger than {limit}"));
    }
}
