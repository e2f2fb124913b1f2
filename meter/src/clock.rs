//! Times in UTC, for names and log lines.

use jiff::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// A time as Lambda writes it at the start of a log line: `2026-11-22T01:40:52.123Z`.
#[must_use]
pub fn timestamp(moment: SystemTime) -> String {
    format!("{:.3}", in_utc(moment))
}

/// The date in the name of a log stream: `2026/11/22`.
#[must_use]
pub fn log_stream_day(moment: SystemTime) -> String {
    in_utc(moment).strftime("%Y/%m/%d").to_string()
}

/// Milliseconds since 1970, the unit of `Lambda-Runtime-Deadline-Ms`.
#[must_use]
pub fn epoch_millis(moment: SystemTime) -> u128 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// A clock set beyond the year 9999 counts as 1970.
fn in_utc(moment: SystemTime) -> Timestamp {
    Timestamp::try_from(moment).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn known_moments() {
        assert_eq!(timestamp(UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(at(951_782_399) + Duration::from_millis(7)), "2000-02-28T23:59:59.007Z");
        assert_eq!(timestamp(at(951_782_400)), "2000-02-29T00:00:00.000Z");
        assert_eq!(timestamp(at(4_107_542_400)), "2100-03-01T00:00:00.000Z");
        assert_eq!(log_stream_day(at(1_795_311_652)), "2026/11/22");
    }
}
