//! One structured line per invocation (or message of a batch), in the format and at the level that
//! the function's logging configuration asks for.
//!
//! Lambda says them in `AWS_LAMBDA_LOG_FORMAT` (`Text` or `JSON`) and
//! `AWS_LAMBDA_LOG_LEVEL` (`TRACE` to `FATAL`). The lines themselves are written
//! by [`super::lines`].

use super::lines::Lines;
use super::metrics;
use super::stream::Written;
use crate::{Context, EventError, Operation, Record, milliseconds};
use pi_spigot::pi::DigitCount;
use std::env;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// Logs what became of an invocation; the first call sets logging up.
pub(crate) fn invocation(context: &Context<'_>, records: &[Record], written: &Written) {
    static SETUP: Once = Once::new();
    static COLD: AtomicBool = AtomicBool::new(true);
    SETUP.call_once(set_up);
    let cold = COLD.swap(false, Ordering::Relaxed);
    for record in records {
        line(context, record, written, cold);
        metrics::log(context.request_id, record, SystemTime::now());
    }
}

/// Writes the line of a record: fields that it does not have are left out.
fn line(context: &Context<'_>, record: &Record, written: &Written, cold: bool) {
    let request = record.request.as_ref();
    let digits = request.map(|request| request.digits.get());
    let from = request.map(|request| request.from.get()).filter(|&from| from > DigitCount::MIN.get());
    let algorithm = request.map(|request| request.algorithm.name());
    let output = request.map(|request| request.output.name());
    let compute_ms = record.compute.map(milliseconds);
    let streamed = written.streamed.then_some(true);
    let error_message = record.error.as_ref().map(ToString::to_string);
    let duration_ms = milliseconds(context.deadline.begin().elapsed());
    // Level and fields of an event are fixed when it is compiled: one event for each level.
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                $level,
                message = message(record),
                requestId = context.request_id,
                trigger = record.trigger.name(),
                op = record.operation.map(Operation::name),
                messageId = record.item.as_deref(),
                digits,
                from,
                algorithm,
                output,
                compute_ms,
                reused = record.reused,
                sha256 = record.sha256.as_deref(),
                status = record.status,
                bytes = written.bytes,
                streamed,
                runtimeApiStatus = written.refused,
                errorType = record.error.as_ref().map(EventError::error_type),
                errorMessage = error_message,
                duration_ms,
                cold,
                xrayTraceId = context.trace_id,
            )
        };
    }
    // What the caller can mend is a warning; what only we can mend is an error.
    match &record.error {
        None => event!(Level::INFO),
        Some(EventError::InternalError { .. }) => event!(Level::ERROR),
        Some(_) => event!(Level::WARN),
    }
}

const fn message(record: &Record) -> &'static str {
    match &record.error {
        None if record.compute.is_some() => "computed",
        None => "answered",
        Some(EventError::DeadlineExceeded { .. }) => "stopped",
        Some(EventError::InternalError { .. }) => "failed",
        Some(_) => "refused",
    }
}

fn set_up() {
    let level = level(&env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default());
    let json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("JSON"));
    let set = tracing::subscriber::set_global_default(Lines::new(level, json));
    set.expect("nothing else sets a subscriber, and this runs once");
}

/// Lambda's name of a level; unset or unknown is INFO, as on Lambda itself.
fn level(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" => LevelFilter::ERROR,
        // Above all that is written here.
        "FATAL" => LevelFilter::OFF,
        _ => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_lambdas_names() {
        assert_eq!(level(""), LevelFilter::INFO);
        assert_eq!(level("trace"), LevelFilter::TRACE);
        assert_eq!(level("warn"), LevelFilter::WARN);
        assert_eq!(level("FATAL"), LevelFilter::OFF);
        assert_eq!(level("loud"), LevelFilter::INFO);
    }
}
