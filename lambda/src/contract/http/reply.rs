//! Replies in HTTP: status, headers and body in the forms that the services take from a function.

use super::Http;
use super::gzip::Gzip;
use super::negotiate::{has, takes_gzip, wants_text};
use super::usage::usage;
use crate::contract::json::{self, raw};
use crate::contract::{EventError, Output, Request, Trigger};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The caching of text: digits of pi never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The caching of JSON: it holds the caller's request id, and a later version may add a field.
const FOR_THE_CALLER: &str = "private, max-age=86400";
/// The caching of errors, operations and answers to POST.
const NEVER: &str = "no-store";
/// The request headers that a browser may send from another origin, those of signed requests included.
const ALLOWED: &str = "accept, accept-encoding, authorization, content-type, if-none-match, \
                       x-amz-content-sha256, x-amz-date, x-amz-security-token, x-amz-user-agent, \
                       x-amzn-trace-id, x-api-key";
/// The response headers that a script of another origin may read.
const EXPOSED: &str = "allow, etag, pi-reused, x-amzn-requestid, x-amzn-trace-id";
/// The length from which gzip makes a body shorter.
const WORTH_PACKING: u64 = 1024;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Digits alone instead of JSON.
    pub(crate) text: bool,
    /// Compressed by gzip.
    pub(crate) gzip: bool,
}

impl Content {
    const JSON: Self = Self { text: false, gzip: false };

    /// The form that a caller prefers.
    pub(crate) fn of(http: &Http<'_>, request: &Request) -> Self {
        let gzip = request.text_len() >= WORTH_PACKING
            && request.output != Output::Digest
            && takes_gzip(&http.header("accept-encoding"));
        Self { text: wants_text(&http.header("accept")), gzip }
    }

    const fn media_type(self) -> &'static str {
        if self.text { "text/plain; charset=utf-8" } else { "application/json" }
    }

    const fn cache(self) -> &'static str {
        if self.text { FOR_EVER } else { FOR_THE_CALLER }
    }
}

/// An answer: a status, headers and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    content: Content,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer in the form that the services take from a function.
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

/// The part of a stream before its body.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Prelude<'a> {
    status_code: u16,
    headers: Headers<'a>,
}

/// Headers as an object of strings.
#[derive(Debug)]
struct Headers<'a>(&'a [(&'static str, String)]);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Headers as an object of lists.
#[derive(Debug)]
struct Lists<'a>(&'a [(&'static str, String)]);

impl Serialize for Lists<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, [value])))
    }
}

impl Answer {
    fn new(status: u16, content: Content, body: String) -> Self {
        let mut answer = Self { status, content, headers: Vec::with_capacity(10), body };
        answer.header("access-control-allow-origin", "*");
        answer.header("access-control-expose-headers", EXPOSED);
        answer
    }

    fn header(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    fn typed(status: u16, content: Content, cache: &str, body: String) -> Self {
        let mut answer = Self::new(status, content, body);
        answer.header("content-type", content.media_type());
        answer.header("cache-control", cache);
        answer
    }

    /// The answer to OPTIONS, by which a browser asks before it sends JSON from another origin.
    pub(crate) fn options(allowed: &str) -> Self {
        let mut answer = Self::new(204, Content::JSON, String::new());
        answer.header("allow", allowed);
        answer.header("access-control-allow-methods", allowed);
        answer.header("access-control-allow-headers", ALLOWED);
        answer.header("access-control-max-age", "86400");
        answer
    }

    /// The answer to an operation, which nobody may cache.
    pub(crate) fn operation(text: String) -> Self {
        Self::typed(200, Content::JSON, NEVER, text)
    }

    /// Usage and version, as text or as JSON. A cache may keep them for a minute: a deployment changes them.
    pub(crate) fn usage(http: &Http<'_>) -> Self {
        let content = Content { text: wants_text(&http.header("accept")), gzip: false };
        let mut answer = Self::typed(200, content, "public, max-age=60", usage(content.text));
        answer.header("vary", "accept");
        answer
    }

    /// An error, in the words for an HTTP caller.
    pub(crate) fn error(error: &EventError) -> Self {
        let mut answer = Self::typed(error.status(), Content::JSON, NEVER, error.to_visitor_json());
        if let EventError::MethodNotAllowed { allowed, .. } = error {
            answer.header("allow", allowed);
        }
        answer
    }

    /// Digits asked for by POST, which nobody may cache.
    pub(crate) fn posted(_: &Request, content: Content, body: String) -> Self {
        let mut answer = Self::typed(200, content, NEVER, body);
        answer.coding();
        answer
    }

    /// Digits asked for by GET or HEAD.
    pub(crate) fn lasting(request: &Request, content: Content, body: String) -> Self {
        let mut answer = Self::typed(200, content, content.cache(), body);
        answer.validated(request);
        answer.coding();
        answer
    }

    /// 304 if the caller has these digits already; the request must be valid.
    pub(crate) fn not_modified(http: &Http<'_>, request: &Request, content: Content) -> Option<Self> {
        if !has(&http.header("if-none-match"), &tag(request, content)) {
            return None;
        }
        let mut answer = Self::new(304, content, String::new());
        answer.header("cache-control", content.cache());
        answer.validated(request);
        Some(answer)
    }

    fn validated(&mut self, request: &Request) {
        self.header("vary", "accept, accept-encoding");
        self.headers.push(("etag", tag(request, self.content)));
    }

    fn coding(&mut self) {
        if self.content.gzip {
            self.header("content-encoding", "gzip");
        }
    }

    /// Removes the body, for HEAD.
    pub(crate) fn without_body(mut self) -> Self {
        self.body.clear();
        self
    }

    /// Adds the origin of the digits to an answer in text; JSON has it in its body.
    pub(crate) fn reused(mut self, reused: Option<bool>) -> Self {
        if let Some(reused) = reused.filter(|_| self.content.text) {
            self.header("pi-reused", if reused { "true" } else { "false" });
        }
        self
    }

    /// Adds the trace of the invocation, unless a shared cache may hand the answer to other callers.
    pub(crate) fn traced(mut self, trace_id: Option<&str>) -> Self {
        let shared =
            self.headers.iter().any(|(name, value)| *name == "cache-control" && value.starts_with("public"));
        if let Some(id) = trace_id.filter(|_| !shared) {
            self.header("x-amzn-trace-id", id);
        }
        self
    }

    /// Converts the answer into the form that the service takes.
    pub(crate) fn into_event(self, http: &Http<'_>) -> Box<RawValue> {
        let balancer = http.trigger == Trigger::LoadBalancer;
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

    /// The prelude of a stream: status and headers as JSON, then eight zero bytes.
    pub(crate) fn prelude(&self) -> Vec<u8> {
        let prelude = Prelude { status_code: self.status, headers: Headers(&self.headers) };
        let mut prelude = json::text(&prelude).into_bytes();
        prelude.extend([0; 8]);
        prelude
    }

    /// The bytes of the body, for a stream whose body is known.
    pub(crate) fn into_stream_body(self) -> Vec<u8> {
        self.packed().unwrap_or_else(|| self.body.into_bytes())
    }

    /// The body compressed, if the form asks for it; an empty body (HEAD, 304) stays empty.
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

/// The entity tag of an answer: strong for text, whose bytes depend on the digits alone; weak for JSON,
/// which also has the time and the request id.
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
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}
