//! The text of N digits, block by block.

use super::{Algorithm, DigitCount, Digits, Schedule};

/// Digits in a block: few enough that the slowest algorithm shows progress, and enough that a write
/// per block costs nothing.
const BLOCK: usize = 1000;

/// The text of the first N digits, "3." and N - 1 decimals, in blocks: for callers that write, hash
/// or send digits as they come.
///
/// A call that unwinds, cancelled by a [token](crate::cancel) or by a panic, gives out no digit:
/// the next call gives the digits that it would have given.
///
/// ```
/// use pi_spigot::pi::{Algorithm, DigitCount, Text};
///
/// let count = |n| DigitCount::new(n).unwrap();
/// let mut text = Text::new(Algorithm::Gibbons, count(5));
/// assert_eq!(text.next_block(), Some("3.1415"));
/// assert_eq!(text.next_block(), None);
///
/// let mut decimals = Text::range(Algorithm::Gibbons, count(3), count(4));
/// assert_eq!(decimals.next_block(), Some("4159"));
/// ```
#[derive(Debug)]
pub struct Text {
    digits: Digits,
    /// Digits before the first one that is wanted, not yet passed over.
    before: u64,
    /// Digits that no block has held yet.
    remaining: u64,
    started: bool,
    block: Vec<u8>,
}

impl Text {
    /// The text of the first `n` digits in the least time. Nothing is computed before the first
    /// block, and everything before the first block is out, except by Gibbons' spigot.
    ///
    /// # Panics
    /// If `n` is above [`Algorithm::max_digits`].
    #[must_use]
    pub fn new(algorithm: Algorithm, n: DigitCount) -> Self {
        Self::range(algorithm, DigitCount::MIN, n)
    }

    /// The `n` digits from position `from` on, where the leading 3 has position 1. The text has a
    /// point only if it begins with the leading 3.
    ///
    /// # Panics
    /// If the last position is above [`Algorithm::max_digits`].
    #[must_use]
    pub fn range(algorithm: Algorithm, from: DigitCount, n: DigitCount) -> Self {
        let before = from.get() - 1;
        let end = Self::end(before, n.get());
        let digits = Digits::scheduled(algorithm, Schedule::AtOnce(end));
        Self { digits, before, remaining: n.get(), started: before > 0, block: Vec::new() }
    }

    fn end(before: u64, n: u64) -> DigitCount {
        DigitCount::new(before + n).unwrap_or(DigitCount::MAX)
    }

    /// Gives the first digits early, for some percent more time in all; without effect on a text
    /// that has begun.
    #[must_use]
    pub fn early(mut self) -> Self {
        self.digits.reschedule(Schedule::Early(Self::end(self.before, self.remaining)));
        self
    }

    /// Uses up to `threads` threads; the default is one.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.digits = self.digits.with_threads(threads);
        self
    }

    /// The number of digits still to come; the point is not counted.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next characters, at most a thousand digits of them; `None` after the last.
    pub fn next_block(&mut self) -> Option<&str> {
        self.next_block_of(BLOCK)
    }

    /// The next characters, at most `most` digits of them and at least one; `None` after the last.
    #[expect(clippy::missing_panics_doc, reason = "digits and a point are ASCII")]
    pub fn next_block_of(&mut self, most: usize) -> Option<&str> {
        while self.before > 0 {
            self.before -= self.fill(self.before, BLOCK);
        }
        if self.remaining == 0 {
            return None;
        }
        self.remaining -= self.fill(self.remaining, most.max(1));
        self.insert_point();
        Some(std::str::from_utf8(&self.block).expect("digits and a point are ASCII"))
    }

    /// The rest of the text. A whole text in one block is not copied.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "digits and a point are ASCII")]
    pub fn into_string(mut self) -> String {
        let begun = self.started || self.before > 0;
        if !begun && let Some(mut block) = self.digits.take_block_of(self.remaining) {
            if block.len() > 1 {
                block.insert(1, b'.');
            }
            return String::from_utf8(block).expect("digits and a point are ASCII");
        }
        let mut rest = String::new();
        while let Some(block) = self.next_block() {
            rest.push_str(block);
        }
        rest
    }

    /// Fills the block with the next `wanted` digits, at most `most` of them, and returns their
    /// number.
    fn fill(&mut self, wanted: u64, most: usize) -> u64 {
        let count = usize::try_from(wanted).map_or(most, |wanted| wanted.min(most));
        self.block.resize(count, b'0');
        self.digits.fill_ascii(&mut self.block);
        count as u64
    }

    /// Inserts the point behind the leading 3, if a digit follows.
    fn insert_point(&mut self) {
        if !self.started && self.block.len() + usize::try_from(self.remaining).unwrap_or(usize::MAX - 1) > 1 {
            self.block.insert(1, b'.');
        }
        self.started = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_text_is_one_string() {
        let five = DigitCount::new(5).unwrap();
        for &algorithm in Algorithm::ALL {
            let mut text = Text::new(algorithm, five);
            assert_eq!(text.next_block_of(2), Some("3.1"));
            assert_eq!(text.into_string(), "415");
            assert_eq!(Text::new(algorithm, DigitCount::MIN).early().into_string(), "3");
        }
    }

    #[test]
    fn every_range_in_any_blocks_is_a_part_of_the_whole() {
        let count = |n: usize| DigitCount::new(n as u64).unwrap();
        let whole = Algorithm::Gibbons.digits(count(3000)).replace('.', "");
        for &algorithm in Algorithm::ALL {
            for (from, n, most) in
                [(1, 1, 5), (1, 2, 1), (1, 2500, 1), (2, 1, 1), (7, 1000, 33), (1999, 1001, 4000)]
            {
                let mut text = String::new();
                let mut range = Text::range(algorithm, count(from), count(n)).early();
                while let Some(block) = range.next_block_of(most) {
                    assert!(block.len() <= most + 1);
                    text.push_str(block);
                }
                let point = if from == 1 && n > 1 { text.remove(1) } else { '.' };
                let mut rest = Text::range(algorithm, count(from), count(n)).into_string();
                if point == '.' && from == 1 && n > 1 {
                    assert_eq!(rest.remove(1), '.');
                }
                assert_eq!(rest, text, "{algorithm} {from} {n} at once");
                assert_eq!(
                    (point, text.as_str()),
                    ('.', &whole[from - 1..from - 1 + n]),
                    "{algorithm} {from} {n}"
                );
            }
        }
    }

    #[test]
    fn an_interrupted_text_goes_on_where_it_was() {
        use crate::cancel::testing::cancelled_at;
        let count = |n: u64| DigitCount::new(n).unwrap();
        let whole = Algorithm::Chudnovsky.digits(count(9000)).replace('.', "");
        for &algorithm in Algorithm::ALL {
            let digits = if algorithm == Algorithm::Gibbons { 900 } else { 7000 };
            for check in [1, 2, 3, 5, 8, 13, 21, 34, 55] {
                let mut range = Text::range(algorithm, count(501), count(digits)).early();
                let mut text = String::new();
                let mut take = || {
                    while let Some(block) = range.next_block_of(777) {
                        text.push_str(block);
                    }
                };
                let _ = cancelled_at(check, &mut take);
                take();
                assert!(
                    text == whole[500..500 + digits as usize],
                    "{algorithm} interrupted at check {check}"
                );
            }
        }
    }
}
