//! The response to a request for digits, with its fields in a stable order.

use super::Request;
use pi_spigot::pi::{DigitCount, Summary};
use serde::Serialize;
use std::time::Duration;

/// A response.
///
/// With `"output": "digest"` it has `first` and `last` instead of `pi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The request.
    pub request: Request,
    /// The digits: "3." and decimals, or decimals alone from a later position.
    pub pi: Option<String>,
    /// SHA-256 and ends of the digits' text.
    pub summary: Summary,
    /// Wall-clock time of the computation and the digest.
    pub compute: Duration,
    /// The origin of the digits, if the request allows reuse: true for an earlier invocation.
    pub reused: Option<bool>,
}

/// The response as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Json<'a> {
    digits: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<&'a str>,
    algorithm: &'static str,
    sha256: &'a str,
    compute_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<bool>,
    request_id: &'a str,
}

impl Response {
    /// The response as JSON, with the id of its invocation.
    pub(crate) fn with_id<'a>(&'a self, request_id: &'a str) -> Json<'a> {
        let Request { digits, from, algorithm, .. } = self.request;
        let ends = self.pi.is_none();
        Json {
            digits: digits.get(),
            from: (from > DigitCount::MIN).then_some(from.get()),
            pi: self.pi.as_deref(),
            first: ends.then_some(&self.summary.first),
            last: ends.then_some(&self.summary.last),
            algorithm: algorithm.name(),
            sha256: &self.summary.sha256,
            compute_ms: milliseconds(self.compute),
            reused: self.reused,
            request_id,
        }
    }
}

/// Converts a time to milliseconds with three decimals, as JSON and logs write times.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_nanos().div_ceil(1000) as f64 / 1e3
}
