//! The unbounded stream, whatever computes it.

use super::gibbons::Gibbons;
use super::{Algorithm, DigitCount};

/// The decimal digits of pi, one after the other, without end: 3, 1, 4, 1, ...
///
/// Digits are numbers from 0 to 9, each final when it appears. The stream needs
/// no precision in advance; what it costs to go on depends on the
/// [`Algorithm`]. Memory grows in proportion to the digits produced.
#[derive(Clone, Debug)]
pub struct Digits {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Gibbons(Gibbons),
}

impl Digits {
    /// The stream from its first digit, 3.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let source = match algorithm {
            Algorithm::Gibbons => Source::Gibbons(Gibbons::new()),
        };
        Self { source }
    }

    /// The same stream, told how many digits will be asked of it.
    ///
    /// A hint for algorithms that can plan their work; the stream goes on
    /// behind `end` all the same. Gibbons' spigot has no use for it.
    #[must_use]
    pub fn with_known_end(algorithm: Algorithm, end: DigitCount) -> Self {
        let _ = end;
        Self::new(algorithm)
    }

    /// Fills `block` with the next digits as ASCII characters.
    pub fn fill_ascii(&mut self, block: &mut [u8]) {
        for character in block {
            *character = b'0' + self.produce();
        }
    }

    fn produce(&mut self) -> u8 {
        match &mut self.source {
            Source::Gibbons(gibbons) => gibbons.produce(),
        }
    }
}

impl Iterator for Digits {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        Some(self.produce())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl std::iter::FusedIterator for Digits {}
