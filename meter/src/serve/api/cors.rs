//! CORS as AWS's `CorsConfiguration` has it: the API answers preflights itself, and replaces the CORS headers
//! of functions.

use super::super::reply::{Reply, empty};
use crate::matrix::{DraftCors, MatrixError};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

/// Longest time that a browser may be told to keep the answer to a preflight, in seconds.
const LONGEST: i64 = 86_400;
/// The name that stands for every other.
const ALL: &str = "*";

/// CORS of an API.
#[derive(Debug)]
pub(super) struct Cors {
    draft: DraftCors,
}

impl Cors {
    /// Checks CORS as written.
    ///
    /// # Errors
    ///
    /// For a configuration that API Gateway refuses, or one that allows nobody.
    pub(super) fn new(draft: &DraftCors) -> Result<Self, MatrixError> {
        if draft.allow_origins.is_empty() {
            return Err(MatrixError::missing(
                "[cors] allows no origin",
                "allow_origins = [\"https://example.com\"], or \"*\", \"https://*\", \"http://*\"",
            ));
        }
        if draft.allow_credentials && draft.allow_origins.iter().any(|origin| origin == ALL) {
            return Err(MatrixError::missing(
                "[cors] allows credentials to the origin *, which browsers refuse",
                "name the origins in allow_origins, or leave out allow_credentials",
            ));
        }
        if let Some(age) = draft.max_age.filter(|age| !(-1..=LONGEST).contains(age)) {
            return Err(MatrixError::OutOfRange {
                what: "max_age of [cors]".to_owned(),
                value: format!("{age} s"),
                allowed: format!("-1 to {LONGEST} s"),
            });
        }
        Ok(Self { draft: draft.clone() })
    }

    /// The answer to a preflight, which no function sees; `None` for any other request.
    pub(super) fn preflight(&self, parts: &Parts) -> Option<Reply> {
        let asks = parts.headers.contains_key("origin")
            && parts.headers.contains_key("access-control-request-method");
        if parts.method != Method::OPTIONS || !asks {
            return None;
        }
        let mut reply = empty(StatusCode::NO_CONTENT);
        if self.admit(parts, reply.headers_mut()) {
            let lists = [
                ("access-control-allow-methods", &self.draft.allow_methods),
                ("access-control-allow-headers", &self.draft.allow_headers),
            ];
            lists.into_iter().for_each(|(name, list)| set(reply.headers_mut(), name, &list.join(",")));
            let age = self.draft.max_age.map_or_else(String::new, |age| age.to_string());
            set(reply.headers_mut(), "access-control-max-age", &age);
        }
        Some(reply)
    }

    /// Replaces the CORS headers of a function's reply.
    pub(super) fn dress(&self, parts: &Parts, reply: &mut Reply) {
        let headers = reply.headers_mut();
        let own = headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
        for name in own.cloned().collect::<Vec<_>>() {
            headers.remove(name);
        }
        if self.admit(parts, headers) {
            set(headers, "access-control-expose-headers", &self.draft.expose_headers.join(","));
        }
    }

    /// Sets the headers of every reply to an origin that is allowed; false for any other.
    fn admit(&self, parts: &Parts, headers: &mut HeaderMap) -> bool {
        let origin = parts.headers.get("origin").and_then(|value| value.to_str().ok());
        let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) else { return false };
        set(headers, "access-control-allow-origin", allowed);
        set(
            headers,
            "access-control-allow-credentials",
            if self.draft.allow_credentials { "true" } else { "" },
        );
        true
    }

    /// The value of `Access-Control-Allow-Origin` for an origin.
    fn allowed<'a>(&'a self, origin: &'a str) -> Option<&'a str> {
        let mut origins = self.draft.allow_origins.iter().map(String::as_str);
        if origins.clone().any(|own| own == ALL) {
            return Some(ALL);
        }
        origins
            .any(|own| match own.strip_suffix("//*") {
                Some(scheme) => origin.strip_prefix(scheme).is_some_and(|rest| rest.starts_with("//")),
                None => own == origin,
            })
            .then_some(origin)
    }
}

