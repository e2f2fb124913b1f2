//! The plan by which a stream's blocks grow.

use crate::pi::DigitCount;

/// Decimals of the first block.
const FIRST_BLOCK: usize = 1000;
/// Growth of the number of digits from block to block, without an end and with one.
const GROWTH: usize = 2;
const GROWTH_TO_END: usize = 4;

/// The plan by which a stream computes its digits: it trades the time to the first digit for the
/// time to all.
///
/// No schedule changes a digit, and every stream goes on behind its end, at the cost of a new
/// start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// No end is known: each block doubles the number of digits.
    Unbounded,
    /// So many digits are wanted, and the first ones early: each block quadruples the number of
    /// digits. Some percent slower than `AtOnce`.
    Early(DigitCount),
    /// So many digits are wanted, as fast as possible: a single block.
    AtOnce(DigitCount),
}

impl Schedule {
    /// Digits that are wanted in all, if there is an end.
    ///
    /// # Panics
    /// If the address space cannot hold them.
    pub(crate) fn end(self) -> Option<usize> {
        match self {
            Self::Unbounded => None,
            Self::Early(end) | Self::AtOnce(end) => {
                Some(usize::try_from(end.get()).expect("more digits than this machine can address"))
            }
        }
    }

    /// Decimals that the first round computes.
    pub(super) fn first_target(self) -> usize {
        let Some(end) = self.end() else { return FIRST_BLOCK };
        let mut first = end - 1;
        if matches!(self, Self::Early(_)) {
            while first > GROWTH_TO_END * FIRST_BLOCK {
                first = first.div_ceil(GROWTH_TO_END);
            }
        }
        first
    }

    /// Decimals that the round after one with `target` decimals computes, if the end is further
    /// away.
    pub(super) fn next_target(self, target: usize) -> usize {
        let Some(end) = self.end() else { return GROWTH * target.max(FIRST_BLOCK / GROWTH) };
        let (next, end) = (GROWTH_TO_END * target, end - 1);
        // Rounded up on the way down, the last step may be short of the end.
        if 2 * next > end { end } else { next }
    }
}
