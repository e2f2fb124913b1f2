//! Integers as text: a sign and the digits of the magnitude.

use super::Integer;
use crate::bigint::natural::{Natural, ParseError, digits_of};
use std::fmt;
use std::str::FromStr;

impl Integer {
    /// The digits in this radix after a `-` if the number is negative, lower-case letters for those
    /// above 9.
    ///
    /// ```
    /// # use pi_spigot::bigint::Integer;
    /// assert_eq!(Integer::from(-255).to_str_radix(16), "-ff");
    /// ```
    ///
    /// # Panics
    /// If `radix` is not between 2 and 36.
    #[must_use]
    pub fn to_str_radix(&self, radix: u32) -> String {
        let digits = digits_of(self.magnitude.limbs(), radix);
        if self.negative { format!("-{digits}") } else { digits }
    }

    /// Reads digits of this radix, letters of either case, after an optional `+` or `-`.
    ///
    /// # Errors
    /// If `text` holds no digit, or anything else.
    ///
    /// # Panics
    /// If `radix` is not between 2 and 36.
    pub fn from_str_radix(text: &str, radix: u32) -> Result<Self, ParseError> {
        let Some(unsigned) = text.strip_prefix('-') else {
            return Ok(Self::new(false, Natural::from_str_radix(text, radix)?));
        };
        let refused = |error| match error {
            ParseError::NotADigit { at, radix } => ParseError::NotADigit { at: at + 1, radix },
            ParseError::Empty => error,
        };
        if unsigned.starts_with('+') {
            return Err(ParseError::NotADigit { at: 1, radix });
        }
        Ok(Self::new(true, Natural::from_str_radix(unsigned, radix).map_err(refused)?))
    }
}

macro_rules! formats {
    ($($trait:ident $prefix:literal $radix:literal)*) => {$(
        /// A sign and the magnitude; not two's complement.
        impl fmt::$trait for Integer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad_integral(!self.negative, $prefix, &digits_of(self.magnitude.limbs(), $radix))
            }
        }
    )*};
}
formats!(Display "" 10 LowerHex "0x" 16 Binary "0b" 2 Octal "0o" 8);

/// A sign and the magnitude; not two's complement.
impl fmt::UpperHex for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = digits_of(self.magnitude.limbs(), 16).to_ascii_uppercase();
        f.pad_integral(!self.negative, "0x", &digits)
    }
}

/// Decimal digits, as [`fmt::Display`].
impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Integer {
    type Err = ParseError;

    /// Reads decimal digits after an optional `+` or `-`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_str_radix(text, 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{integers, to_big_signed};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn formats(x in integers(4), radix in 2u32..=36) {
            let big = to_big_signed(&x);
            prop_assert_eq!(format!("{x} {x:+} {x:?}"), format!("{big} {big:+} {big:?}"));
            prop_assert_eq!(format!("{x:x} {x:#X}"), format!("{big:x} {big:#X}"));
            prop_assert_eq!(format!("{x:#b} {x:o} {x:090}"), format!("{big:#b} {big:o} {big:090}"));
            let text = x.to_str_radix(radix);
            prop_assert_eq!(&text, &big.to_str_radix(radix));
            prop_assert_eq!(Integer::from_str_radix(&text, radix), Ok(x));
        }
    }

    #[test]
    fn signs() {
        assert_eq!("+5".parse(), Ok(Integer::from(5)));
        assert_eq!("-0".parse(), Ok(Integer::default()));
        assert_eq!("-1-".parse::<Integer>(), Err(ParseError::NotADigit { at: 2, radix: 10 }));
        assert_eq!("-+1".parse::<Integer>(), Err(ParseError::NotADigit { at: 1, radix: 10 }));
        assert_eq!("-".parse::<Integer>(), Err(ParseError::Empty));
        assert_eq!(format!("{:+}", Integer::from(7)), "+7");
    }
}
