//! Series whose terms are a power of two over an odd integer.
//!
//! ```text
//! Bellard   pi = 1/64 sum (-1)^k / 2^(10k) ( -32/(4k+1) - 1/(4k+3) + 256/(10k+1)
//!                                            - 64/(10k+3) - 4/(10k+5) - 4/(10k+7) + 1/(10k+9) )
//! BBP       pi = sum 1 / 2^(4k) ( 4/(8k+1) - 2/(8k+4) - 1/(8k+5) - 1/(8k+6) )
//! ```
//!
//! Sources: Bellard, "A new formula to compute the n'th binary digit of pi" (1997); Bailey, Borwein
//! and Plouffe, "On the rapid computation of various polylogarithmic constants" (1997).

use std::fmt;
use std::str::FromStr;

/// A series that gives binary digits of pi at any position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Formula {
    /// Bellard's formula of 1997: seven fractions for ten bits.
    #[default]
    Bellard,
    /// The formula of Bailey, Borwein and Plouffe: four fractions for four bits, 1.4 times the work.
    Bbp,
}

/// One fraction of a term: `2^exponent / (factor k + offset)`, the denominator odd.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fraction {
    /// Subtracted in even terms.
    pub(super) negative: bool,
    /// Power of two in the numerator of the term `k = 0`.
    pub(super) exponent: i64,
    pub(super) factor: u64,
    pub(super) offset: u64,
}

const fn fraction(negative: bool, exponent: i64, factor: u64, offset: u64) -> Fraction {
    Fraction { negative, exponent, factor, offset }
}

/// The factor 1/64 is part of the exponents.
pub(super) const BELLARD: [Fraction; 7] = [
    fraction(true, -1, 4, 1),
    fraction(true, -6, 4, 3),
    fraction(false, 2, 10, 1),
    fraction(true, 0, 10, 3),
    fraction(true, -4, 10, 5),
    fraction(true, -4, 10, 7),
    fraction(false, -6, 10, 9),
];

/// Even denominators are written as a power of two times an odd one: `8k + 4 = 4 (2k + 1)`.
pub(super) const BBP: [Fraction; 4] =
    [fraction(false, 2, 8, 1), fraction(true, -1, 2, 1), fraction(true, 0, 8, 5), fraction(true, -1, 4, 3)];

/// The least exponent of either formula's fractions at `k = 0`, negated.
pub(super) const fn least<const N: usize>(fractions: &[Fraction; N]) -> i64 {
    let (mut least, mut f) = (0, 0);
    while f < N {
        if fractions[f].exponent < least {
            least = fractions[f].exponent;
        }
        f += 1;
    }
    least
}

impl Formula {
    /// Both formulas, the faster one first.
    pub const ALL: [Self; 2] = [Self::Bellard, Self::Bbp];

    /// The name that [`Formula::from_str`] takes: `bellard` or `bbp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bellard => "bellard",
            Self::Bbp => "bbp",
        }
    }

    /// Bits by which a term is smaller than the one before it.
    #[must_use]
    pub const fn bits_per_term(self) -> u64 {
        match self {
            Self::Bellard => 10,
            Self::Bbp => 4,
        }
    }

    /// Fractions, and so modular powers, in a term.
    #[must_use]
    pub const fn fractions(self) -> u64 {
        match self {
            Self::Bellard => BELLARD.len() as u64,
            Self::Bbp => BBP.len() as u64,
        }
    }

    /// Number of terms that a sum of 128 bits from bit `bit` on consists of.
    ///
    /// Terms behind the last one are all below one unit of `2^-128`, together too.
    #[must_use]
    pub const fn terms(self, bit: u64) -> u64 {
        // The largest exponent is 2, a denominator is at least 1, and the terms fall geometrically.
        (bit + 128 + 4) / self.bits_per_term() + 2
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of a name that no formula has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormula(String);

impl fmt::Display for UnknownFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown formula {:?}: use bellard or bbp", self.0)
    }
}

impl std::error::Error for UnknownFormula {}

impl FromStr for Formula {
    type Err = UnknownFormula;

    fn from_str(name: &str) -> Result<Self, UnknownFormula> {
        let found = Self::ALL.into_iter().find(|formula| formula.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownFormula(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_series_add_up_to_pi() {
        let value = |fraction: &Fraction, k: u64, bits: u64| {
            let sign = if fraction.negative { -1.0 } else { 1.0 };
            let exponent = fraction.exponent as f64 - (bits * k) as f64;
            sign * exponent.exp2() / (fraction.factor * k + fraction.offset) as f64
        };
        let bellard: f64 = (0..8)
            .map(|k| {
                let sign = if k % 2 == 1 { -1.0 } else { 1.0 };
                sign * BELLARD.iter().map(|fraction| value(fraction, k, 10)).sum::<f64>()
            })
            .sum();
        let bbp: f64 = (0..14).map(|k| BBP.iter().map(|fraction| value(fraction, k, 4)).sum::<f64>()).sum();
        assert!((bellard - std::f64::consts::PI).abs() < 1e-14, "{bellard}");
        assert!((bbp - std::f64::consts::PI).abs() < 1e-14, "{bbp}");
    }

    #[test]
    fn names_are_read_and_unknown_ones_are_named() {
        for formula in Formula::ALL {
            assert_eq!(formula.to_string().parse(), Ok(formula));
        }
        let message = "chudnovsky".parse::<Formula>().unwrap_err().to_string();
        assert_eq!(message, r#"unknown formula "chudnovsky": use bellard or bbp"#);
    }
}
