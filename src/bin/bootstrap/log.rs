//! One structured line per invocation (or message of a batch), in the format and at the level that
//! the function's logging configuration asks for.
//!
//! Lambda says them in `AWS_LAMBDA_LOG_FORMAT` (`Text` or `JSON`) and
//! `AWS_LAMBDA_LOG_LEVEL` (`TRACE` to `FATAL`).

use super::lines::{Line, print};
use super::metrics;
use super::runtime::Written;
use pi_spigot::event::{Context, EventError, Record, milliseconds};
use pi_spigot::pi::DigitCount;
use std::env;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// Lambda's levels as far as there are lines of them, least important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Info,
    Warn,
    Error,
    /// Above all that is written here.
    Fatal,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error | Self::Fatal => "ERROR",
        }
    }

    /// Lambda's name of a level; unset or unknown is INFO, as on Lambda itself.
    fn from_name(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "WARN" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" => Self::Fatal,
            _ => Self::Info,
        }
    }

    /// What the caller can mend is a warning; what only we can mend is an error.
    const fn of(error: Option<&EventError>) -> Self {
        match error {
            None => Self::Info,
            Some(EventError::InternalError { .. }) => Self::Error,
            Some(_) => Self::Warn,
        }
    }
}

/// The level below which nothing is written, and whether lines are JSON.
static CONFIGURED: OnceLock<(Level, bool)> = OnceLock::new();

/// Logs what became of an invocation.
pub(crate) fn invocation(context: &Context<'_>, records: &[Record], written: &Written) {
    static COLD: AtomicBool = AtomicBool::new(true);
    let cold = COLD.swap(false, Ordering::Relaxed);
    let (least, json) = *CONFIGURED.get_or_init(|| {
        let json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("JSON"));
        (Level::from_name(&env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default()), json)
    });
    let now = SystemTime::now();
    let mut lines = String::new();
    for record in records {
        let level = Level::of(record.error.as_ref());
        if level >= least {
            let message = match (&record.error, level) {
                (None, _) if record.request.is_some() => "computed",
                (None, _) => "answered",
                (Some(EventError::DeadlineExceeded { .. }), _) => "stopped",
                (Some(_), Level::Error) => "failed",
                (Some(_), _) => "refused",
            };
            let mut line = Line::new(json, level.name(), message, now);
            fields(&mut line, context, record, written, cold);
            lines.push_str(&line.finish());
        }
        if let Some(metrics) = metrics::line(context.request_id, record, now) {
            lines.push_str(&metrics);
        }
    }
    if !lines.is_empty() {
        print(&lines);
    }
}

fn fields(line: &mut Line, context: &Context<'_>, record: &Record, written: &Written, cold: bool) {
    line.text("requestId", context.request_id).text("trigger", record.trigger);
    if let Some(item) = &record.item {
        line.text("messageId", item);
    }
    if let Some(request) = &record.request {
        line.bare("digits", request.digits);
        if request.from > DigitCount::MIN {
            line.bare("from", request.from);
        }
        line.text("algorithm", request.algorithm.name()).text("output", request.output.name());
    }
    if let Some(compute) = record.compute {
        line.bare("compute_ms", milliseconds(compute));
    }
    if let Some(reused) = record.reused {
        line.bare("reused", reused);
    }
    if let Some(sha256) = &record.sha256 {
        line.text("sha256", sha256);
    }
    outcome(line, record, written);
    line.bare("duration_ms", milliseconds(context.deadline.begin().elapsed())).bare("cold", cold);
    if let Some(trace_id) = context.trace_id {
        line.text("xrayTraceId", trace_id);
    }
}

/// Status, size and error of the answer.
fn outcome(line: &mut Line, record: &Record, written: &Written) {
    if let Some(status) = record.status {
        line.bare("status", status);
    }
    line.bare("bytes", written.bytes);
    if written.streamed {
        line.bare("streamed", true);
    }
    if let Some(refused) = written.refused {
        line.bare("runtimeApiStatus", refused);
    }
    if let Some(error) = &record.error {
        line.text("errorType", error.error_type()).text("errorMessage", &error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_lambdas_names() {
        assert_eq!(Level::from_name(""), Level::Info);
        assert_eq!(Level::from_name("TRACE"), Level::Info);
        assert_eq!(Level::from_name("warn"), Level::Warn);
        assert_eq!(Level::from_name("FATAL"), Level::Fatal);
        assert_eq!(Level::from_name("loud"), Level::Info);
    }
}
