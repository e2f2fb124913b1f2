//! The text of N digits, block by block.

use super::digits::Schedule;
use super::{Algorithm, DigitCount, Digits};

/// Digits in a block: little enough that the slowest algorithm shows progress,
/// and enough that a write per block costs nothing.
const BLOCK: usize = 1000;

/// The text of the first N digits, "3." and N - 1 decimals, in blocks: for
/// whoever writes, hashes or sends digits as they come.
///
/// ```
/// use pi_spigot::pi::{Algorithm, DigitCount, Text};
///
/// let mut text = Text::new(Algorithm::Gibbons, DigitCount::new(5).unwrap());
/// assert_eq!(text.next_block(), Some("3.1415"));
/// assert_eq!(text.next_block(), None);
/// ```
#[derive(Debug)]
pub struct Text {
    digits: Digits,
    /// Digits that no block has held yet.
    remaining: u64,
    started: bool,
    block: Vec<u8>,
}

impl Text {
    /// The text of `n` digits in the least time; nothing is computed before the
    /// first block, which the fast algorithms give when all is computed.
    #[must_use]
    pub fn new(algorithm: Algorithm, n: DigitCount) -> Self {
        Self::with_schedule(algorithm, n, Schedule::AtOnce(n))
    }

    /// The same text, with the first digits soon: for some percent more time.
    #[must_use]
    pub fn early(algorithm: Algorithm, n: DigitCount) -> Self {
        Self::with_schedule(algorithm, n, Schedule::Early(n))
    }

    fn with_schedule(algorithm: Algorithm, n: DigitCount, schedule: Schedule) -> Self {
        let digits = Digits::with_schedule(algorithm, schedule);
        Self { digits, remaining: n.get(), started: false, block: Vec::new() }
    }

    /// Uses up to `threads` threads; the default is one.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.digits = self.digits.with_threads(threads);
        self
    }

    /// Digits still to come; the point is not counted.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next characters, at most a thousand digits of them; `None` after the last.
    #[expect(clippy::missing_panics_doc, reason = "digits and a point are ASCII")]
    pub fn next_block(&mut self) -> Option<&str> {
        if self.remaining == 0 {
            return None;
        }
        let wanted = usize::try_from(self.remaining).map_or(BLOCK, |left| left.min(BLOCK));
        self.block.resize(wanted, b'0');
        self.digits.fill_ascii(&mut self.block);
        self.remaining -= wanted as u64;
        self.insert_point();
        Some(std::str::from_utf8(&self.block).expect("digits and a point are ASCII"))
    }

    /// A point follows the very first digit, if any digit follows it.
    fn insert_point(&mut self) {
        if !self.started && self.block.len() > 1 {
            self.block.insert(1, b'.');
        }
        self.started = true;
    }
}
