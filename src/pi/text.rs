//! The text of N digits, block by block.

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
/// assert_eq!(text.next_block(), Some("3.1415"[..6].into()));
/// assert_eq!(text.next_block(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Text {
    digits: Digits,
    /// Digits that no block has held yet.
    remaining: u64,
    started: bool,
    block: String,
}

impl Text {
    /// The text of `n` digits; nothing is computed before the first block.
    #[must_use]
    pub fn new(algorithm: Algorithm, n: DigitCount) -> Self {
        Self {
            digits: Digits::with_known_end(algorithm, n),
            remaining: n.get(),
            started: false,
            block: String::new(),
        }
    }

    /// Digits still to come; the point is not counted.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next characters, at most a thousand digits of them; `None` after the last.
    pub fn next_block(&mut self) -> Option<&str> {
        if self.remaining == 0 {
            return None;
        }
        self.block.clear();
        let wanted = usize::try_from(self.remaining).map_or(BLOCK, |left| left.min(BLOCK));
        for digit in self.digits.by_ref().take(wanted) {
            self.block.push(char::from(b'0' + digit));
        }
        self.remaining -= wanted as u64;
        self.insert_point();
        Some(&self.block)
    }

    /// A point follows the very first digit, if any digit follows it.
    fn insert_point(&mut self) {
        if !self.started && self.block.len() > 1 {
            self.block.insert(1, '.');
        }
        self.started = true;
    }
}
