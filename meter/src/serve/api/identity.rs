//! Identity sources of an authorizer: the parts of a request that it decides by, and the key of its cache.

use hyper::header::HeaderName;
use hyper::http::request::Parts;
use serde_json::Value;

/// Variables of `$context`, and their places in an event of format 2.0.
const CONTEXT: [(&str, &str); 11] = [
    ("accountId", "/requestContext/accountId"),
    ("apiId", "/requestContext/apiId"),
    ("domainName", "/requestContext/domainName"),
    ("domainPrefix", "/requestContext/domainPrefix"),
    ("httpMethod", "/requestContext/http/method"),
    ("identity.sourceIp", "/requestContext/http/sourceIp"),
    ("identity.userAgent", "/requestContext/http/userAgent"),
    ("path", "/requestContext/http/path"),
    ("protocol", "/requestContext/http/protocol"),
    ("routeKey", "/requestContext/routeKey"),
    ("stage", "/requestContext/stage"),
];

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Header(HeaderName),
    Query(String),
    /// The place in the event.
    Context(&'static str),
}

impl Source {
    /// Parses an expression such as `$request.header.Authorization`.
    ///
    /// # Errors
    ///
    /// The expected expressions.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(Ok(name)) = text.strip_prefix("$request.header.").map(str::parse) {
            return Ok(Self::Header(name));
        }
        if let Some(name) = text.strip_prefix("$request.querystring.").filter(|name| !name.is_empty()) {
            return Ok(Self::Query(name.to_owned()));
        }
        let variable = text.strip_prefix("$context.");
        if let Some((_, place)) = CONTEXT.iter().find(|(name, _)| Some(*name) == variable) {
            return Ok(Self::Context(place));
        }
        let names = CONTEXT.map(|(name, _)| name).join(", ");
        Err(format!(
            "$request.header.NAME, $request.querystring.NAME, or $context.NAME where NAME is one of {names}"
        ))
    }

    /// The value in a request, unless it is missing or empty.
    pub(super) fn read(&self, parts: &Parts, event: &Value) -> Option<String> {
        let value = match self {
            Self::Header(name) => {
                let values = parts.headers.get_all(name).iter();
                let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
                values.join(",")
            }
            Self::Query(name) => {
                event.get("queryStringParameters")?.get(name)?.as_str().unwrap_or_default().to_owned()
            }
            Self::Context(place) => event.pointer(place)?.as_str().unwrap_or_default().to_owned(),
        };
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::web::{Face, Matched, event};
    use super::*;
    use hyper::Request;
    use hyper::body::Bytes;

    fn read(expression: &str) -> Option<String> {
        let request = Request::put("/a?b=1&b=2&empty=").header("X-Key", "k").header("x-key", "l");
        let (parts, ()) = request.header("blank", "").body(()).unwrap().into_parts();
        let event = event(Face::Api, &parts, &Bytes::new(), "id", &Matched::default());
        Source::parse(expression).unwrap().read(&parts, &event)
    }

    #[test]
    fn every_kind_is_read_and_an_empty_value_is_missing() {
        for (expression, expected) in [
            ("$request.header.X-KEY", Some("k,l")),
            ("$request.querystring.b", Some("1,2")),
            ("$context.routeKey", Some("$default")),
            ("$context.httpMethod", Some("PUT")),
            ("$context.identity.sourceIp", Some("127.0.0.1")),
            ("$request.header.blank", None),
            ("$request.querystring.empty", None),
            ("$request.querystring.none", None),
            ("$context.identity.userAgent", None),
        ] {
            assert_eq!(read(expression).as_deref(), expected, "{expression}");
        }
    }

    #[test]
    fn others_are_refused_with_the_list() {
        for expression in [
            "Authorization",
            "$request.header.",
            "$request.querystring.",
            "$context.none",
            "$stageVariables.a",
        ] {
            assert!(Source::parse(expression).unwrap_err().contains("accountId, apiId"), "{expression}");
        }
    }
}
