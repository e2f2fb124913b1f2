//! The HTTP reply of a payload of format 2.0.

use super::Face;
use crate::serve::reply::{Reply, whole};
use crate::subject::Invocation;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::Value;

/// The HTTP reply of a payload: its status, headers and body, or else the payload itself as JSON.
pub(super) fn reply(face: Face, invocation: &Invocation) -> Reply {
    if invocation.function_error.is_some() {
        return face.failure();
    }
    let payload: Value = serde_json::from_slice(&invocation.payload).unwrap_or_default();
    let Some(status) = payload.get("statusCode").and_then(Value::as_u64) else {
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
    set_headers(&mut reply, &payload);
    reply
}

/// A status between 100 and 999.
pub(super) fn status_code(status: u64) -> Option<StatusCode> {
    u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok())
}

/// Sets the headers and cookies of a payload, or of the prelude of a stream.
pub(super) fn set_headers(reply: &mut Reply, payload: &Value) {
    let headers = payload.get("headers").and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let headers = headers.map(|(name, value)| (name.clone(), text(value)));
    let cookies = payload.get("cookies").and_then(Value::as_array).into_iter().flatten();
    let cookies = cookies.map(|cookie| (SET_COOKIE.to_string(), text(cookie)));
    for (name, value) in headers.chain(cookies) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            reply.headers_mut().append(name, value);
        }
    }
}
