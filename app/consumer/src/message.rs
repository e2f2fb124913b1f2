//! The body of a message, as `pi-telemetry` writes it, and the item that it becomes.

use jiff::Timestamp;
use lambda_meter::cost::{self, Prices};
use pi_observatory_store::{Architecture, Event, Invalid, Measurement, Source, Start};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;

/// An item of the table.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// A report of the platform: one invocation with its figures.
    Measurement(Measurement),
    /// Everything else.
    Event(Event),
}

/// A message that can never be stored. Displays the field and the problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Poison(String);

impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Poison {}

impl From<Invalid> for Poison {
    fn from(invalid: Invalid) -> Self {
        Self(invalid.to_string())
    }
}

/// A message. Fields that a later version adds are ignored.
#[derive(Deserialize)]
struct Message {
    id: String,
    r#type: String,
    time: Timestamp,
    function: Function,
    record: Box<RawValue>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    architecture: Option<Architecture>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    processor: Option<String>,
}

/// The record of `platform.report`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    request_id: String,
    status: String,
    #[serde(default)]
    error_type: Option<String>,
    metrics: Metrics,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    billed_duration_ms: f64,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: u32,
    #[serde(rename = "maxMemoryUsedMB", default)]
    max_memory_used_mb: Option<u32>,
    #[serde(default)]
    init_duration_ms: Option<f64>,
}

/// Reads a body.
///
/// # Errors
///
/// The field that makes the message impossible to store.
pub fn read(body: &str) -> Result<Stored, Poison> {
    let message: Message = parse(body, "no message of pi-telemetry")?;
    if message.r#type != "platform.report" {
        return event(message).map(Stored::Event);
    }
    let report = parse(message.record.get(), "record is no report of the platform")?;
    measurement(message, report).map(Stored::Measurement)
}

/// Reads JSON; an error names the path to the value at fault.
fn parse<'a, T: Deserialize<'a>>(json: &'a str, problem: &str) -> Result<T, Poison> {
    let mut json = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut json).map_err(|error| Poison(format!("{problem}: {error}")))
}

