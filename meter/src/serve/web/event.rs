//! The event of a request.

use super::{Face, event_one};
use crate::matrix::PayloadFormat;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderName, USER_AGENT};
use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The route of an HTTP API that a request matched.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) struct Matched {
    pub(in crate::serve) key: String,
    /// Variables of the path.
    pub(in crate::serve) parameters: BTreeMap<String, String>,
    /// The authorizer's context, if there is an authorizer.
    pub(in crate::serve) context: Option<Value>,
    /// The format of event and answer.
    pub(in crate::serve) payload: PayloadFormat,
}

impl Default for Matched {
    /// The only route of a Function URL.
    fn default() -> Self {
        Self {
            key: "$default".to_owned(),
            parameters: BTreeMap::new(),
            context: None,
            payload: PayloadFormat::Two,
        }
    }
}

/// The event of a request, in the route's payload format.
pub(in crate::serve) fn event(
    face: Face,
    parts: &Parts,
    body: &Bytes,
    request_id: &str,
    route: &Matched,
) -> Value {
    match route.payload {
        PayloadFormat::One => event_one::event(face, parts, body, request_id, route),
        PayloadFormat::Two => event_two(face, parts, body, request_id, route),
    }
}

fn event_two(face: Face, parts: &Parts, body: &Bytes, request_id: &str, route: &Matched) -> Value {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let (text, is_base64) = body_text(&parts.headers, body);
    let now = Timestamp::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": joined(parts.headers.iter().filter(|(name, _)| *name != COOKIE).map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })),
        "requestContext": {
            "accountId": face.account(),
            "apiId": "local",
            "domainName": face.domain(),
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": text_of(&parts.headers, &USER_AGENT).unwrap_or_default(),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": is_base64,
    });
    if !query.is_empty() {
        let pairs = form_urlencoded::parse(query.as_bytes());
        event["queryStringParameters"] =
            joined(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }
    if let Some(cookies) = text_of(&parts.headers, &COOKIE) {
        event["cookies"] = cookies.split("; ").map(Value::from).collect();
    }
    if !route.parameters.is_empty() {
        event["pathParameters"] = json!(route.parameters);
    }
    if let Some(context) = &route.context {
        event["requestContext"]["authorizer"] = json!({"lambda": context});
    }
    if !body.is_empty() {
        event["body"] = text.into();
    }
    event
}

/// An object in which repeated names are joined by commas.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        let joined = match object.get(&name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value,
        };
        object.insert(name, joined.into());
    }
    Value::Object(object)
}

/// The body as text, or else in base64 and true.
pub(super) fn body_text(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (text.to_owned(), false),
        _ => (BASE64_STANDARD.encode(body), true),
    }
}

/// True for a body that AWS passes on as text.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = text_of(headers, &CONTENT_TYPE) else { return true };
    kind.starts_with("text/")
        || ["json", "xml", "javascript", "x-www-form-urlencoded"].iter().any(|word| kind.contains(word))
}

pub(super) fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
