//! Parses answers of Lambda's Invoke API.

use super::{Cause, FunctionError};
use crate::report_line::Report;

/// The last report in the end of a log, as text or as JSON.
pub(super) fn report(log_tail: &[u8]) -> Option<Report> {
    let tail = String::from_utf8_lossy(log_tail);
    tail.lines().rev().find_map(|line| line.parse().ok().or_else(|| Report::from_json(line)))
}

/// `errorType` and `errorMessage` of an error's payload, and the kind of failure.
pub(super) fn function_error(payload: &[u8]) -> FunctionError {
    let body: serde_json::Value = serde_json::from_slice(payload).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let error_type = field("errorType").unwrap_or_else(|| "Unhandled".to_owned());
    let error_message =
        field("errorMessage").unwrap_or_else(|| String::from_utf8_lossy(payload).into_owned());
    FunctionError { cause: cause(&error_type, &error_message), error_type, error_message }
}

/// The kind by the error's type; older runtimes of Lambda mark a timeout only by its message.
fn cause(error_type: &str, error_message: &str) -> Cause {
    match error_type {
        "Sandbox.Timedout" => Cause::TimedOut,
        _ if error_message.contains("Task timed out after") => Cause::TimedOut,
        "Runtime.ExitError" => Cause::Exited,
        "Function.ResponseSizeTooLarge" => Cause::ResponseTooLarge,
        _ => Cause::Reported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_last_report_counts_in_either_format() {
        let line = |id: &str| {
            format!(
                "REPORT RequestId: {id}\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 \
                 MB\tMax Memory Used: 9 MB\t\n"
            )
        };
        let text = format!("{}REPORT RequestId: cut\tDurat\n{}noise\n", line("a"), line("b"));
        assert_eq!(report(text.as_bytes()).unwrap().request_id, "b");
        let json = concat!(
            "{\"level\":\"INFO\"}\n",
            r#"{"time":"2026-11-22T05:00:00.000Z","type":"platform.report","record":{"requestId":"c","#,
            r#""metrics":{"durationMs":1.5,"billedDurationMs":20,"memorySizeMB":128,"maxMemoryUsedMB":9,"#,
            r#""initDurationMs":17.25},"status":"success"}}"#,
        );
        let report = report(json.as_bytes()).unwrap();
        assert_eq!((report.request_id.as_str(), report.max_memory_used), ("c", 9));
        assert_eq!(report.init_duration, Some(Duration::from_micros(17_250)));
        assert_eq!(super::report(b"START\nEND\n"), None);
    }

    #[test]
    fn what_the_platform_noticed_is_told_from_what_the_function_said() {
        let cause = |payload: &str| function_error(payload.as_bytes()).cause;
        assert_eq!(
            cause(
                r#"{"errorType":"Sandbox.Timedout",
                    "errorMessage":"RequestId: x Error: Task timed out after 3.00 seconds"}"#
            ),
            Cause::TimedOut
        );
        assert_eq!(
            cause(r#"{"errorMessage":"2026-11-22 x Task timed out after 3.00 seconds"}"#),
            Cause::TimedOut
        );
        assert_eq!(
            cause(r#"{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}"#),
            Cause::Exited
        );
        assert_eq!(cause(r#"{"errorType":"Function.ResponseSizeTooLarge"}"#), Cause::ResponseTooLarge);
        assert_eq!(cause(r#"{"errorType":"InvalidDigits","errorMessage":"digits is 0"}"#), Cause::Reported);
        assert_eq!(cause("oops"), Cause::Reported);
    }
}
