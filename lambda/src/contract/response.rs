//! The response, with its fields in a stable order.

use super::{Output, Request};
use crate::cache::Kept;
use pi_spigot::pi::{DigitCount, Summary, Text, TextDigest};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The response of a direct invocation.
///
/// With `"output": "digest"` the field `pi` gives way to `first` and `last`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What was asked.
    pub request: Request,
    /// The digits; "3." and the decimals if they begin with the 3.
    pub pi: Option<String>,
    /// SHA-256 and ends of that text.
    pub summary: Summary,
    /// Wall-clock time of the computation and the digest.
    pub compute: Duration,
    /// Whether digits came from an earlier invocation, if that was asked for.
    pub reused: Option<bool>,
}

/// The response as its caller reads it.
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
    pub(crate) fn compute(request: Request, threads: usize, reuse: bool) -> Self {
        let start = Instant::now();
        let (pi, summary, from_memory) =
            if reuse { kept(&request, threads) } else { once(&request, threads) };
        Self { request, pi, summary, compute: start.elapsed(), reused: request.reuse.then_some(from_memory) }
    }

    /// What is serialized, with the id of its invocation.
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

/// Digests the text as it comes, and keeps it only where it is the output.
fn once(request: &Request, threads: usize) -> (Option<String>, Summary, bool) {
    let room = usize::try_from(request.text_len()).unwrap_or(0);
    let mut pi = (request.output == Output::Digits).then(|| String::with_capacity(room));
    let mut digest = TextDigest::default();
    let mut text = Text::range(request.algorithm, request.from, request.digits).with_threads(threads);
    while let Some(block) = text.next_block() {
        digest.update(block);
        if let Some(pi) = &mut pi {
            pi.push_str(block);
        }
    }
    (pi, digest.finish(), false)
}

/// The same from the digits that are kept, and whether any of them were there before.
fn kept(request: &Request, threads: usize) -> (Option<String>, Summary, bool) {
    let (before, last) = (request.from.get() as usize - 1, request.last().get() as usize);
    let mut kept = Kept::take(request.algorithm, threads);
    let from_memory = kept.len() > before;
    let digits = std::str::from_utf8(&kept.first(last)[before..]).unwrap_or_default();
    let (first, rest) = if before == 0 && last > 1 { digits.split_at(1) } else { ("", digits) };
    let parts = if first.is_empty() { [rest, "", ""] } else { [first, ".", rest] };
    let mut digest = TextDigest::default();
    parts.into_iter().for_each(|part| digest.update(part));
    let pi = (request.output == Output::Digits).then(|| parts.concat());
    kept.keep();
    (pi, digest.finish(), from_memory)
}

/// A time in milliseconds with three decimals, as JSON and logs have it.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_nanos().div_ceil(1000) as f64 / 1e3
}
