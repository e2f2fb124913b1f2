//! `--http`: the function behind HTTP, as a Function URL or an HTTP API (payload format 2.0).

use super::api_error::ApiError;
use super::pool::Pool;
use super::reply::{Reply, read, whole};
use crate::event::MAX_SIZE;
use crate::subject::Invocation;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

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
        let (status, body) = match self {
            Self::Url => (StatusCode::BAD_GATEWAY, "Internal Server Error"),
            Self::Api => (StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"Internal Server Error"}"#),
        };
        let mut reply = whole(body);
        *reply.status_mut() = status;
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
    let mut loan = pool.lend().await?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // As on Lambda, a caller that disconnects does not end the invocation.
    tokio::spawn(async move {
        let mut work = loan.worker().work(Bytes::new(), None);
        work.event = event(face, &parts, &body, &work.request_id).to_string().into();
        let invocation = loan.worker().invoke_or_explain(work).await;
        let _ = sender.send(reply(face, &invocation));
        loan.give_back().await;
    });
    receiver.await.map_err(|_| ApiError::internal("the invocation was lost".to_owned()))
}

/// The event of payload format 2.0.
fn event(face: Face, parts: &Parts, body: &Bytes, request_id: &str) -> Value {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let (text, is_base64) = match std::str::from_utf8(body) {
        Ok(text) if is_text(&parts.headers) => (text.to_owned(), false),
        _ => (BASE64_STANDARD.encode(body), true),
    };
    let now = Timestamp::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
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
            "routeKey": "$default",
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

/// True for a body that AWS passes on as text.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = text_of(headers, &CONTENT_TYPE) else { return true };
    kind.starts_with("text/")
        || ["json", "xml", "javascript", "x-www-form-urlencoded"].iter().any(|word| kind.contains(word))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The HTTP reply of a payload: its status, headers and body, or else the payload itself as JSON.
fn reply(face: Face, invocation: &Invocation) -> Reply {
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
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let (Ok(body), Some(status)) = (body, status) else { return face.failure() };
    let mut reply = whole(body);
    *reply.status_mut() = status;
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
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
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
        reply(face, &invocation)
    }

    #[test]
    fn a_request_becomes_an_event_of_format_2() {
        let headers = [("x-a", "1"), ("x-a", "2"), ("cookie", "a=1; b=2"), ("user-agent", "curl")];
        let parts = parts("/pi/20?digits=3&digits=4&x=%20", &headers);
        let event = event(Face::Url, &parts, &Bytes::new(), "id");
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
        let text = event(Face::Api, &parts("/", &[]), &Bytes::from_static(b"{}"), "id");
        assert_eq!((text["body"].as_str(), text["isBase64Encoded"].as_bool()), (Some("{}"), Some(false)));
        assert!(text["requestContext"]["domainName"].as_str().unwrap().contains(".execute-api."));
        let binary = event(Face::Api, &parts("/", &[]), &Bytes::from_static(b"\xff"), "id");
        assert_eq!(
            (binary["body"].as_str(), binary["isBase64Encoded"].as_bool()),
            (Some("/w=="), Some(true))
        );
        let image = parts("/", &[("content-type", "image/png")]);
        assert_eq!(event(Face::Api, &image, &Bytes::from_static(b"{}"), "id")["isBase64Encoded"], true);
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
