//! Answers in HTTP: status, headers, body, as the services want them from a function.

use super::negotiate::{has, takes_gzip, wants_text};
use super::{Http, Service};
use crate::event::encoding::base64;
use crate::event::gzip::Gzip;
use crate::event::json::{Object, escaped};
use crate::event::{Body, EventError, Request};
use std::fmt::Write;

/// Digits of pi never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Below this a body that is packed is no shorter.
const WORTH_PACKING: u64 = 1024;

/// In which form a caller takes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::event) struct Content {
    /// Digits alone rather than JSON.
    pub(in crate::event) text: bool,
    /// Packed by gzip.
    pub(in crate::event) gzip: bool,
}

impl Content {
    const JSON: Self = Self { text: false, gzip: false };

    /// What this caller prefers.
    pub(in crate::event) fn of(http: &Http<'_>, request: &Request) -> Self {
        let gzip = request.text_len() >= WORTH_PACKING
            && request.output != crate::event::Output::Digest
            && takes_gzip(&http.header("accept-encoding"));
        Self { text: wants_text(&http.header("accept")), gzip }
    }

    const fn media_type(self) -> &'static str {
        if self.text { "text/plain; charset=utf-8" } else { "application/json" }
    }
}

/// A status, headers and a body.
#[derive(Debug)]
pub(in crate::event) struct Answer {
    pub(in crate::event) status: u16,
    content: Content,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

impl Answer {
    fn new(status: u16, content: Content, body: Body) -> Self {
        let mut answer = Self { status, content, headers: Vec::with_capacity(8), body };
        answer.header("access-control-allow-origin", "*");
        answer
    }

    fn header(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    /// 204 to a question for methods, which browsers ask before they send JSON from elsewhere.
    pub(in crate::event) fn options(allowed: &str) -> Self {
        let mut answer = Self::new(204, Content::JSON, Body::default());
        answer.header("allow", allowed);
        answer.header("access-control-allow-methods", allowed);
        answer.header("access-control-allow-headers", "accept, accept-encoding, content-type, if-none-match");
        answer.header("access-control-max-age", "86400");
        answer
    }

    /// JSON that is of this moment only.
    pub(in crate::event) fn json(status: u16, text: String) -> Self {
        let mut answer = Self::new(status, Content::JSON, Body::of(text));
        answer.header("content-type", Content::JSON.media_type());
        answer.header("cache-control", "no-store");
        answer
    }

    /// An error.
    pub(in crate::event) fn error(error: &EventError) -> Self {
        let mut answer = Self::json(error.status(), error.to_json());
        if let EventError::MethodNotAllowed { allowed, .. } = error {
            answer.header("allow", allowed);
        }
        answer
    }

    /// Digits that were asked for by POST, which nobody caches.
    pub(in crate::event) fn posted(content: Content, body: Body) -> Self {
        let mut answer = Self::new(200, content, body);
        answer.header("content-type", content.media_type());
        answer.header("cache-control", "no-store");
        answer.coding();
        answer
    }

    /// Digits that stay the same: the headers of GET, which HEAD has too.
    pub(in crate::event) fn lasting(request: &Request, content: Content, body: Body) -> Self {
        let mut answer = Self::new(200, content, body);
        answer.header("content-type", content.media_type());
        answer.cached(request);
        answer.coding();
        answer
    }

    /// 304 if the caller has these digits already: nothing has to be computed to know it.
    pub(in crate::event) fn not_modified(
        http: &Http<'_>,
        request: &Request,
        content: Content,
    ) -> Option<Self> {
        if !has(&http.header("if-none-match"), &tag(request, content)) {
            return None;
        }
        let mut answer = Self::new(304, content, Body::default());
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

    /// The trace that the invocation belongs to.
    pub(in crate::event) fn traced(mut self, trace_id: Option<&str>) -> Self {
        if let Some(id) = trace_id {
            self.header("x-amzn-trace-id", id);
        }
        self
    }

    /// What the service takes for an HTTP answer.
    pub(in crate::event) fn into_event(self, http: &Http<'_>) -> Body {
        let mut object = Object::new();
        object.raw("statusCode", self.status);
        if http.service == Service::LoadBalancer {
            object.text("statusDescription", &format!("{} {}", self.status, reason(self.status)));
        }
        object.raw(
            if http.lists { "multiValueHeaders" } else { "headers" },
            headers(&self.headers, http.lists),
        );
        object.raw("isBase64Encoded", self.content.gzip);
        object.name("body").push('"');
        let mut body = self.body;
        if self.content.gzip {
            let packed = base64(&packed(&body)).into_bytes();
            body = Body { head: String::new(), digits: packed, tail: String::new() };
        }
        let head = std::mem::take(object.text_mut()) + &escaped(&body.head);
        object.text_mut().push_str(&escaped(&body.tail));
        object.text_mut().push('"');
        Body { head, digits: body.digits, tail: object.finish() }
    }

    /// What comes before the body of a stream: status and headers as JSON, and eight zeros.
    pub(in crate::event) fn prelude(&self) -> Vec<u8> {
        let mut object = Object::new();
        object.raw("statusCode", self.status).raw("headers", headers(&self.headers, false));
        let mut prelude = object.finish().into_bytes();
        prelude.extend([0; 8]);
        prelude
    }

    /// The body of a stream that is all there already.
    pub(in crate::event) fn whole_stream(&self) -> Vec<u8> {
        if self.content.gzip { packed(&self.body) } else { self.body.concat() }
    }
}

fn packed(body: &Body) -> Vec<u8> {
    let mut gzip = Gzip::new();
    let mut file: Vec<u8> = body.parts().into_iter().flat_map(|part| gzip.push(part)).collect();
    file.extend(gzip.finish());
    file
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

fn headers(headers: &[(&str, String)], lists: bool) -> String {
    let mut object = Object::new();
    for (name, value) in headers {
        if lists {
            let _ = write!(object.name(name), "[\"{}\"]", escaped(value));
        } else {
            object.text(name, value);
        }
    }
    object.finish()
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
