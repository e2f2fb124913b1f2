//! Attempts with backoff and full jitter.
//!
//! ```text
//! before attempt n + 1: sleep a random time between 0 and min(CAP, BASE x 2^(n - 1))
//! ```
//!
//! Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Number of attempts, and the time between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Most attempts of a call, at least 1.
    pub attempts: u32,
    /// Longest sleep before the second attempt.
    pub base: Duration,
    /// Longest sleep before any attempt.
    pub cap: Duration,
    /// No attempt begins later.
    pub deadline: Option<Instant>,
}

impl Default for Retry {
    /// Ten attempts, about 6 s when each is refused at once.
    fn default() -> Self {
        Self { attempts: 10, base: Duration::from_millis(50), cap: Duration::from_secs(2), deadline: None }
    }
}

impl Retry {
    /// Sleeps after the failed attempt `attempt`, counted from 1.
    ///
    /// False, without sleeping, when no further attempt may begin.
    pub async fn pause(&self, attempt: u32) -> bool {
        if attempt >= self.attempts {
            return false;
        }
        let time = self.limit(attempt).mul_f64(fastrand::f64());
        if self.deadline.is_some_and(|deadline| Instant::now() + time >= deadline) {
            return false;
        }
        sleep(time).await;
        true
    }

    /// The longest sleep after this attempt.
    fn limit(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_doubles_up_to_the_cap() {
        let retry = Retry::default();
        let limits = [1, 2, 3, 6, 7, 40, u32::MAX].map(|attempt| retry.limit(attempt).as_millis());
        assert_eq!(limits, [50, 100, 200, 1_600, 2_000, 2_000, 2_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end() {
        let retry = Retry { attempts: 3, ..Retry::default() };
        assert!(retry.pause(1).await && retry.pause(2).await);
        assert!(!retry.pause(3).await);
        let late = Retry { deadline: Some(Instant::now()), ..retry };
        assert!(!late.pause(1).await);
    }
}
