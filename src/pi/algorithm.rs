//! The algorithms by name.

use super::profile::Profile;
use super::series::Series;
use super::series::chudnovsky::{self, CHUDNOVSKY};
use super::series::gosper::{self, GOSPER};
use super::{DigitCount, Digits, Text, spigot};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A way to compute the digits of pi.
///
/// The default is the fastest there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The Chudnovskys' series (1988) by binary splitting: O(n log³ n).
    #[default]
    Chudnovsky,
    /// Gosper's series (1974), the one of Gibbons' spigot, by the same splitting: O(n log³ n), some
    /// five times as long.
    Gosper,
    /// The digit-at-a-time spigot of Gibbons (2006) on num-bigint: O(n²), and the plain reference
    /// that all others answer to.
    Gibbons,
}

/// The code behind an algorithm.
#[derive(Debug)]
pub(super) enum Method {
    /// Binary splitting of a series.
    Series(&'static Series),
    /// Gibbons' spigot.
    Spigot,
}

impl Algorithm {
    /// All algorithms, the fastest first.
    pub const ALL: &[Self] = &[Self::Chudnovsky, Self::Gosper, Self::Gibbons];

    /// The name of the algorithm in requests and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chudnovsky => "chudnovsky",
            Self::Gosper => "gosper",
            Self::Gibbons => "gibbons",
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::Chudnovsky => Method::Series(&CHUDNOVSKY),
            Self::Gosper => Method::Series(&GOSPER),
            Self::Gibbons => Method::Spigot,
        }
    }

    pub(super) fn profile(self) -> &'static Profile {
        match self {
            Self::Chudnovsky => &chudnovsky::PROFILE,
            Self::Gosper => &gosper::PROFILE,
            Self::Gibbons => &spigot::PROFILE,
        }
    }

    /// The text of the first `n` digits: "3" for one digit, otherwise "3." and
    /// `n - 1` decimals. Truncated, never rounded.
    ///
    /// Costs the time of the algorithm, and `n + 1` bytes for the text.
    ///
    /// # Panics
    /// If `n` is above [`Algorithm::max_digits`].
    #[must_use]
    pub fn digits(self, n: DigitCount) -> String {
        Text::new(self, n).into_string()
    }

    /// The number of digits at which coefficients of 64 bits end: 4.79e11 of the Chudnovskys'
    /// series, 2.9e8 of Gibbons' spigot.
    #[must_use]
    pub fn max_digits(self) -> DigitCount {
        let most = match self.method() {
            Method::Series(series) => series.max_digits(),
            Method::Spigot => spigot::MAX_DIGITS,
        };
        DigitCount::new(most).unwrap_or(DigitCount::MAX)
    }

    /// The peak memory in bytes of a process that computes the first `n` digits in one block on up
    /// to `threads` threads. An estimate from measured peaks, within a tenth of the memory that the
    /// computation adds to the process.
    #[must_use]
    pub fn memory_required(self, n: DigitCount, threads: usize) -> u64 {
        self.profile().memory_required(n.get(), threads)
    }

    /// The time of the first `n` digits in one block on one thread of the reference machine, a Xeon
    /// of 2.1 GHz with AVX2. Multiply by the speed ratio of the machine at hand: an estimate,
    /// within a factor of two.
    #[must_use]
    pub fn reference_time(self, n: DigitCount) -> Duration {
        self.profile().time(n.get())
    }

    /// The peak memory in bytes that an unbounded stream of `n` digits adds to a process, a copy of
    /// the digits included. The upper end of what was measured.
    #[must_use]
    pub fn unbounded_peak(self, n: DigitCount) -> u64 {
        n.get().saturating_mul(self.profile().unbounded.peak_per_digit)
    }

    /// The memory in bytes that an unbounded stream holds after `n` digits, a copy of the digits
    /// included. The upper end of what was measured.
    #[must_use]
    pub fn unbounded_kept(self, n: DigitCount) -> u64 {
        n.get().saturating_mul(self.profile().unbounded.kept_per_digit)
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
    /// Fewer digits are too many for the addresses of a 32-bit machine.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn more_digits_than_64_bits_allow_are_refused_at_once() {
        for algorithm in [Algorithm::Chudnovsky, Algorithm::Gibbons] {
            let most = algorithm.max_digits();
            let more = DigitCount::new(most.get() + 1).unwrap();
            let _ = Text::new(algorithm, most);
            let refused = std::panic::catch_unwind(|| Text::new(algorithm, more)).unwrap_err();
            let message = refused.downcast::<String>().expect("words");
            assert!(message.contains(&most.to_string()) && message.contains("fewer digits"), "{message}");
        }
        assert_eq!(Algorithm::Gosper.max_digits(), DigitCount::MAX);
    }
}
