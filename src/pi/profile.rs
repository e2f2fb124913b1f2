//! The measured cost of each algorithm, in time and memory, known before a computation starts.
//!
//! The numbers stand beside each algorithm in a file `*.profile.rs`, which
//! `cargo bench --bench pi -- calibrate` measures again and writes; `benches/pi.rs` says how.

use std::time::Duration;

/// The measured cost of one algorithm.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Peak memory of a process that computes all digits in one block.
    pub(crate) memory: Memory,
    /// Digits and microseconds, rising in both: user time of one thread at level `avx2`, on a Xeon
    /// of 2.1 GHz, which is about what Lambda's processors do.
    ///
    /// AVX-512 takes 0.6 of the time of the series. The spigot has no vectors, so its rows are a
    /// quarter more than measured: a caller that scales by the speed of a series is off by as much
    /// either way.
    pub(crate) micros: &'static [(u64, u64)],
    /// Memory of a stream without end.
    pub(crate) unbounded: Unbounded,
}

/// Peak memory in bytes by digits, on one thread.
#[derive(Debug)]
pub(crate) enum Memory {
    /// Digits and the measured `VmHWM` of a process, rising in both.
    Peaks(&'static [(u64, u64)]),
    /// Bytes of a process by digits.
    Formula(fn(u64) -> u64),
}

/// Bytes for each digit that a stream without end has given out, counting a copy of the digits.
///
/// A stream doubles its digits, so the worst case is just behind a power of two times 1,000. These
/// are the `VmHWM` and `VmRSS` of a process after 1,100,000 to 5,000,000 digits on one and two
/// threads, rounded up.
#[derive(Debug)]
pub(crate) struct Unbounded {
    /// The peak while the last block is computed.
    pub(crate) peak_per_digit: u64,
    /// The bytes that stay afterwards.
    pub(crate) kept_per_digit: u64,
}

/// Bytes of a process before its first digit: code, stack, the C library.
pub(crate) const PROCESS: u64 = 3_300_000;
/// Bytes of every further thread: its stack and small blocks, and a percentage of the computation,
/// because threads reach their peaks at different times.
const THREAD: u64 = 200_000;
const THREAD_PERCENT: u64 = 4;

impl Profile {
    /// The peak memory in bytes of a process that computes `digits` digits in one block.
    ///
    /// Linear between measured peaks; beyond the last one its bytes per digit count.
    pub(crate) fn memory_required(&self, digits: u64, threads: usize) -> u64 {
        let one = match self.memory {
            Memory::Peaks(peaks) => interpolated(peaks, (0, PROCESS), digits)
                .unwrap_or_else(|(from, bytes)| scaled(bytes, digits, from)),
            Memory::Formula(formula) => return formula(digits),
        };
        let others = threads.max(1) as u64 - 1;
        one.saturating_add(others.saturating_mul(THREAD + one.saturating_sub(PROCESS) / 100 * THREAD_PERCENT))
    }

    /// The time that `digits` digits take on the machine of the table.
    ///
    /// Linear between measured times; beyond the last one the time grows with the square of the
    /// digits.
    pub(crate) fn time(&self, digits: u64) -> Duration {
        let micros = interpolated(self.micros, (0, 0), digits)
            .unwrap_or_else(|(from, micros)| scaled(scaled(micros, digits, from), digits, from));
        Duration::from_micros(micros)
    }
}

/// The value at `x` on the straight line between two rows of a table that starts at `from`; the
/// last row if `x` is beyond it.
fn interpolated(table: &[(u64, u64)], mut from: (u64, u64), x: u64) -> Result<u64, (u64, u64)> {
    for &to in table {
        if x <= to.0 {
            return Ok(from.1 + scaled(to.1 - from.1, x - from.0, to.0 - from.0));
        }
        from = to;
    }
    Err(from)
}

/// `value part / whole`, at most `u64::MAX`.
fn scaled(value: u64, part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(value) * u128::from(part) / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::pi::{Algorithm, DigitCount};
    use std::time::Duration;

    #[test]
    fn memory_grows_with_digits_threads_and_slower_series() {
        let [chudnovsky, gosper] = [Algorithm::Chudnovsky, Algorithm::Gosper].map(Algorithm::profile);
        assert!(chudnovsky.memory_required(1, 1) < 3_400_000);
        assert!(chudnovsky.memory_required(u64::MAX, 1) == u64::MAX);
        for pair in [1, 99_999, 100_000, 1_000_000, 5_000_000, 10_000_000, 20_000_000, 1 << 40].windows(2) {
            assert!(chudnovsky.memory_required(pair[0], 1) < chudnovsky.memory_required(pair[1], 1));
            assert!(gosper.memory_required(pair[0], 2) < gosper.memory_required(pair[1], 2));
        }
        assert!(chudnovsky.memory_required(1_000_000, 1) < chudnovsky.memory_required(1_000_000, 2));
        assert!(chudnovsky.memory_required(1_000_000, 2) < gosper.memory_required(1_000_000, 2));
    }

    #[test]
    fn times_rise_and_meet_their_table() {
        for &algorithm in Algorithm::ALL {
            let profile = algorithm.profile();
            for &(digits, micros) in profile.micros {
                let micros = Duration::from_micros(micros);
                assert_eq!(profile.time(digits), micros);
                assert!(profile.time(digits + 1) >= micros && profile.time(2 * digits) >= micros);
            }
            assert!(profile.time(DigitCount::MAX.get()) > Duration::from_secs(1_000_000));
        }
    }
}
