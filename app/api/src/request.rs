//! A request, as an HTTP API writes it in JSON (payload 2.0).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method, in capitals.
    pub method: String,
    /// Path, without the stage.
    pub path: String,
    /// Parameters of the query, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// Body, decoded from base64 if it came in base64; `None` when it is no base64.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// Reads an event; `None` when it has no method or no path, so that it is no HTTP request.
    #[must_use]
    pub fn read(event: &Value) -> Option<Self> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let path = text("/requestContext/http/path").or_else(|| text("/rawPath"))?;
        let stage = text("/requestContext/stage").filter(|stage| *stage != "$default");
        let within = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
        let path = within.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
        let body = text("/body").unwrap_or_default();
        let is_base64 = event.get("isBase64Encoded") == Some(&Value::Bool(true));
        let query = form_urlencoded::parse(text("/rawQueryString").unwrap_or_default().as_bytes());
        Some(Self {
            method: text("/requestContext/http/method")?.to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query: query.into_owned().collect(),
            content_type: header(event, "content-type"),
            content_encoding: header(event, "content-encoding"),
            body: if is_base64 { BASE64_STANDARD.decode(body).ok() } else { Some(body.as_bytes().to_vec()) },
        })
    }
}

/// A header under any spelling.
fn header(event: &Value, name: &str) -> Option<String> {
    let headers = event.get("headers")?.as_object()?;
    let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// An event of API Gateway; the target is a path with a query.
    pub(crate) fn event(method: &str, target: &str, body: &str) -> Value {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "body": body,
            "headers": { "content-type": "application/json" },
            "requestContext": { "stage": "$default", "http": { "method": method, "path": path } },
        })
    }

    #[test]
    fn an_event_is_read() {
        let mut event = event("POST", "/measurements?a=1&b=x%20y&c", "e30=");
        event["isBase64Encoded"] = json!(true);
        let request = Request::read(&event).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/measurements"));
        assert_eq!(request.query[1], ("b".to_owned(), "x y".to_owned()));
        assert_eq!(
            (request.body.as_deref(), request.content_type.as_deref()),
            (Some(&b"{}"[..]), Some("application/json"))
        );
        event["body"] = json!("%");
        assert_eq!(Request::read(&event).unwrap().body, None);
    }

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        let path = |stage: &str, path: &str| {
            let mut event = event("GET", path, "");
            event["requestContext"]["stage"] = json!(stage);
            Request::read(&event).unwrap().path
        };
        assert_eq!(path("prod", "/prod/measurements"), "/measurements");
        assert_eq!((path("prod", "/prod"), path("prod", "/product")), ("/".into(), "/product".into()));
    }

    #[test]
    fn other_events_are_no_requests() {
        for event in [json!(null), json!({}), json!({ "rawPath": "/" }), json!([1]), json!({ "Records": [] })]
        {
            assert_eq!(Request::read(&event), None);
        }
    }
}
