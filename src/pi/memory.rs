//! How much memory a computation takes, known before it starts.

use super::series::Series;

/// What the process has before the first digit: code, stack, what the C library needs.
pub(super) const FIXED: u64 = 3_300_000;
/// What every further thread adds: its stack and small blocks, and a share in percent, as two threads
/// come to need their largest at different times.
const THREAD: u64 = 200_000;
const THREAD_PERCENT: u64 = 4;

/// The peak memory in bytes of `digits` digits in one block, from measured peaks: a straight line
/// between neighbours, and the last one's bytes per digit beyond.
///
/// The peaks stand with each series. They are the `VmHWM` (in `/proc/self/status`) of `pi`, as
/// `cargo test --package pi-spigot-cli --test memory -- --ignored --nocapture peaks` prints them; `tests/memory.rs`
/// holds the estimate to a tenth of what the computation adds to the process.
#[must_use]
pub fn memory_required<S: Series>(digits: u64, threads: usize) -> u64 {
    let mut from = (0, FIXED);
    let mut one = None;
    for &to in S::PEAKS {
        if digits <= to.0 {
            one = Some(from.1 + between(digits - from.0, to.0 - from.0, to.1 - from.1));
            break;
        }
        from = to;
    }
    let one = one.unwrap_or_else(|| between(digits, from.0, from.1));
    let others = threads.max(1) as u64 - 1;
    one.saturating_add(others.saturating_mul(THREAD + one.saturating_sub(FIXED) / 100 * THREAD_PERCENT))
}

/// `height part / whole`.
fn between(part: u64, whole: u64, height: u64) -> u64 {
    u64::try_from(u128::from(height) * u128::from(part) / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pi::series::{Chudnovsky, Gosper};

    #[test]
    fn grows_with_everything() {
        assert!(memory_required::<Chudnovsky>(1, 1) < 3_400_000);
        assert!(memory_required::<Chudnovsky>(u64::MAX, 1) == u64::MAX);
        for pair in [1, 99_999, 100_000, 1_000_000, 5_000_000, 10_000_000, 20_000_000, 1 << 40].windows(2) {
            assert!(memory_required::<Chudnovsky>(pair[0], 1) < memory_required::<Chudnovsky>(pair[1], 1));
            assert!(memory_required::<Gosper>(pair[0], 2) < memory_required::<Gosper>(pair[1], 2));
        }
        assert!(memory_required::<Chudnovsky>(1_000_000, 1) < memory_required::<Chudnovsky>(1_000_000, 2));
        assert!(memory_required::<Chudnovsky>(1_000_000, 2) < memory_required::<Gosper>(1_000_000, 2));
    }
}
