//! A log line, as text or JSON, in one write to standard output.
//!
//! ```text
//! Text   INFO computed requestId=8f5c... digits=10000 compute_ms=131.200
//! JSON   {"timestamp":"2026-11-22T10:15:00.123Z","level":"INFO","message":"computed",...}
//! ```
//!
//! JSON lines carry `timestamp` and `level`, the keys by which Lambda filters;
//! text lines leave the time to the log service.

use pi_spigot::event::json::escaped;
use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

/// A line that grows field by field.
#[derive(Debug)]
pub(crate) struct Line {
    text: String,
    json: bool,
}

impl Line {
    /// Begins with level and message; JSON with the time before them.
    pub(crate) fn new(json: bool, level: &str, message: &str, now: SystemTime) -> Self {
        let mut text = String::with_capacity(512);
        let _ = if json {
            let time = rfc3339(now);
            write!(text, r#"{{"timestamp":"{time}","level":"{level}","message":"{message}""#)
        } else {
            write!(text, "{level} {message}")
        };
        Self { text, json }
    }

    /// A value that both formats write without quotes.
    pub(crate) fn bare(&mut self, name: &str, value: impl Display) -> &mut Self {
        let _ = if self.json {
            write!(self.text, r#","{name}":{value}"#)
        } else {
            write!(self.text, " {name}={value}")
        };
        self
    }

    /// A text, in quotes where they are needed.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let quoted = self.json
            || value.is_empty()
            || value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
        if quoted { self.bare(name, format_args!("\"{}\"", escaped(value))) } else { self.bare(name, value) }
    }

    /// The line with its end.
    pub(crate) fn finish(mut self) -> String {
        self.text.push_str(if self.json { "}\n" } else { "\n" });
        self.text
    }
}

/// Writes whole lines. A log that cannot be written must not fail the invocation.
pub(crate) fn print(lines: &str) {
    let _ = io::stdout().lock().write_all(lines.as_bytes());
}

/// `2026-11-22T10:15:00.123Z`. The date by Howard Hinnant's `civil_from_days`
/// ("chrono-Compatible Low-Level Date Algorithms"), for years that begin in March.
fn rfc3339(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since_epoch.as_secs() / 86_400, since_epoch.as_secs() % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let millisecond = since_epoch.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_around_leap_days_and_centuries() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_795_342_500, "2026-11-22T10:15:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_millis(7)), "1970-01-01T00:00:00.007Z");
    }

    fn sample(json: bool) -> String {
        let mut line = Line::new(json, "INFO", "computed", UNIX_EPOCH);
        line.text("requestId", "8f").bare("digits", 10).bare("compute_ms", "0.250").bare("ok", true);
        line.text("problem", "say \"ten\"\nor 10").text("empty", "");
        line.finish()
    }

    #[test]
    fn text_lines_quote_only_what_needs_it() {
        let line = r#"INFO computed requestId=8f digits=10 compute_ms=0.250 ok=true problem="say \"ten\"\nor 10" empty="""#;
        assert_eq!(sample(false), format!("{line}\n"));
    }

    #[test]
    fn json_lines_are_json_with_the_keys_that_lambda_reads() {
        let value: serde_json::Value = serde_json::from_str(&sample(true)).expect("one JSON value");
        assert_eq!(value["timestamp"], "1970-01-01T00:00:00.000Z");
        assert_eq!((&value["level"], &value["message"]), (&"INFO".into(), &"computed".into()));
        assert_eq!((&value["digits"], &value["problem"]), (&10.into(), &"say \"ten\"\nor 10".into()));
    }
}
