//! Functions behind HTTP, as a Function URL or an HTTP API: `--http`, and the routes of a file.
//!
//! `event` makes the event of a request (`event_one` in payload format 1.0), `buffered` the reply of a
//! payload, and `streamed` that of a stream: a Function URL passes a stream on as it arrives, an HTTP API
//! buffers.

mod buffered;
mod event;
mod event_one;
mod streamed;

use super::api_error::ApiError;
use super::pool::Pool;
use super::reply::{Reply, message, read, whole};
use crate::event::MAX_SIZE;
use buffered::reply;
pub(super) use event::{Matched, event};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use std::sync::Arc;
use tokio::sync::mpsc::channel;

/// Pieces of a stream that may wait for the caller.
const BUFFER: usize = 16;

/// The front of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Face {
    /// A Function URL
    Url,
    /// An HTTP API of API Gateway, with the route $default
    Api,
}

impl Face {
    fn domain(self) -> &'static str {
        match self {
            Self::Url => "local.lambda-url.us-east-1.on.aws",
            Self::Api => "local.execute-api.us-east-1.amazonaws.com",
        }
    }

    fn account(self) -> &'static str {
        match self {
            Self::Url => "anonymous",
            Self::Api => "123456789012",
        }
    }

    /// The reply after a failed invocation.
    fn failure(self) -> Reply {
        if self == Self::Api {
            return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        }
        let mut reply = whole("Internal Server Error");
        *reply.status_mut() = StatusCode::BAD_GATEWAY;
        reply
    }
}

/// Invokes the function with an HTTP request as its event.
pub(super) async fn answer(
    pool: &Arc<Pool>,
    face: Face,
    request: Request<Incoming>,
) -> Result<Reply, ApiError> {
    let (parts, body) = request.into_parts();
    let body = read(Request::new(body), MAX_SIZE).await?;
    invoke(pool, face, &parts, &body, &Matched::default()).await
}

/// Invokes the function with a request that was read.
pub(super) async fn invoke(
    pool: &Arc<Pool>,
    face: Face,
    parts: &Parts,
    body: &Bytes,
    route: &Matched,
) -> Result<Reply, ApiError> {
    let mut loan = pool.lend().await?;
    let (pieces, mut from_function) = channel(BUFFER);
    let (sender, outcome) = tokio::sync::oneshot::channel();
    let sink = (face == Face::Url).then_some(pieces);
    let mut work = loan.worker().work(Bytes::new(), sink);
    work.event = event(face, parts, body, &work.request_id, route).to_string().into();
    let content_type = Arc::clone(&work.content_type);
    // As on Lambda, a caller that disconnects does not end the invocation.
    tokio::spawn(async move {
        let invocation = loan.worker().invoke_or_explain(work).await;
        let _ = sender.send(invocation);
        loan.give_back().await;
    });
    // A response that is not streamed has no piece.
    if let Some(first) = from_function.recv().await {
        let kind = content_type.get().map_or("", String::as_str);
        return Ok(streamed::reply(face, kind, first, from_function, outcome).await);
    }
    let invocation = outcome.await.map_err(|_| ApiError::internal("the invocation was lost".to_owned()))?;
    Ok(reply(face, route.payload, &invocation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::PayloadFormat;
    use crate::subject::Invocation;
    use serde_json::json;
    use std::time::Duration;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn event_of(parts: &Parts, body: &'static [u8]) -> serde_json::Value {
        event(Face::Api, parts, &Bytes::from_static(body), "id", &Matched::default())
    }

    fn replied(face: Face, payload: &str) -> Reply {
        let invocation = Invocation {
            request_id: "id".to_owned(),
            payload: payload.into(),
            function_error: None,
            init_duration: None,
            duration: Duration::ZERO,
            extension_overhead: None,
            billed_duration: Duration::ZERO,
            memory_size: 128,
            max_memory_used: 1,
            log_tail: Vec::new(),
        };
        reply(face, PayloadFormat::Two, &invocation)
    }

    #[test]
    fn a_request_becomes_an_event_of_format_2() {
        let headers = [("x-a", "1"), ("x-a", "2"), ("cookie", "a=1; b=2"), ("user-agent", "curl")];
        let parts = parts("/pi/20?digits=3&digits=4&x=%20", &headers);
        let event = event(Face::Url, &parts, &Bytes::new(), "id", &Matched::default());
        assert_eq!(event["rawPath"], "/pi/20");
        assert_eq!(event["rawQueryString"], "digits=3&digits=4&x=%20");
        assert_eq!(event["queryStringParameters"], json!({"digits": "3,4", "x": " "}));
        assert_eq!(event["headers"], json!({"x-a": "1,2", "user-agent": "curl"}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "GET");
        assert!(event["requestContext"]["domainName"].as_str().unwrap().contains(".lambda-url."));
        assert!(event.get("body").is_none());
    }

    #[test]
    fn a_binary_body_is_base64() {
        let text = event_of(&parts("/", &[]), b"{}");
        assert_eq!((text["body"].as_str(), text["isBase64Encoded"].as_bool()), (Some("{}"), Some(false)));
        assert!(text["requestContext"]["domainName"].as_str().unwrap().contains(".execute-api."));
        let binary = event_of(&parts("/", &[]), b"\xff");
        assert_eq!(
            (binary["body"].as_str(), binary["isBase64Encoded"].as_bool()),
            (Some("/w=="), Some(true))
        );
        let image = parts("/", &[("content-type", "image/png")]);
        assert_eq!(event_of(&image, b"{}")["isBase64Encoded"], true);
    }

    #[test]
    fn a_payload_becomes_a_reply() {
        let payload = r#"{"statusCode": 404, "headers": {"X-A": "1"}, "cookies": ["a=1", "b=2"],
            "body": "aGk=", "isBase64Encoded": true}"#;
        let reply = replied(Face::Url, payload);
        assert_eq!((reply.status(), &reply.headers()["x-a"]), (StatusCode::NOT_FOUND, &"1".parse().unwrap()));
        assert_eq!(reply.headers().get_all("set-cookie").iter().count(), 2);
        let plain = replied(Face::Url, r#"{"pi": "3.14"}"#);
        assert_eq!(
            (plain.status(), &plain.headers()["content-type"]),
            (StatusCode::OK, &"application/json".parse().unwrap())
        );
        assert_eq!(replied(Face::Url, r#"{"statusCode": 1}"#).status(), StatusCode::BAD_GATEWAY);
        assert_eq!(replied(Face::Api, r#"{"statusCode": 1}"#).status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
