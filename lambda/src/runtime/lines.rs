//! Log events as lines on standard output, each in one write.
//!
//! ```text
//! Text   INFO computed requestId=8f5c... digits=10000 compute_ms=131.2
//! JSON   {"timestamp":"2026-11-22T10:15:00.123Z","level":"INFO","message":"computed",...}
//! ```
//!
//! JSON lines carry `timestamp` and `level`, the keys by which Lambda filters;
//! text lines leave the time to the log service. Spans are not recorded: the function
//! has none. tracing-subscriber does all this and more, for 160 KB more of
//! file (measured), which every cold start would fetch.

use crate::contract::json::text;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The runtime repeats every error of a handler in a line of its own.
const REPEATS: &str = "lambda_runtime::layers::panic";

/// A subscriber that writes events up to a level as text or JSON.
#[derive(Debug)]
pub(crate) struct Lines {
    level: LevelFilter,
    json: bool,
}

impl Lines {
    pub(crate) const fn new(level: LevelFilter, json: bool) -> Self {
        Self { level, json }
    }

    fn line(&self, event: &Event<'_>, now: SystemTime) -> String {
        let level = event.metadata().level();
        let mut fields = Fields { line: String::with_capacity(256), json: self.json };
        if self.json {
            let time = rfc3339(now);
            let _ = write!(fields.line, r#"{{"timestamp":"{time}","level":"{level}""#);
        } else {
            let _ = write!(fields.line, "{level}");
        }
        event.record(&mut fields);
        fields.line.push_str(if self.json { "}\n" } else { "\n" });
        fields.line
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level && metadata.target() != REPEATS
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        print(&self.line(event, SystemTime::now()));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Writes whole lines. A log that cannot be written must not fail the invocation.
pub(crate) fn print(lines: &str) {
    let _ = io::stdout().lock().write_all(lines.as_bytes());
}

/// Appends fields to a line; tracing gives `message` first.
struct Fields {
    line: String,
    json: bool,
}

impl Fields {
    /// A value that both formats write without quotes.
    fn bare(&mut self, field: &Field, value: &dyn fmt::Display) {
        let name = field.name();
        let _ = if self.json {
            write!(self.line, r#","{name}":{value}"#)
        } else {
            write!(self.line, " {name}={value}")
        };
    }

    fn text(&mut self, field: &Field, value: &str) {
        if !self.json && field.name() == "message" {
            let _ = write!(self.line, " {value}");
        } else if self.json || value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"') {
            self.bare(field, &text(&value));
        } else {
            self.bare(field, &value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    /// By what writes the numbers of responses anyway: `Display` of `f64` is 12 KB of code (measured).
    fn record_f64(&mut self, field: &Field, value: f64) {
        let text = text(&value);
        self.bare(field, &text.strip_suffix(".0").unwrap_or(&text));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, &value);
    }
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
    use std::sync::{Arc, Mutex};
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

    /// Keeps the lines that `Lines` would write.
    struct Kept(Lines, Arc<Mutex<Vec<String>>>);

    impl Subscriber for Kept {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            self.0.enabled(metadata)
        }
        fn event(&self, event: &Event<'_>) {
            self.1.lock().unwrap().push(self.0.line(event, UNIX_EPOCH));
        }
        fn new_span(&self, attributes: &Attributes<'_>) -> Id {
            self.0.new_span(attributes)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    fn lines(json: bool, log: impl FnOnce()) -> String {
        let kept = Arc::default();
        let subscriber = Kept(Lines::new(LevelFilter::INFO, json), Arc::clone(&kept));
        tracing::subscriber::with_default(subscriber, log);
        kept.lock().unwrap().concat()
    }

    fn sample() {
        let problem = "say \"ten\"\nor 10";
        tracing::info!(requestId = "8f", digits = 10_u64, compute_ms = 0.25, ok = true, problem, "computed");
        tracing::debug!("below the level");
        tracing::error!(target: "lambda_runtime::layers::panic", "a repetition");
    }

    #[test]
    fn text_lines_quote_only_what_needs_it() {
        let line =
            r#"INFO computed requestId=8f digits=10 compute_ms=0.25 ok=true problem="say \"ten\"\nor 10""#;
        assert_eq!(lines(false, sample), format!("{line}\n"));
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let log = || tracing::info!(a = 7.0, b = 0.001, c = 1234.5, d = 0.0, "ms");
        assert_eq!(lines(false, log), "INFO ms a=7 b=0.001 c=1234.5 d=0\n");
    }

    #[test]
    fn json_lines_are_json_with_the_keys_that_lambda_reads() {
        let text = lines(true, sample);
        let value: serde_json::Value = serde_json::from_str(&text).expect("one JSON value");
        assert_eq!(value["timestamp"], "1970-01-01T00:00:00.000Z");
        assert_eq!((&value["level"], &value["message"]), (&"INFO".into(), &"computed".into()));
        assert_eq!((&value["digits"], &value["problem"]), (&10.into(), &"say \"ten\"\nor 10".into()));
    }
}
