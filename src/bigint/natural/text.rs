//! Numbers as text.

use super::Natural;
use crate::bigint::radix::{from_decimal, from_digits, to_decimal, to_digits};
use std::fmt;
use std::str::FromStr;

impl Natural {
    /// The digits in this radix, lower-case letters for those above 9.
    ///
    /// Cost: linear for powers of two; a tree of half-length divisions otherwise.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// assert_eq!(Natural::from(1295u32).to_str_radix(36), "zz");
    /// ```
    ///
    /// # Panics
    /// If `radix` is not between 2 and 36.
    #[must_use]
    pub fn to_str_radix(&self, radix: u32) -> String {
        digits_of(&self.limbs, radix)
    }

    /// Reads digits of this radix, letters of either case, after an optional `+`.
    ///
    /// ```
    /// # use pi_spigot::bigint::Natural;
    /// assert_eq!(Natural::from_str_radix("+Zz", 36), Ok(Natural::from(1295u32)));
    /// ```
    ///
    /// # Errors
    /// If `text` holds no digit, or anything else.
    ///
    /// # Panics
    /// If `radix` is not between 2 and 36.
    pub fn from_str_radix(text: &str, radix: u32) -> Result<Self, ParseError> {
        assert_radix(radix);
        let sign_len = usize::from(text.starts_with('+'));
        let digits = &text[sign_len..];
        if digits.is_empty() {
            return Err(ParseError::Empty);
        }
        match digits.bytes().position(|byte| !char::from(byte).is_digit(radix)) {
            Some(at) => Err(ParseError::NotADigit { at: sign_len + at, radix }),
            None if radix == 10 => Ok(Self { limbs: from_decimal(digits.as_bytes()) }),
            None => Ok(Self { limbs: from_digits(digits, radix) }),
        }
    }
}

fn assert_radix(radix: u32) {
    assert!((2..=36).contains(&radix), "a radix is 2 to 36, not {radix}");
}

/// Digits of a number as text.
pub(in crate::bigint) fn digits_of(limbs: &[u64], radix: u32) -> String {
    assert_radix(radix);
    let digits = if radix == 10 { to_decimal(limbs) } else { to_digits(limbs, radix) };
    String::from_utf8(digits).expect("digits are ASCII")
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "", &self.to_str_radix(10))
    }
}

/// Decimal digits, as [`fmt::Display`].
impl fmt::Debug for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::LowerHex for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "0x", &self.to_str_radix(16))
    }
}

impl fmt::UpperHex for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "0x", &self.to_str_radix(16).to_ascii_uppercase())
    }
}

impl fmt::Binary for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "0b", &self.to_str_radix(2))
    }
}

impl fmt::Octal for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "0o", &self.to_str_radix(8))
    }
}

/// A text that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// There is no digit.
    Empty,
    /// A byte is no digit of the radix.
    NotADigit {
        /// Offset of the byte.
        at: usize,
        /// The radix, 2 to 36.
        radix: u32,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(f, "a number needs at least one digit"),
            Self::NotADigit { at, radix } => {
                write!(f, "byte {at} is not a digit of radix {radix}: allowed are 0 to ")?;
                let last = char::from_digit(radix - 1, radix).expect("a radix is 2 to 36");
                if last.is_ascii_digit() { write!(f, "{last}") } else { write!(f, "9 and a to {last}") }
            }
        }
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Natural {
    type Err = ParseError;

    /// Reads decimal digits after an optional `+`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_str_radix(text, 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{natural, numbers, to_big};
    use proptest::prelude::*;

    const fn not_a_digit(at: usize, radix: u32) -> ParseError {
        ParseError::NotADigit { at, radix }
    }

    proptest! {
        #[test]
        fn formats(a in numbers(9)) {
            let (x, big) = (natural(&a), to_big(&a));
            prop_assert_eq!(format!("{x:x} {x:#X}"), format!("{big:x} {big:#X}"));
            prop_assert_eq!(format!("{x:#b} {x:o}"), format!("{big:#b} {big:o}"));
            prop_assert_eq!(format!("{x:#0150x} {x:?} {x:>90}"), format!("{big:#0150x} {big:?} {big:>90}"));
        }

        #[test]
        fn radices(a in numbers(9), radix in 2u32..=36) {
            let (x, big) = (natural(&a), to_big(&a));
            let text = x.to_str_radix(radix);
            prop_assert_eq!(&text, &big.to_str_radix(radix));
            prop_assert_eq!(Natural::from_str_radix(&text.to_uppercase(), radix), Ok(x));
        }
    }

    #[test]
    fn what_is_not_a_number() {
        assert_eq!("".parse::<Natural>(), Err(ParseError::Empty));
        assert_eq!("12-4".parse::<Natural>(), Err(not_a_digit(2, 10)));
        assert_eq!("000".parse::<Natural>(), Ok(Natural::default()));
        assert_eq!(Natural::default().to_string(), "0");
        assert_eq!(format!("{:>5}", Natural::from(42u8)), "   42");
        assert_eq!("+5".parse::<Natural>(), Ok(Natural::from(5u8)));
        assert_eq!("+".parse::<Natural>(), Err(ParseError::Empty));
        assert_eq!("++5".parse::<Natural>(), Err(not_a_digit(1, 10)));
        assert_eq!("-5".parse::<Natural>(), Err(not_a_digit(0, 10)));
        assert_eq!("1\u{661}".parse::<Natural>(), Err(not_a_digit(1, 10)));
    }

    #[test]
    fn errors_name_the_allowed_digits() {
        let message = |radix| Natural::from_str_radix("!", radix).unwrap_err().to_string();
        assert_eq!(message(2), "byte 0 is not a digit of radix 2: allowed are 0 to 1");
        assert_eq!(message(10), "byte 0 is not a digit of radix 10: allowed are 0 to 9");
        assert_eq!(message(36), "byte 0 is not a digit of radix 36: allowed are 0 to 9 and a to z");
    }

    #[test]
    #[should_panic(expected = "a radix is 2 to 36, not 37")]
    fn a_radix_beyond_the_letters_is_refused() {
        let _ = Natural::default().to_str_radix(37);
    }
}
