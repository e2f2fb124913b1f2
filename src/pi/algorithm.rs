//! The algorithms by name.

use super::memory::memory_required;
use super::series::{Chudnovsky, Gosper};
use super::{DigitCount, Digits, Text, gibbons};
use std::fmt;
use std::str::FromStr;

/// A way to compute the digits of pi.
///
/// The default is the fastest there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// The Chudnovskys' series (1988) by binary splitting: O(n log³ n).
    #[default]
    Chudnovsky,
    /// Gosper's series (1974), the one of Gibbons' spigot, by the same
    /// splitting: O(n log³ n), some five times as long.
    Gosper,
    /// The digit-at-a-time spigot of Gibbons (2006) on num-bigint: O(n²), and
    /// the plain reference that all others answer to.
    Gibbons,
}

impl Algorithm {
    /// All algorithms, the fastest first.
    pub const ALL: &[Self] = &[Self::Chudnovsky, Self::Gosper, Self::Gibbons];

    /// The name by which requests and the command line call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chudnovsky => "chudnovsky",
            Self::Gosper => "gosper",
            Self::Gibbons => "gibbons",
        }
    }

    /// The text of the first `n` digits: "3" for one digit, otherwise "3." and
    /// `n - 1` decimals. Truncated, never rounded.
    ///
    /// Costs what the algorithm costs, and `n + 1` bytes for the text.
    #[must_use]
    pub fn digits(self, n: DigitCount) -> String {
        Text::new(self, n).into_string()
    }

    /// The peak memory in bytes that the first `n` digits take on up to
    /// `threads` threads: an estimate, made before anything is computed.
    #[must_use]
    pub fn memory_required(self, n: DigitCount, threads: usize) -> u64 {
        match self {
            Self::Chudnovsky => memory_required::<Chudnovsky>(n.get(), threads),
            Self::Gosper => memory_required::<Gosper>(n.get(), threads),
            Self::Gibbons => gibbons::memory_required(n.get()),
        }
    }

    /// The unbounded stream; the same as [`Digits::new`].
    #[must_use]
    pub fn stream(self) -> Digits {
        Digits::new(self)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|algorithm| algorithm.name() == name);
        found.copied().ok_or(UnknownAlgorithm)
    }
}

/// A name that no [`Algorithm`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown algorithm; the known ones are")?;
        for (index, algorithm) in Algorithm::ALL.iter().enumerate() {
            let separator = if index == 0 { " " } else { ", " };
            write!(f, "{separator}{algorithm}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_algorithms_are_one_to_one() {
        for &algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
        }
        assert_eq!(Algorithm::ALL[0], Algorithm::default(), "the fastest comes first");
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = "Gibbons".parse::<Algorithm>().unwrap_err();
        assert!(error.to_string().ends_with("are chudnovsky, gosper, gibbons"), "{error}");
    }
}
