//! How much memory a computation takes, known before it starts.

use super::series::Series;

/// What the process has before the first digit, code and tables included.
const FIXED: u64 = 3_000_000;
/// Tables and buffers that are full from 10^5 digits on.
const SMALL: u64 = 1_000_000;
/// A further thread has its own buffers: this share of the first one's in percent.
const THREAD_PERCENT: u64 = 30;

/// The peak memory in bytes of `digits` digits in one block: an estimate from
/// measured resident sizes up to 10^7 digits, on the safe side beyond.
///
/// The constants are read from the peaks that `/usr/bin/time -f %M` shows for
/// 10^5, 10^6 and 10^7 digits, the small one first.
#[must_use]
pub fn memory_required<S: Series>(digits: u64, threads: usize) -> u64 {
    let one = SMALL * digits.min(100_000) / 100_000 + S::BYTES_PER_DIGIT * digits;
    let others = threads.max(1) as u64 - 1;
    FIXED + one + one / 100 * THREAD_PERCENT * others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pi::series::{Chudnovsky, Gosper};

    #[test]
    fn grows_with_everything() {
        assert!(memory_required::<Chudnovsky>(1, 1) < 3_100_000);
        assert!(memory_required::<Chudnovsky>(1_000_000, 1) < memory_required::<Chudnovsky>(1_000_000, 2));
        assert!(memory_required::<Chudnovsky>(1_000_000, 2) < memory_required::<Gosper>(1_000_000, 2));
    }
}
