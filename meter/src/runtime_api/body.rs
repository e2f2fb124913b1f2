//! Reads the body of a function's call: buffered, or forwarded as it arrives.

use super::message::{Reported, StreamEnd, Streamed};
use super::pace::Pace;
use super::{MAX_RESPONSE_SIZE, MAX_STREAM_SIZE, Refusal};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Request};
use std::time::Instant;
use tokio::sync::mpsc::Sender;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

/// A body read to its end.
pub(super) enum Body {
    Whole(Bytes),
    TooLarge(usize),
    /// The trailers say that the function failed after its first byte.
    Failed(Reported),
}

/// True when the function streams its response.
pub(super) fn is_streaming(request: &Request<Incoming>) -> bool {
    text(request.headers(), RESPONSE_MODE).is_some_and(|mode| mode.eq_ignore_ascii_case("streaming"))
}

/// Buffers a body. A body beyond the limit is read to its end, so that the client sees the 413.
pub(super) async fn read(mut body: Incoming) -> Result<Body, Refusal> {
    let (mut bytes, mut size, mut failed) = (Vec::new(), 0, None);
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Refusal::Truncated)?.into_data() {
            Ok(data) => {
                size += data.len();
                if size <= MAX_RESPONSE_SIZE {
                    bytes.extend_from_slice(&data);
                }
            }
            Err(frame) => failed = frame.trailers_ref().and_then(reported),
        }
    }
    Ok(match failed {
        Some(reported) => Body::Failed(reported),
        None if size <= MAX_RESPONSE_SIZE => Body::Whole(bytes.into()),
        None => Body::TooLarge(size),
    })
}

/// Buffers the body of an extension's call, which is small.
pub(super) async fn small(body: Incoming) -> Result<Bytes, Refusal> {
    match read(body).await? {
        Body::Whole(bytes) => Ok(bytes),
        Body::Failed(reported) => Ok(reported.body),
        Body::TooLarge(_) => Err(Refusal::ResponseTooLarge),
    }
}

/// Reads an error and the type in its header.
pub(super) async fn read_error(request: Request<Incoming>) -> Result<Reported, Refusal> {
    let error_type = text(request.headers(), ERROR_TYPE);
    match read(request.into_body()).await? {
        Body::Whole(body) => Ok(Reported { body, error_type }),
        Body::Failed(reported) => Ok(reported),
        Body::TooLarge(_) => Err(Refusal::ResponseTooLarge),
    }
}

/// Forwards a stream at Lambda's pace; the socket throttles the function.
pub(super) async fn pass_on(mut body: Incoming, sink: Sender<Bytes>) -> Streamed {
    let mut pace = Pace::default();
    let mut streamed = Streamed { size: 0, first_byte: None, end: StreamEnd::Complete };
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            streamed.end = StreamEnd::Truncated;
            break;
        };
        match frame.into_data() {
            Ok(data) if streamed.size + data.len() > MAX_STREAM_SIZE => streamed.end = StreamEnd::TooLarge,
            // Read and drop bytes beyond the limit.
            Ok(_) if streamed.end == StreamEnd::TooLarge => {}
            Ok(data) => {
                streamed.first_byte.get_or_insert_with(Instant::now);
                streamed.size += data.len();
                if let Some(due) = pace.due(data.len(), Instant::now()) {
                    tokio::time::sleep_until(due.into()).await;
                }
                // A caller that disconnects does not stop the function.
                let _ = sink.send(data).await;
            }
            Err(frame) => {
                if let Some(reported) = frame.trailers_ref().and_then(reported) {
                    streamed.end = StreamEnd::Failed(reported);
                }
            }
        }
    }
    streamed
}

/// The error in the trailers of a stream: a type, and JSON in base64.
fn reported(trailers: &HeaderMap) -> Option<Reported> {
    let error_type = text(trailers, ERROR_TYPE);
    let body = text(trailers, ERROR_BODY);
    if error_type.is_none() && body.is_none() {
        return None;
    }
    let body = body.unwrap_or_default();
    let body = BASE64_STANDARD.decode(&body).unwrap_or_else(|_| body.into_bytes());
    Some(Reported { body: body.into(), error_type })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_carry_an_error_in_base64_or_none() {
        let mut trailers = HeaderMap::new();
        assert_eq!(reported(&trailers), None);
        trailers.insert(ERROR_TYPE, "Function.Bad".parse().unwrap());
        let error_type = Some("Function.Bad".to_owned());
        let expected =
            |body: &'static str| Some(Reported { body: body.into(), error_type: error_type.clone() });
        assert_eq!(reported(&trailers), expected(""));
        trailers.insert(ERROR_BODY, "eyJhIjoxfQ==".parse().unwrap());
        assert_eq!(reported(&trailers), expected("{\"a\":1}"));
        trailers.insert(ERROR_BODY, "{not base64}".parse().unwrap());
        assert_eq!(reported(&trailers), expected("{not base64}"));
    }
}
