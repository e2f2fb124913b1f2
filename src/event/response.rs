//! The response, with its fields in a stable order.

use super::json::Object;
use super::keep::Kept;
use super::{Output, Request};
use crate::pi::{DigitCount, Summary, Text, TextDigest};
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

/// A body in three parts, so that megabytes of digits are never copied into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What comes before the digits.
    pub head: String,
    /// The digits.
    pub digits: Vec<u8>,
    /// What comes behind them.
    pub tail: String,
}

impl Body {
    /// A body without digits.
    pub(super) fn of(text: String) -> Self {
        Self { head: text, ..Self::default() }
    }

    /// Its parts in their order.
    #[must_use]
    pub fn parts(&self) -> [&[u8]; 3] {
        [self.head.as_bytes(), &self.digits, self.tail.as_bytes()]
    }

    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole as one piece.
    #[must_use]
    pub fn concat(&self) -> Vec<u8> {
        self.parts().concat()
    }
}

impl Response {
    pub(super) fn compute(request: Request, threads: usize, reuse: bool) -> Self {
        let start = Instant::now();
        let (pi, summary, from_memory) = if reuse { kept(&request) } else { once(&request, threads) };
        Self { request, pi, summary, compute: start.elapsed(), reused: request.reuse.then_some(from_memory) }
    }

    /// Milliseconds with three decimals.
    #[must_use]
    pub fn compute_ms(&self) -> String {
        milliseconds(self.compute)
    }

    /// The response as JSON.
    #[must_use]
    pub fn into_body(self, request_id: &str) -> Body {
        let mut object = Object::new();
        object.raw("digits", self.request.digits);
        if self.request.from > DigitCount::MIN {
            object.raw("from", self.request.from);
        }
        let mut body = Body::default();
        let compute_ms = self.compute_ms();
        if let Some(pi) = self.pi {
            object.name("pi").push('"');
            body.head = std::mem::take(object.text_mut());
            body.digits = pi.into_bytes();
            object.text_mut().push('"');
        } else {
            object.text("first", &self.summary.first).text("last", &self.summary.last);
        }
        object.text("algorithm", self.request.algorithm.name()).text("sha256", &self.summary.sha256);
        object.raw("compute_ms", compute_ms);
        if let Some(reused) = self.reused {
            object.raw("reused", reused);
        }
        object.text("request_id", request_id);
        let end = object.finish();
        if body.digits.is_empty() {
            body.head = end;
        } else {
            body.tail = end;
        }
        body
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
fn kept(request: &Request) -> (Option<String>, Summary, bool) {
    let (before, last) = (request.from.get() as usize - 1, request.last().get() as usize);
    let mut kept = Kept::take(request.algorithm);
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
pub fn milliseconds(time: Duration) -> String {
    let micros = time.as_nanos().div_ceil(1000);
    format!("{}.{:03}", micros / 1000, micros % 1000)
}
