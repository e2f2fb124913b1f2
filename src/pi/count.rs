//! The number of digits: valid by construction.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

/// A number of significant digits of pi, the leading 3 included: 1 to [`DigitCount::MAX`].
///
/// Its text is a string of decimal digits, which single underscores may separate as in Rust: `10000`,
/// `10_000`.
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
        if text.is_empty() {
            return Err(ParseDigitCountError::Empty);
        }
        let mut n = 0_u64;
        for group in text.split('_') {
            if group.is_empty() {
                return Err(ParseDigitCountError::Separator);
            }
            for byte in group.bytes() {
                if !byte.is_ascii_digit() {
                    return Err(ParseDigitCountError::NotADigit);
                }
                // A saturated number is too large, and refused as such.
                n = n.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
            }
        }
        Self::new(n)
    }
}

/// The reason why a number or a text is no [`DigitCount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseDigitCountError {
    /// No character at all.
    Empty,
    /// A character other than 0 to 9 and the underscore.
    NotADigit,
    /// An underscore that does not stand between two digits.
    Separator,
    /// Zero digits.
    Zero,
    /// More than [`DigitCount::MAX`].
    TooLarge,
}

impl fmt::Display for ParseDigitCountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::NotADigit => "only the digits 0 to 9 may occur, and `_` between them",
            Self::Separator => "each `_` must stand between two digits",
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
            ("1.5", E::NotADigit),
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
