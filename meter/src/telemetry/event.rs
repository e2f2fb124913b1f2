//! Events, and their form for a subscriber.

use super::Dialect;
use crate::clock;
use crate::report_line::{Report, Status};
use crate::results::millis;
use crate::runtime_api::Work;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// The streams of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// The platform's events.
    Platform,
    /// Lines that the function wrote.
    Function,
    /// Lines that extensions wrote.
    Extension,
}

impl Category {
    /// All streams.
    pub const ALL: [Self; 3] = [Self::Platform, Self::Function, Self::Extension];

    /// The name in requests and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }
}

/// An event with its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    time: SystemTime,
    category: Category,
    /// `platform.start`, `function` and so on.
    kind: &'static str,
    record: Value,
}

/// A part of an invocation with its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// `responseLatency`, `responseDuration`, `runtimeOverhead` or `extensionOverhead`.
    pub name: &'static str,
    /// The beginning.
    pub start: SystemTime,
    /// The duration.
    pub duration: Duration,
}

impl Span {
    fn json(self) -> Value {
        let (start, duration) = (clock::timestamp(self.start), millis(self.duration));
        json!({"name": self.name, "start": start, "durationMs": duration})
    }
}

impl Event {
    fn platform(kind: &'static str, record: Value) -> Self {
        Self { time: SystemTime::now(), category: Category::Platform, kind, record }
    }

    /// A line of the function or of an extension.
    #[must_use]
    pub fn line(category: Category, line: &str) -> Self {
        Self { time: SystemTime::now(), category, kind: category.name(), record: json!(line) }
    }

    /// `platform.initStart`
    #[must_use]
    pub fn init_start(function: &str, version: &str) -> Self {
        Self::platform(
            "platform.initStart",
            json!({
                "initializationType": "on-demand", "phase": "init",
                "functionName": function, "functionVersion": version,
            }),
        )
    }

    /// `platform.initRuntimeDone`
    #[must_use]
    pub fn init_runtime_done(failure: Option<&Status>) -> Self {
        let mut record = json!({"initializationType": "on-demand", "phase": "init"});
        set_status(&mut record, failure);
        Self::platform("platform.initRuntimeDone", record)
    }

    /// `platform.initReport`
    #[must_use]
    pub fn init_report(duration: Duration, failure: Option<&Status>) -> Self {
        let metrics = json!({"durationMs": millis(duration)});
        let mut record = json!({"initializationType": "on-demand", "phase": "init", "metrics": metrics});
        set_status(&mut record, failure);
        Self::platform("platform.initReport", record)
    }

    /// `platform.extension`
    #[must_use]
    pub fn extension(name: &str, state: &str, events: &[&str], error_type: Option<&str>) -> Self {
        let mut record = json!({"name": name, "state": state, "events": events});
        if let Some(error_type) = error_type {
            record["errorType"] = json!(error_type);
        }
        Self::platform("platform.extension", record)
    }

    /// `platform.telemetrySubscription`, or `platform.logsSubscription` for the older API.
    #[must_use]
    pub fn subscription(name: &str, dialect: Dialect, types: &[Category]) -> Self {
        let kind = match dialect {
            Dialect::Telemetry { .. } => "platform.telemetrySubscription",
            Dialect::Logs { .. } => "platform.logsSubscription",
        };
        let types: Vec<&str> = types.iter().map(|category| category.name()).collect();
        Self::platform(kind, json!({"name": name, "state": "Subscribed", "types": types}))
    }

    /// `platform.start`
    #[must_use]
    pub fn start(work: &Work, version: &str) -> Self {
        let record =
            json!({"requestId": work.request_id, "version": version, "tracing": tracing(&work.trace_id)});
        Self::platform("platform.start", record)
    }

    /// `platform.runtimeDone`; `produced` is the size of the response in bytes.
    #[must_use]
    pub fn runtime_done(
        request_id: &str,
        trace_id: &str,
        (status, error_type): (&str, Option<&str>),
        (duration, produced): (Duration, Option<usize>),
        spans: &[Span],
    ) -> Self {
        let mut metrics = json!({"durationMs": millis(duration)});
        if let Some(produced) = produced {
            metrics["producedBytes"] = json!(produced);
        }
        let spans: Vec<Value> = spans.iter().map(|span| span.json()).collect();
        let mut record = json!({
            "requestId": request_id, "status": status, "metrics": metrics, "spans": spans,
            "tracing": tracing(trace_id),
        });
        if let Some(error_type) = error_type {
            record["errorType"] = json!(error_type);
        }
        Self::platform("platform.runtimeDone", record)
    }

    /// `platform.end`, which only the older API has.
    #[must_use]
    pub fn end(request_id: &str) -> Self {
        Self::platform("platform.end", json!({"requestId": request_id}))
    }

    /// `platform.fault`, which only the older API has.
    #[must_use]
    pub fn fault(message: &str) -> Self {
        Self::platform("platform.fault", json!(message))
    }

