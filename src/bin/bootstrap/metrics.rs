//! Metrics of `CloudWatch` for requests that ask for them: a log line in the embedded metric format.
//!
//! Source: AWS, "Specification: Embedded metric format". The namespace is the function's crate, the
//! dimension its algorithm.

use pi_spigot::event::{Record, milliseconds};
use std::time::{SystemTime, UNIX_EPOCH};

/// The line of a computation that asked for it.
pub(crate) fn line(request_id: &str, record: &Record, now: SystemTime) -> Option<String> {
    let request = record.request.filter(|request| request.metrics)?;
    let compute_ms = milliseconds(record.compute?);
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Some(format!(
        "{{\"_aws\":{{\"Timestamp\":{timestamp},\"CloudWatchMetrics\":[{{\"Namespace\":\"{}\",\
         \"Dimensions\":[[\"algorithm\"]],\"Metrics\":[{{\"Name\":\"digits\",\"Unit\":\"Count\"}},\
         {{\"Name\":\"compute_ms\",\"Unit\":\"Milliseconds\"}}]}}]}},\"algorithm\":\"{}\",\"digits\":{},\
         \"compute_ms\":{compute_ms},\"requestId\":\"{request_id}\"}}\n",
        env!("CARGO_PKG_NAME"),
        request.algorithm,
        request.digits,
    ))
}
