//! HTTP bodies: replies to a caller, and the request that is read.

use super::api_error::ApiError;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use std::io;

/// A buffered or a streamed body.
pub(super) type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;
/// A reply to a caller.
pub(super) type Reply = Response<Body>;

/// A refusal in the form of Lambda's API.
pub(super) fn refused(error: &ApiError) -> Reply {
    let mut reply = whole(error.body());
    *reply.status_mut() = error.status;
    let headers = reply.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    headers.insert("x-amzn-errortype", hyper::header::HeaderValue::from_static(error.error_type));
    if error.status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert("retry-after", hyper::header::HeaderValue::from_static("1"));
    }
    reply
}

/// A reply with a buffered body.
pub(super) fn whole(body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Either::Left(Full::new(body.into())));
    if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
        reply.headers_mut().insert("x-amzn-requestid", id);
    }
    reply
}

/// A reply of API Gateway itself.
pub(super) fn message(status: StatusCode, text: &str) -> Reply {
    let mut reply = whole(serde_json::json!({"message": text}).to_string());
    *reply.status_mut() = status;
    reply.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    reply
}

/// A reply with a status alone.
pub(super) fn empty(status: StatusCode) -> Reply {
    let mut reply = whole(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// Reads the body of a request, of at most `limit` bytes.
pub(super) async fn read(request: Request<Incoming>, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = request.into_body();
    let read = Limited::new(&mut body, limit).collect().await;
    match read {
        Ok(bytes) => Ok(bytes.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            // Read the body to its end, so that the client sees the 413.
            while let Some(Ok(_)) = body.frame().await {}
            Err(ApiError::request_too_large(limit))
        }
        Err(_) => Err(ApiError::broken_request()),
    }
}