/// Sets a header unless its value is empty.
fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if value.is_empty() {
        return;
    }
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::reply::whole;
    use super::*;
    use hyper::Request;

    fn cors(origins: &[&str]) -> Cors {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let draft = DraftCors {
            allow_origins: list(origins),
            allow_methods: list(&["GET", "POST"]),
            allow_headers: list(&["authorization"]),
            expose_headers: list(&["x-a", "x-b"]),
            max_age: Some(300),
            allow_credentials: origins != ["*"],
        };
        Cors::new(&draft).unwrap()
    }

    fn parts(method: Method, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().method(method).uri("/");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn shown(reply: &Reply) -> Vec<String> {
        let mut all: Vec<String> = reply
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                let name = name.as_str().strip_prefix("access-control-")?;
                Some(format!("{name}: {}", value.to_str().unwrap()))
            })
            .collect();
        all.sort();
        all
    }

    const ASKS: (&str, &str) = ("access-control-request-method", "POST");

    #[test]
    fn a_preflight_is_answered_with_the_lists() {
        let request = parts(Method::OPTIONS, &[("origin", "https://a.example"), ASKS]);
        let reply = cors(&["http://localhost:3000", "https://a.example"]).preflight(&request).unwrap();
        assert_eq!(reply.status(), StatusCode::NO_CONTENT);
        let expected = [
            "allow-credentials: true",
            "allow-headers: authorization",
            "allow-methods: GET,POST",
            "allow-origin: https://a.example",
            "max-age: 300",
        ];
        assert_eq!(shown(&reply), expected);
    }

    #[test]
    fn an_origin_is_compared_whole_or_by_its_scheme() {
        let allowed = |origins: &[&str], origin: &str| cors(origins).allowed(origin).map(str::to_owned);
        assert_eq!(allowed(&["*"], "null").as_deref(), Some("*"));
        assert_eq!(
            allowed(&["https://*"], "https://b.example:8443").as_deref(),
            Some("https://b.example:8443")
        );
        for (origins, origin) in [
            (&["https://*"][..], "http://b.example"),
            (&["https://*"], "https:b.example"),
            (&["https://a.example"], "https://a.example.evil.example"),
            (&["https://a.example"], "https://a.example:8443"),
            (&["http://*"], "https://a.example"),
        ] {
            assert_eq!(allowed(origins, origin), None, "{origin} by {origins:?}");
        }
        let request = parts(Method::OPTIONS, &[("origin", "https://evil.example"), ASKS]);
        let reply = cors(&["https://a.example"]).preflight(&request).unwrap();
        assert_eq!((reply.status(), shown(&reply)), (StatusCode::NO_CONTENT, Vec::new()));
    }

    #[test]
    fn other_requests_are_no_preflights() {
        let origin = ("origin", "https://a.example");
        for request in [
            parts(Method::OPTIONS, &[origin]),
            parts(Method::OPTIONS, &[ASKS]),
            parts(Method::POST, &[origin, ASKS]),
        ] {
            assert!(cors(&["*"]).preflight(&request).is_none(), "{request:?}");
        }
    }

    #[test]
    fn the_headers_of_a_function_are_replaced() {
        let from_function = || {
            let mut reply = whole("");
            set(reply.headers_mut(), "access-control-allow-origin", "https://evil.example");
            set(reply.headers_mut(), "access-control-allow-methods", "DELETE");
            set(reply.headers_mut(), "x-a", "kept");
            reply
        };
        let mut reply = from_function();
        cors(&["*"]).dress(&parts(Method::GET, &[("origin", "https://a.example")]), &mut reply);
        assert_eq!(shown(&reply), ["allow-origin: *", "expose-headers: x-a,x-b"]);
        assert_eq!(reply.headers()["x-a"], "kept");
        for headers in [&[][..], &[("origin", "https://b.example")]] {
            let mut reply = from_function();
            cors(&["https://a.example"]).dress(&parts(Method::GET, headers), &mut reply);
            assert_eq!(shown(&reply), Vec::<String>::new(), "{headers:?}");
        }
    }
}
