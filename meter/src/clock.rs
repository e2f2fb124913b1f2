//! Dates of the proleptic Gregorian calendar in UTC, for names and log lines.

use std::time::{SystemTime, UNIX_EPOCH};

/// A moment as Lambda writes it in front of a log line: `2026-11-22T01:40:52.123Z`.
#[must_use]
pub fn timestamp(moment: SystemTime) -> String {
    let since_epoch = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil_from_days(since_epoch.as_secs() / 86_400);
    let second_of_day = since_epoch.as_secs() % 86_400;
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    let millis = since_epoch.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The day as it stands in the name of a log stream: `2026/11/22`.
#[must_use]
pub fn log_stream_day(moment: SystemTime) -> String {
    let since_epoch = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil_from_days(since_epoch.as_secs() / 86_400);
    format!("{year:04}/{month:02}/{day:02}")
}

/// Milliseconds since 1970, the unit of `Lambda-Runtime-Deadline-Ms`.
#[must_use]
pub fn epoch_millis(moment: SystemTime) -> u128 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// Year, month and day of the `days`-th day after 1970-01-01.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in
/// March, so that the leap day is the last one, and repeat every 400 years.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
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
