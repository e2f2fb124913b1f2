//! Turns the outcome in a sandbox into the record of an invocation, in Lambda's words.
//!
//! [`record`] makes the record, [`report`] logs END and REPORT. With extensions the caller gets the
//! record before the invocation is over, and [`report`] follows with the final figures.

use super::environment::Configuration;
use super::exit;
use super::output::SharedLog;
use super::sandbox::{Crash, Outcome, Sandbox};
use crate::clock;
use crate::error::Error;
use crate::report_line::billed_duration;
use crate::runtime_api::{Answer, MAX_RESPONSE_SIZE, MAX_STREAM_SIZE, Reported, StreamEnd, Streamed, Work};
use crate::subject::{Cause, FunctionError, Invocation};
use std::time::{Duration, SystemTime};

/// Makes the invocation's record.
pub(super) fn record(
    configuration: &Configuration,
    sandbox: &Sandbox,
    work: &Work,
    (init_duration, duration): (Option<Duration>, Duration),
    outcome: Outcome,
) -> Invocation {
    sandbox.drain_output();
    let (payload, function_error) = payload(configuration, &work.request_id, outcome);
    Invocation {
        request_id: work.request_id.clone(),
        payload,
        function_error,
        init_duration,
        duration,
        extension_overhead: None,
        billed_duration: billed_duration(duration, init_duration),
        memory_size: configuration.memory_size,
        max_memory_used: sandbox.max_memory_used(configuration.memory_size),
        log_tail: Vec::new(),
    }
}

/// Changes the record into that of a failure after the answer.
pub(super) fn fail(configuration: &Configuration, invocation: &mut Invocation, outcome: Outcome) {
    (invocation.payload, invocation.function_error) = payload(configuration, &invocation.request_id, outcome);
}

/// Logs END and REPORT, and keeps the end of the log.
pub(super) fn report(configuration: &Configuration, log: &SharedLog, invocation: &mut Invocation) {
    let request_id = &invocation.request_id;
    let mut log = log.lock();
    match &invocation.function_error {
        Some(FunctionError { cause: Cause::Exited, error_type, error_message }) => {
            log.line(&format!("{error_message}\n{error_type}"));
        }
        Some(FunctionError { cause: Cause::TimedOut, .. }) => {
            let now = clock::timestamp(SystemTime::now());
            log.line(&format!("{now} {request_id} {}", timed_out(configuration.timeout)));
        }
        _ => {}
    }
    log.line(&format!("END RequestId: {request_id}"));
    log.line(&invocation.report().to_string());
    invocation.log_tail = log.tail();
}

fn timed_out(timeout: Duration) -> String {
    format!("Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// The caller's payload, and the error if any, worded as on Lambda.
fn payload(
    configuration: &Configuration,
    request_id: &str,
    outcome: Outcome,
) -> (Vec<u8>, Option<FunctionError>) {
    let (cause, error_type, error_message) = match outcome {
        Outcome::Answered(Answer::Response(payload)) => return (payload.into(), None),
        Outcome::Answered(Answer::Error(reported)) => {
            let error = function_error(&reported);
            return (reported.body.into(), Some(error));
        }
        Outcome::Answered(Answer::Streamed(Streamed { end, .. })) => match end {
            StreamEnd::Complete => return (Vec::new(), None),
            StreamEnd::Failed(reported) => {
                let error = function_error(&reported);
                return (error.payload(), Some(error));
            }
            StreamEnd::TooLarge => too_large("Response stream", None, MAX_STREAM_SIZE),
            StreamEnd::Truncated => (
                Cause::Truncated,
                "Runtime.TruncatedResponse",
                format!("RequestId: {request_id} Error: the response stream ended in the middle"),
            ),
        },
        Outcome::Answered(Answer::TooLarge(size)) => {
            too_large("Response payload", Some(size), MAX_RESPONSE_SIZE)
        }
        Outcome::Exited(status) => (
            Cause::Exited,
            "Runtime.ExitError",
            format!("RequestId: {request_id} Error: {}", exit::lambda_wording(status)),
        ),
        Outcome::Extension(Crash { error_type, detail, .. }) => {
            (Cause::Exited, error_type, format!("RequestId: {request_id} Error: {detail}"))
        }
        Outcome::TimedOut => (
            Cause::TimedOut,
            "Sandbox.Timedout",
            format!("RequestId: {request_id} Error: {}", timed_out(configuration.timeout)),
        ),
    };
    let error = FunctionError { cause, error_type: error_type.to_owned(), error_message };
    (error.payload(), Some(error))
}

/// `errorType` and `errorMessage` of the body, or else the header and the raw text.
pub(super) fn function_error(reported: &Reported) -> FunctionError {
    let body: serde_json::Value = serde_json::from_slice(&reported.body).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    FunctionError {
        cause: Cause::Reported,
        error_type: field("errorType")
            .or_else(|| reported.error_type.clone())
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        error_message: field("errorMessage")
            .unwrap_or_else(|| String::from_utf8_lossy(&reported.body).into_owned()),
    }
}

/// The record of an invocation whose sandbox could not be started.
pub(super) fn not_started(
    configuration: &Configuration,
    log: &SharedLog,
    request_id: String,
    error: &Error,
) -> Invocation {
    let of_request = |what: &str| format!("RequestId: {request_id} Error: {what}");
    let (error_type, error_message) = match error {
        Error::InitFailed { error_type, error_message, .. } => (error_type.as_str(), error_message.clone()),
        Error::ExitedInInit { status, .. } => {
            ("Runtime.ExitError", of_request(&format!("Runtime exited with error: {status}")))
        }
        Error::InitTimedOut { limit, .. } => ("Sandbox.Timedout", of_request(&timed_out(*limit))),
        Error::Extension { error_type, problem, name, .. } => {
            (error_type.as_str(), of_request(&format!("the extension {name} {problem}")))
        }
        Error::NotStarted { problem, .. } => ("Runtime.InvalidEntrypoint", of_request(problem)),
        other => ("Sandbox.Failure", of_request(&other.to_string())),
    };
    let error = FunctionError { cause: Cause::Exited, error_type: error_type.to_owned(), error_message };
    Invocation {
        payload: error.payload(),
        function_error: Some(error),
        init_duration: None,
        duration: Duration::ZERO,
        extension_overhead: None,
        billed_duration: Duration::ZERO,
        memory_size: configuration.memory_size,
        max_memory_used: 0,
        log_tail: log.lock().tail(),
        request_id,
    }
}

fn too_large(what: &str, size: Option<usize>, limit: usize) -> (Cause, &'static str, String) {
    let size = size.map(|size| format!(" ({size} bytes)")).unwrap_or_default();
    let message = format!("{what} size{size} exceeded maximum allowed payload size ({limit} bytes).");
    (Cause::ResponseTooLarge, "Function.ResponseSizeTooLarge", message)
}