fn event(message: Message) -> Result<Event, Poison> {
    let Message { id, r#type: kind, time: at, function, record } = message;
    let event = Event { function: function.name, at, id, kind, record: record.get().to_owned() };
    event.validate()?;
    Ok(event)
}

/// The measurement of a report. A message that comes twice has the same time and the same request, which
/// make the key.
fn measurement(message: Message, report: Report) -> Result<Measurement, Poison> {
    let Function { name, architecture, region, processor } = message.function;
    let Report { request_id, status, error_type, metrics } = report;
    let known = |text: Option<String>| text.filter(|text| !text.is_empty());
    let measurement = Measurement {
        function: name,
        at: message.time,
        id: request_id,
        source: Source::Extension,
        start: if metrics.init_duration_ms.is_some() { Start::Cold } else { Start::Warm },
        memory_mb: metrics.memory_size_mb,
        duration_ms: metrics.duration_ms,
        billed_ms: metrics.billed_duration_ms,
        init_ms: metrics.init_duration_ms,
        used_mb: metrics.max_memory_used_mb,
        usd: architecture.map(|architecture| usd(architecture, &metrics)),
        architecture,
        package: None,
        region: known(region),
        processor: known(processor),
        revision: None,
        event: None,
        sha256: None,
        failure: failure(&status, error_type.as_deref()),
    };
    measurement.validate()?;
    Ok(measurement)
}

/// The list price of an invocation, in USD.
fn usd(architecture: Architecture, metrics: &Metrics) -> f64 {
    let architecture = match architecture {
        Architecture::X86_64 => cost::Architecture::X86_64,
        Architecture::Arm64 => cost::Architecture::Arm64,
    };
    let memory_mb = u64::from(metrics.memory_size_mb);
    cost::invocation(&Prices::of_tier(1), architecture, memory_mb, metrics.billed_duration_ms)
}

/// A failure in the platform's words: `error: Runtime.ExitError`.
fn failure(status: &str, error_type: Option<&str>) -> Option<String> {
    if status == "success" {
        return None;
    }
    let words = error_type.map_or_else(|| status.to_owned(), |kind| format!("{status}: {kind}"));
    Some(words.chars().filter(|c| !c.is_control()).take(256).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn message(kind: &str, record: &Value) -> Value {
        json!({"id": "e-17", "type": kind, "time": "2026-11-29T12:00:00.000Z",
            "function": {"name": "pi", "version": "$LATEST", "memory_mb": 128, "architecture": "arm64",
                "region": "eu-central-1", "initialization": "on-demand", "processor": "arm 0x41 0xd40"},
            "record": record})
    }

    fn report() -> Value {
        json!({"requestId": "r1", "status": "success", "metrics": {"durationMs": 1.5, "billedDurationMs": 17,
            "memorySizeMB": 128, "maxMemoryUsedMB": 12, "initDurationMs": 15.25}})
    }

    #[test]
    fn a_report_becomes_a_measurement() {
        let stored = read(&message("platform.report", &report()).to_string()).unwrap();
        let Stored::Measurement(measurement) = stored else { panic!("{stored:?}") };
        assert_eq!((measurement.function.as_str(), measurement.id.as_str()), ("pi", "r1"));
        assert_eq!(measurement.start, Start::Cold);
        assert_eq!((measurement.duration_ms, measurement.billed_ms), (1.5, 17.0));
        assert_eq!((measurement.init_ms, measurement.used_mb), (Some(15.25), Some(12)));
        assert_eq!(measurement.processor.as_deref(), Some("arm 0x41 0xd40"));
        // 0.125 GB x 0.017 s x 0.0000133334 USD and a request.
        let expected = 0.125 * 0.017 * 0.000_013_333_4 + 2e-7;
        assert!((measurement.usd.unwrap() - expected).abs() < 1e-12, "{:?}", measurement.usd);
        assert_eq!(measurement.failure, None);
    }

    #[test]
    fn warm_and_failed_invocations_are_told_apart() {
        let mut record = report();
        record["metrics"].as_object_mut().unwrap().remove("initDurationMs");
        record["status"] = "error".into();
        record["errorType"] = "Runtime.ExitError".into();
        let stored = read(&message("platform.report", &record).to_string()).unwrap();
        let Stored::Measurement(measurement) = stored else { panic!("{stored:?}") };
        assert_eq!(measurement.start, Start::Warm);
        assert_eq!(measurement.failure.as_deref(), Some("error: Runtime.ExitError"));
    }

    #[test]
    fn any_other_kind_becomes_an_event_with_its_record_word_for_word() {
        let body =
            message("order.placed", &json!(0)).to_string().replace("\"record\":0", "\"record\":{\"n\": 1.0}");
        let Stored::Event(event) = read(&body).unwrap() else { panic!() };
        assert_eq!((event.id.as_str(), event.kind.as_str()), ("e-17", "order.placed"));
        assert_eq!(event.record, "{\"n\": 1.0}");
    }

    #[test]
    fn poison_names_the_field() {
        let without = |field: &str| {
            let mut message = message("platform.report", &report());
            message.as_object_mut().unwrap().remove(field);
            message.to_string()
        };
        let with = |pointer: &str, value: Value| {
            let mut message = message("platform.report", &report());
            *message.pointer_mut(pointer).unwrap() = value;
            message.to_string()
        };
        for (body, field) in [
            (String::new(), "no message"),
            ("{".to_owned(), "no message"),
            ("[[[[".to_owned(), "no message"),
            (without("id"), "`id`"),
            (without("type"), "`type`"),
            (without("time"), "`time`"),
            (without("function"), "`function`"),
            (without("record"), "`record`"),
            (with("/record", json!("text")), "record"),
            (with("/record/metrics/memorySizeMB", json!(64)), "memory_mb"),
            (with("/record/metrics/durationMs", json!(-1)), "duration_ms"),
            (with("/record/requestId", json!("a b")), "id"),
            (with("/function/name", json!("a b")), "function"),
            (with("/time", json!("yesterday")), "time: "),
        ] {
            let poison = read(&body).unwrap_err().to_string();
            assert!(poison.contains(field), "{body}: {poison}");
        }
    }
}