    /// `platform.report`
    #[must_use]
    pub fn report(report: &Report, trace_id: &str, is_error: bool, spans: &[Span]) -> Self {
        let mut metrics = json!({
            "durationMs": millis(report.duration),
            "billedDurationMs": u64::try_from(report.billed_duration.as_millis()).unwrap_or(u64::MAX),
            "memorySizeMB": report.memory_size,
            "maxMemoryUsedMB": report.max_memory_used,
        });
        if let Some(init) = report.init_duration {
            metrics["initDurationMs"] = json!(millis(init));
        }
        let mut record =
            json!({"requestId": report.request_id, "metrics": metrics, "tracing": tracing(trace_id)});
        set_status(&mut record, report.status.as_ref());
        if is_error && report.status.is_none() {
            record["status"] = json!("error");
        }
        if !spans.is_empty() {
            record["spans"] = spans.iter().map(|span| span.json()).collect();
        }
        Self::platform("platform.report", record)
    }

    /// `platform.logsDropped`
    #[must_use]
    pub fn logs_dropped(records: usize, bytes: usize) -> Self {
        let reason = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";
        let record = json!({"reason": reason, "droppedRecords": records, "droppedBytes": bytes});
        Self::platform("platform.logsDropped", record)
    }

    /// The stream of the event.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// The event as this dialect writes it, as JSON; `None` if the dialect does not have the event.
    #[must_use]
    pub fn json(&self, dialect: Dialect) -> Option<String> {
        let record = match dialect {
            Dialect::Telemetry { json_logs } => self.in_telemetry(json_logs)?,
            Dialect::Logs { with_runtime_done } => self.in_logs(with_runtime_done)?,
        };
        let event = json!({"time": clock::timestamp(self.time), "type": self.kind, "record": record});
        Some(event.to_string())
    }

    fn in_telemetry(&self, json_logs: bool) -> Option<Value> {
        match (self.kind, &self.record) {
            ("platform.end" | "platform.fault" | "platform.logsSubscription", _) => None,
            // Lambda passes lines of functions that log JSON as objects.
            ("function" | "extension", Value::String(line)) if json_logs => {
                let object = serde_json::from_str(line).ok().filter(Value::is_object);
                Some(object.unwrap_or_else(|| self.record.clone()))
            }
            (_, record) => Some(record.clone()),
        }
    }

    fn in_logs(&self, with_runtime_done: bool) -> Option<Value> {
        let only = |names: &[&str]| {
            let fields = names.iter().map(|name| ((*name).to_owned(), self.record[*name].clone()));
            Some(Value::Object(fields.collect()))
        };
        match self.kind {
            "platform.runtimeDone" if with_runtime_done => only(&["requestId", "status"]),
            "platform.start" => only(&["requestId", "version"]),
            "platform.report" => only(&["requestId", "metrics"]),
            "platform.end"
            | "platform.fault"
            | "platform.extension"
            | "platform.logsSubscription"
            | "platform.logsDropped"
            | "function"
            | "extension" => Some(self.record.clone()),
            _ => None,
        }
    }
}

fn set_status(record: &mut Value, failure: Option<&Status>) {
    match failure {
        None => record["status"] = json!("success"),
        Some(Status::Timeout) => record["status"] = json!("timeout"),
        Some(Status::Error(error_type)) => {
            record["status"] = json!("failure");
            record["errorType"] = json!(error_type);
        }
    }
}

fn tracing(trace_id: &str) -> Value {
    json!({"type": "X-Amzn-Trace-Id", "value": trace_id})
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Dialect = Dialect::Telemetry { json_logs: true };
    const TEXT: Dialect = Dialect::Telemetry { json_logs: false };
    const OLD: Dialect = Dialect::Logs { with_runtime_done: false };

    fn record(event: &Event, dialect: Dialect) -> Option<Value> {
        let event: Value = serde_json::from_str(&event.json(dialect)?).unwrap();
        assert!(event["time"].as_str().unwrap().ends_with('Z'));
        Some(event["record"].clone())
    }

    #[test]
    fn each_dialect_has_its_own_events() {
        let end = Event::end("id");
        assert_eq!((record(&end, NEW), record(&end, OLD)), (None, Some(json!({"requestId": "id"}))));
        let start = Event::init_start("pi", "$LATEST");
        assert!(record(&start, NEW).is_some() && record(&start, OLD).is_none());
        let done = Event::runtime_done("id", "t", ("success", None), (Duration::ZERO, Some(2)), &[]);
        assert_eq!(record(&done, OLD), None);
        let later = Dialect::Logs { with_runtime_done: true };
        assert_eq!(record(&done, later), Some(json!({"requestId": "id", "status": "success"})));
        assert_eq!(record(&done, NEW).unwrap()["metrics"]["producedBytes"], 2);
    }

    #[test]
    fn lines_in_json_become_objects_where_the_function_logs_json() {
        let line = Event::line(Category::Function, "{\"level\":\"INFO\"}\n");
        assert_eq!(record(&line, NEW), Some(json!({"level": "INFO"})));
        assert_eq!(record(&line, TEXT), Some(json!("{\"level\":\"INFO\"}\n")));
        assert_eq!(record(&Event::line(Category::Function, "7\n"), NEW), Some(json!("7\n")));
    }
}
