//! The HTTP reply of a payload.

use super::Face;
use crate::matrix::PayloadFormat;
use crate::serve::reply::{Reply, whole};
use crate::subject::Invocation;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::Value;

/// The HTTP reply of a payload: its status, headers and body, or else in format 2.0 the payload itself as
/// JSON.
pub(super) fn reply(face: Face, format: PayloadFormat, invocation: &Invocation) -> Reply {
    if invocation.function_error.is_some() {
        return face.failure();
    }
    let payload: Value = serde_json::from_slice(&invocation.payload).unwrap_or_default();
    let Some(status) = payload.get("statusCode").and_then(Value::as_u64) else {
        if format == PayloadFormat::One {
            return face.failure();
        }
        let mut reply = whole(invocation.payload.clone());
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return reply;
    };
    let text = payload.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_base64 = payload.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let body = if is_base64 { BASE64_STANDARD.decode(text) } else { Ok(text.as_bytes().to_vec()) };
    let (Ok(body), Some(status)) = (body, status_code(status)) else { return face.failure() };
    let mut reply = whole(body);
    *reply.status_mut() = status;
    match format {
        PayloadFormat::One => set_lists(&mut reply, &payload),
        PayloadFormat::Two => set_headers(&mut reply, &payload),
    }
    reply
}

/// A status between 100 and 999.
pub(super) fn status_code(status: u64) -> Option<StatusCode> {
    u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok())
}

/// Sets the headers and cookies of a payload, or of the prelude of a stream.
pub(super) fn set_headers(reply: &mut Reply, payload: &Value) {
    let cookies = payload.get("cookies").and_then(Value::as_array).into_iter().flatten();
    let cookies = cookies.map(|cookie| (SET_COOKIE.to_string(), text(cookie)));
    append(reply, headers(payload).chain(cookies));
}

/// Sets the headers of a payload of format 1.0, where `multiValueHeaders` has the names with several values.
/// Of a name in both, API Gateway sends each value once.
fn set_lists(reply: &mut Reply, payload: &Value) {
    let lists = payload.get("multiValueHeaders").and_then(Value::as_object).into_iter().flatten();
    let pairs = lists.flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.map(|value| (name.to_lowercase(), text(value)))
    });
    let mut pairs: Vec<(String, String)> = pairs.collect();
    let alone = headers(payload).map(|(name, value)| (name.to_lowercase(), value));
    let alone: Vec<_> = alone.filter(|pair| !pairs.contains(pair)).collect();
    pairs.extend(alone);
    append(reply, pairs.into_iter());
}

fn headers(payload: &Value) -> impl Iterator<Item = (String, String)> {
    let headers = payload.get("headers").and_then(Value::as_object).into_iter().flatten();
    headers.map(|(name, value)| (name.clone(), text(value)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Appends every header that HTTP allows.
fn append(reply: &mut Reply, headers: impl Iterator<Item = (String, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            reply.headers_mut().append(name, value);
        }
    }
}
