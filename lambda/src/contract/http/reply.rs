//! Answers in HTTP: status, headers, body, as the services want them from a function.

use super::gzip::Gzip;
use super::negotiate::{has, takes_gzip, wants_text};
use super::{Http, Service};
use crate::contract::json::{self, raw};
use crate::contract::{EventError, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Digits of pi never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Below this a body that is packed is no shorter.
const WORTH_PACKING: u64 = 1024;

/// In which form a caller takes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Digits alone rather than JSON.
    pub(crate) text: bool,
    /// Packed by gzip.
    pub(crate) gzip: bool,
}

impl Content {
    const JSON: Self = Self { text: false, gzip: false };

    /// What this caller prefers.
    pub(crate) fn of(http: &Http<'_>, request: &Request) -> Self {
        let gzip = request.text_len() >= WORTH_PACKING
            && request.output != crate::contract::Output::Digest
            && takes_gzip(&http.header("accept-encoding"));
        Self { text: wants_text(&http.header("accept")), gzip }
    }

    const fn media_type(self) -> &'static str {
        if self.text { "text/plain; charset=utf-8" } else { "application/json" }
    }
}

/// A status, headers and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    content: Content,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer as the services want it from a function.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Headers<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Lists<'a>>,
    is_base64_encoded: bool,
    body: &'a str,
}

/// What comes before the body of a stream.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Prelude<'a> {
    status_code: u16,
    headers: Headers<'a>,
}

/// Headers by their names.
#[derive(Debug)]
struct Headers<'a>(&'a [(&'static str, String)]);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The same with a list for each.
#[derive(Debug)]
struct Lists<'a>(&'a [(&'static str, String)]);

impl Serialize for Lists<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, [value])))
    }
}

impl Answer {
    fn new(status: u16, content: Content, body: String) -> Self {
        let mut answer = Self { status, content, headers: Vec::with_capacity(8), body };
        answer.header("access-control-allow-origin", "*");
        answer
    }

    fn header(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    /// 204 to a question for methods, which browsers ask before they send JSON from elsewhere.
    pub(crate) fn options(allowed: &str) -> Self {
        let mut answer = Self::new(204, Content::JSON, String::new());
        answer.header("allow", allowed);
        answer.header("access-control-allow-methods", allowed);
        answer.header("access-control-allow-headers", "accept, accept-encoding, content-type, if-none-match");
        answer.header("access-control-max-age", "86400");
        answer
    }

    /// JSON that is of this moment only.
    pub(crate) fn json(status: u16, text: String) -> Self {
        let mut answer = Self::new(status, Content::JSON, text);
        answer.header("content-type", Content::JSON.media_type());
        answer.header("cache-control", "no-store");
        answer
    }

    /// An error.
    pub(crate) fn error(error: &EventError) -> Self {
        let mut answer = Self::json(error.status(), error.to_json());
        if let EventError::MethodNotAllowed { allowed, .. } = error {
            answer.header("allow", allowed);
        }
        answer
    }

    /// Digits that were asked for by POST, which nobody caches.
    pub(crate) fn posted(content: Content, body: String) -> Self {
        let mut answer = Self::new(200, content, body);
        answer.header("content-type", content.media_type());
        answer.header("cache-control", "no-store");
        answer.coding();
        answer
    }

    /// Digits that stay the same: the headers of GET, which HEAD has too.
    pub(crate) fn lasting(request: &Request, content: Content, body: String) -> Self {
        let mut answer = Self::new(200, content, body);
        answer.header("content-type", content.media_type());
        answer.cached(request);
        answer.coding();
        answer
    }

    /// 304 if the caller has these digits already: nothing has to be computed to know it.
    pub(crate) fn not_modified(http: &Http<'_>, request: &Request, content: Content) -> Option<Self> {
        if !has(&http.header("if-none-match"), &tag(request, content)) {
            return None;
        }
        let mut answer = Self::new(304, content, String::new());
        answer.cached(request);
        Some(answer)
    }

    fn cached(&mut self, request: &Request) {
        self.header("cache-control", FOR_EVER);
        self.header("vary", "accept, accept-encoding");
        self.headers.push(("etag", tag(request, self.content)));
    }

    fn coding(&mut self) {
        if self.content.gzip {
            self.header("content-encoding", "gzip");
        }
    }

    /// Whether digits came from an earlier invocation, which JSON says in its body.
    pub(crate) fn reused(mut self, reused: Option<bool>) -> Self {
        if let Some(reused) = reused.filter(|_| self.content.text) {
            self.header("pi-reused", if reused { "true" } else { "false" });
        }
        self
    }

    /// The trace that the invocation belongs to.
    pub(crate) fn traced(mut self, trace_id: Option<&str>) -> Self {
        if let Some(id) = trace_id {
            self.header("x-amzn-trace-id", id);
        }
        self
    }

    /// What the service takes for an HTTP answer.
    pub(crate) fn into_event(self, http: &Http<'_>) -> Box<RawValue> {
        let balancer = http.service == Service::LoadBalancer;
        let packed = self.packed().map(|packed| STANDARD.encode(packed));
        raw(&Event {
            status_code: self.status,
            status_description: balancer.then(|| format!("{} {}", self.status, reason(self.status))),
            headers: (!http.lists).then_some(Headers(&self.headers)),
            multi_value_headers: http.lists.then_some(Lists(&self.headers)),
            is_base64_encoded: packed.is_some(),
            body: packed.as_deref().unwrap_or(&self.body),
        })
    }

    /// What comes before the body of a stream: status and headers as JSON, and eight zeros.
    pub(crate) fn prelude(&self) -> Vec<u8> {
        let prelude = Prelude { status_code: self.status, headers: Headers(&self.headers) };
        let mut prelude = json::text(&prelude).into_bytes();
        prelude.extend([0; 8]);
        prelude
    }

    /// The body of a stream that is all there already.
    pub(crate) fn into_stream_body(self) -> Vec<u8> {
        self.packed().unwrap_or_else(|| self.body.into_bytes())
    }

    /// The body as gzip, if it goes so. What has no body, as the answer to HEAD and 304, stays without.
    fn packed(&self) -> Option<Vec<u8>> {
        if !self.content.gzip || self.body.is_empty() {
            return None;
        }
        let mut gzip = Gzip::new();
        let mut file = gzip.push(self.body.as_bytes());
        file.extend(gzip.finish());
        Some(file)
    }
}

/// The tag of an answer: digits are the same for ever, whoever computes them. JSON has the time
/// and the request beside them, so that its tag is a weak one.
fn tag(request: &Request, content: Content) -> String {
    let (from, digits, output) = (request.from, request.digits, request.output.name());
    let (weak, form) = if content.text { ("", "text") } else { ("W/", "json") };
    let by = if content.text { "" } else { request.algorithm.name() };
    let coding = if content.gzip { "-gzip" } else { "" };
    format!("{weak}\"pi-{from}-{digits}-{output}-{form}{by}{coding}\"")
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}
