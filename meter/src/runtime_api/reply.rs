//! Replies of the Runtime API: status, headers and JSON.

use super::message::Work;
use super::{MAX_RESPONSE_SIZE, MAX_STREAM_SIZE, Refusal};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const EXTENSION_ID: HeaderName = HeaderName::from_static("lambda-extension-identifier");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");

/// A buffered reply.
pub(super) type Reply = Response<Full<Bytes>>;

/// 200 with an event.
pub(super) fn event(work: Work) -> Reply {
    let mut builder = Response::builder();
    if let Some(context) = work.client_context {
        builder = builder.header(CLIENT_CONTEXT, context);
    }
    builder
        .header(CONTENT_TYPE, "application/json")
        .header(REQUEST_ID, work.request_id)
        .header(DEADLINE_MS, work.deadline_ms.to_string())
        .header(FUNCTION_ARN, work.function_arn)
        .header(TRACE_ID, work.trace_id)
        .body(Full::new(work.event))
        .unwrap_or_else(|_| {
            json(StatusCode::INTERNAL_SERVER_ERROR, &error("InternalServerError", "Internal Server Error"))
        })
}

/// 200 with the body of an extension's call and the extension's identifier.
pub(super) fn to_extension(id: Uuid, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(EXTENSION_ID, id);
    }
    reply
}

/// 202, the reply to every accepted `POST`.
pub(super) fn accepted() -> Reply {
    json(StatusCode::ACCEPTED, &serde_json::json!({"status": "OK"}))
}

/// 4xx with the reason.
pub(super) fn refused(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::InvalidStateTransition { from, to } => {
            let message = format!(
                "State transition from {from} to {to} failed for runtime. Error: State transition is not \
                 allowed"
            );
            json(StatusCode::FORBIDDEN, &error("InvalidStateTransition", &message))
        }
        Refusal::InvalidRequestId => {
            json(StatusCode::BAD_REQUEST, &error("InvalidRequestID", "Invalid request ID"))
        }
        Refusal::ResponseTooLarge => too_large(MAX_RESPONSE_SIZE),
        Refusal::StreamTooLarge => too_large(MAX_STREAM_SIZE),
        Refusal::Truncated => json(
            StatusCode::BAD_REQUEST,
            &error("TruncatedHTTPRequest", "HTTP request detected as truncated"),
        ),
        Refusal::Extension(denied) => json(StatusCode::FORBIDDEN, &error(denied.error_type, &denied.message)),
        Refusal::Subscription(invalid) => {
            json(StatusCode::BAD_REQUEST, &error(invalid.error_type, &invalid.message))
        }
        Refusal::UnknownPath => json(StatusCode::NOT_FOUND, &error("NotFound", "404 page not found")),
        Refusal::WrongMethod => {
            json(StatusCode::METHOD_NOT_ALLOWED, &error("MethodNotAllowed", "Method Not Allowed"))
        }
    }
}

fn too_large(limit: usize) -> Reply {
    let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
    json(StatusCode::PAYLOAD_TOO_LARGE, &error("RequestEntityTooLarge", &message))
}

fn error(error_type: &str, error_message: &str) -> serde_json::Value {
    serde_json::json!({"errorMessage": error_message, "errorType": error_type})
}

fn json(status: StatusCode, body: &serde_json::Value) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body.to_string())));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}
