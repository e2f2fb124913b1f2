//! The response, with its fields in a stable order.

use super::{Output, Request};
use crate::pi::{Summary, Text, TextDigest};
use serde::Serialize;
use std::time::Instant;

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for the log.
    pub request: Request,
    /// What the caller gets.
    pub response: Response,
}

/// The response of a direct invocation.
///
/// With `"output": "digest"` the field `pi` gives way to `first` and `last`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// Number of significant digits.
    pub digits: u64,
    /// "3." and the decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pi: Option<String>,
    /// The text of the first 50 digits, or of all when there are fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The last 50 digits, or all when there are fewer, without a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Name of the algorithm that computed them.
    pub algorithm: &'static str,
    /// SHA-256 of the whole text, in lower-case hexadecimal.
    pub sha256: String,
    /// Wall-clock time of the computation and the digest, in milliseconds.
    pub compute_ms: f64,
    /// The invocation's request id.
    pub request_id: String,
}

impl Response {
    pub(super) fn compute(request: &Request, request_id: &str, threads: usize) -> Self {
        let start = Instant::now();
        let (pi, summary) = text_and_summary(request, threads);
        let (first, last) = match request.output {
            Output::Digits => (None, None),
            Output::Digest => (Some(summary.first), Some(summary.last)),
        };
        Self {
            digits: request.digits.get(),
            pi,
            first,
            last,
            algorithm: request.algorithm.name(),
            sha256: summary.sha256,
            compute_ms: (start.elapsed().as_secs_f64() * 1e6).round() / 1e3,
            request_id: request_id.to_owned(),
        }
    }
}

/// Digests the text as it comes, and keeps it only where it is the output.
fn text_and_summary(request: &Request, threads: usize) -> (Option<String>, Summary) {
    let mut pi = (request.output == Output::Digits).then(String::new);
    let mut digest = TextDigest::default();
    let mut text = Text::new(request.algorithm, request.digits).with_threads(threads);
    while let Some(block) = text.next_block() {
        digest.update(block);
        if let Some(pi) = &mut pi {
            pi.push_str(block);
        }
    }
    (pi, digest.finish())
}
