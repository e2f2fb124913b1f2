//! One structured line per invocation, or per message of a batch, by `tracing-subscriber`.
//!
//! ```text
//! Text   INFO computed requestId=8f5c... digits=10000 compute_ms=131.2
//! JSON   {"timestamp":"2026-11-22T10:15:00.123456Z","level":"INFO","message":"computed",...}
//! ```
//!
//! Lambda sets the format in `AWS_LAMBDA_LOG_FORMAT` (`Text` or `JSON`) and the level in
//! `AWS_LAMBDA_LOG_LEVEL` (`TRACE` to `FATAL`). It filters JSON lines by `timestamp` and `level`,
//! and adds the time to text lines itself.

use crate::metrics;
use pi_spigot_lambda::{Context, EventError, Operation, Record, milliseconds};
use std::env;
use std::fmt;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tracing::field::display;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// The target of the line that `lambda_runtime` writes for each error of the handler: a repetition of ours,
/// without its fields. There is no setting for it.
const REPETITION: &str = "lambda_runtime::layers::panic";

/// How an answer went out.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Bytes of the body.
    pub(crate) bytes: usize,
    /// Set if the answer was streamed.
    pub(crate) streamed: bool,
    /// For how long the digits of a stream were computed.
    pub(crate) compute: Option<Duration>,
    /// The error that ended the answer before its end.
    pub(crate) error: Option<EventError>,
    /// The status with which the runtime API refused the answer, if it did.
    pub(crate) refused: Option<u16>,
    /// The fault of the connection that cut the answer, if there was one.
    pub(crate) broken: Option<String>,
}

impl Sent {
    /// A body in one piece.
    pub(crate) fn whole(bytes: usize) -> Self {
        Self { bytes, ..Self::default() }
    }
}

/// Logs the records of an invocation. The first call sets logging up.
pub(crate) fn invocation(context: &Context<'_>, records: &[Record], sent: &Sent) {
    static SETUP: Once = Once::new();
    static COLD: AtomicBool = AtomicBool::new(true);
    SETUP.call_once(set_up);
    let cold = COLD.swap(false, Ordering::Relaxed);
    for record in records {
        line(context, record, sent, cold);
        metrics::log(context.request_id, record, SystemTime::now());
    }
}

/// Writes the line of a record. Fields that the record does not have are left out.
fn line(context: &Context<'_>, record: &Record, sent: &Sent, cold: bool) {
    let request = record.request.as_ref();
    let digits = request.map(|request| request.digits.get());
    let from = request.map(|request| request.from.get()).filter(|&from| from > 1);
    let algorithm = request.map(|request| display(request.algorithm.name()));
    let output = request.map(|request| display(request.output.name()));
    let streamed = sent.streamed.then_some(true);
    let error_message = record.error.as_ref().map(ToString::to_string);
    // Level and fields of an event are fixed when it is compiled: one event for each level.
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                $level,
                requestId = %context.request_id,
                trigger = %record.trigger.name(),
                op = record.operation.map(Operation::name).map(display),
                messageId = record.item.as_deref(),
                digits,
                from,
                algorithm,
                output,
                compute_ms = record.compute.map(milliseconds),
                reused = record.reused,
                sha256 = record.sha256.as_deref().map(display),
                status = record.status,
                bytes = sent.bytes,
                streamed,
                runtimeApiStatus = sent.refused,
                connectionError = sent.broken.as_deref(),
                errorType = record.error.as_ref().map(EventError::error_type).map(display),
                errorMessage = error_message,
                duration_ms = milliseconds(context.deadline.begin().elapsed()),
                cold,
                xrayTraceId = context.trace_id.map(display),
                "{}", message(record, sent)
            )
        };
    }
    // A warning is for what the caller can mend, an error for what only we can mend.
    match &record.error {
        None if sent.is_cut() => event!(Level::WARN),
        None => event!(Level::INFO),
        Some(EventError::InternalError { .. }) => event!(Level::ERROR),
        Some(_) => event!(Level::WARN),
    }
}

const fn message(record: &Record, sent: &Sent) -> &'static str {
    match &record.error {
        None if sent.is_cut() => "cut",
        None if record.compute.is_some() => "computed",
        None => "answered",
        Some(EventError::DeadlineExceeded { .. }) => "stopped",
        Some(EventError::InternalError { .. }) => "failed",
        Some(_) => "refused",
    }
}

impl Sent {
    /// Tells whether the runtime API refused a part of the answer.
    const fn is_cut(&self) -> bool {
        self.refused.is_some() || self.broken.is_some()
    }
}

fn set_up() {
    let level = level(&env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default());
    let targets = Targets::new().with_default(level).with_target(REPETITION, LevelFilter::OFF);
    let registry = tracing_subscriber::registry().with(targets);
    if env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("JSON")) {
        let json = layer().json().flatten_event(true).with_target(false);
        registry.with(json.with_current_span(false).with_span_list(false)).init();
    } else {
        registry.with(layer().with_ansi(false).event_format(Text)).init();
    }
    warn_of_simd();
}

/// Reports a setting that has no effect: the function computes at the best level instead.
fn warn_of_simd() {
    use pi_spigot::cpu::Level;
    if let Err(error) = Level::from_env() {
        tracing::warn!("{}: {error}; the level in use is {}", Level::VARIABLE, Level::get());
    }
}

/// A level, the message and the fields: nothing that Lambda adds itself.
struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "{} ", event.metadata().level())?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// The level of Lambda's name. An unset or unknown name is INFO, as on Lambda itself.
fn level(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" => LevelFilter::ERROR,
        // Above all levels that are written here.
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
