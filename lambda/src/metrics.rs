//! Metrics of `CloudWatch` for requests that ask for them: a log line in the embedded metric format.
//!
//! Source: AWS, "Specification: Embedded metric format". The namespace is the function's crate, the
//! dimension its algorithm.

use pi_spigot_lambda::{Record, milliseconds};
use serde::Serialize;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// A line, metrics and dimension as members of their own.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    aws: Metadata,
    algorithm: &'static str,
    digits: u64,
    compute_ms: f64,
    #[serde(rename = "requestId")]
    request_id: &'a str,
}

/// The metrics among the members of the line.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: u64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: [Metric; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

const DIRECTIVE: Directive = Directive {
    namespace: "pi-spigot",
    dimensions: [["algorithm"]],
    metrics: [Metric { name: "digits", unit: "Count" }, Metric { name: "compute_ms", unit: "Milliseconds" }],
};

/// Writes the line of a computation that asked for it.
pub(crate) fn log(request_id: &str, record: &Record, now: SystemTime) {
    let Some(line) = line(request_id, record, now) else { return };
    if let Ok(mut text) = serde_json::to_string(&line) {
        text.push('\n');
        // A log that cannot be written must not fail the invocation.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }
}

fn line<'a>(request_id: &'a str, record: &Record, now: SystemTime) -> Option<Line<'a>> {
    let request = record.request.filter(|request| request.metrics)?;
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    Some(Line {
        aws: Metadata { timestamp, cloud_watch_metrics: [DIRECTIVE] },
        algorithm: request.algorithm.name(),
        digits: request.digits.get(),
        compute_ms: milliseconds(record.compute?),
        request_id,
    })
}
