//! Lambda's pace for a streamed response: 6 MB at full speed, then 2 MB/s.

use std::time::{Duration, Instant};

/// Bytes at full speed.
const AT_FULL_SPEED: usize = 6 * 1024 * 1024;
/// Rate of the bytes after that, in bytes per second.
const RATE: usize = 2 * 1024 * 1024;

/// The pace of one response.
#[derive(Debug, Default)]
pub(super) struct Pace {
    passed: usize,
    /// The moment at which the first 6 MB had passed.
    slow_since: Option<Instant>,
}

impl Pace {
    /// The moment at which `size` more bytes are due; `None` for now.
    pub(super) fn due(&mut self, size: usize, now: Instant) -> Option<Instant> {
        self.passed += size;
        let held_back = self.passed.checked_sub(AT_FULL_SPEED).filter(|bytes| *bytes > 0)?;
        let since = *self.slow_since.get_or_insert(now);
        Some(since + Duration::from_secs_f64(held_back as f64 / RATE as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_megabytes_are_free_and_the_rest_takes_half_a_second_each() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let later = |seconds| start + Duration::from_secs_f64(seconds);
        assert_eq!(pace.due(AT_FULL_SPEED, start), None);
        assert_eq!(pace.due(RATE, later(1.0)), Some(later(2.0)), "counted from the first byte beyond");
        assert_eq!(pace.due(RATE / 2, later(1.5)), Some(later(2.5)));
    }
}
