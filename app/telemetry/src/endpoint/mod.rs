//! The endpoint for the function's own events, on 127.0.0.1.
//!
//! ```text
//! POST /events   an event, or an array of at most 100
//!                202 {"accepted": 1}
//! GET  /status   counts since the start
//!                200 {"waiting": 0, "bytes": 0, "sent": 17, "dropped": 0}
//! ```
//!
//! An answer never waits for the queue or for SQS. Where the queue has no room, the answer is 429, and the
//! drop is counted.

pub mod http;
mod parse;

use crate::queue::{Queue, Reason};
use http::Answer;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, StatusCode};
use parse::Refusal;
use serde_json::json;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Most bytes of a request.
pub const REQUEST_BYTES: usize = 1 << 20;

/// Opens the endpoint and serves it in the background; returns its port.
///
/// # Errors
///
/// A port that is taken, or that this user may not open.
pub async fn start(port: u16, queue: Arc<Queue>) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(http::serve(listener, move |request| {
        let queue = queue.clone();
        async move { answer(request, &queue).await }
    }));
    Ok(port)
}

async fn answer(request: Request<Incoming>, queue: &Queue) -> Answer {
    match (request.uri().path(), request.method()) {
        ("/events", &Method::POST) => post(request, queue).await,
        ("/events", _) => http::method_not_allowed("POST", "/events"),
        ("/status", &Method::GET) => http::json(StatusCode::OK, &json!(queue.counts())),
        ("/status", _) => http::method_not_allowed("GET", "/status"),
        (path, _) => {
            let message = format!("there is no {path}: POST /events takes events, GET /status tells counts");
            http::error(StatusCode::NOT_FOUND, "NotFound", None, &message)
        }
    }
}

async fn post(request: Request<Incoming>, queue: &Queue) -> Answer {
    if !is_json(&request) {
        let message = "set Content-Type to application/json";
        return http::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", None, message);
    }
    let too_large = || {
        let message = format!("a request has at most {REQUEST_BYTES} bytes: send fewer events at a time");
        http::error(StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", None, &message)
    };
    if request.body().size_hint().lower() > REQUEST_BYTES as u64 {
        return too_large();
    }
    let body = match http::collect(request.into_body(), REQUEST_BYTES).await {
        Ok(body) => body,
        Err(http::BodyError::TooLarge) => return too_large(),
        Err(http::BodyError::Broken) => {
            return http::error(StatusCode::BAD_REQUEST, "BrokenBody", None, "the body ended early");
        }
    };
    match parse::events(&body) {
        Ok(events) => push(events, queue),
        Err(Refusal { field, message }) => {
            http::error(StatusCode::BAD_REQUEST, "InvalidEvent", field.as_deref(), &message)
        }
    }
}

fn is_json(request: &Request<Incoming>) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Queues events. All are tried, so that a small event fits where a large one does not.
fn push(events: Vec<crate::message::Event>, queue: &Queue) -> Answer {
    let outcomes: Vec<Result<(), Reason>> = events.into_iter().map(|event| queue.push(event)).collect();
    let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let dropped = outcomes.len() - accepted;
    let (status, code, message) = if outcomes.contains(&Err(Reason::QueueFull)) {
        (
            StatusCode::TOO_MANY_REQUESTS,
            "QueueFull",
            "the queue has no room: the events were dropped and counted",
        )
    } else if dropped > 0 {
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            "TooLarge",
            "events larger than PI_TELEMETRY_BATCH_BYTES were dropped",
        )
    } else {
        return http::json(StatusCode::ACCEPTED, &json!({"accepted": accepted}));
    };
    let error = json!({"code": code, "message": message});
    http::json(status, &json!({"accepted": accepted, "dropped": dropped, "error": error}))
}
