//! What is found where, and by which methods.
//!
//! ```text
//! GET  /pi?digits=1000&algorithm=gosper&output=digest&from=7
//! GET  /pi/1000
//! POST /      the JSON of a direct invocation; /pi takes it too
//! ```

use super::Http;
use crate::contract::json::excerpt;
use crate::contract::{EventError, Request};
use std::borrow::Cow;

/// What an HTTP request wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Digits, by a method that only reads; without them if it is HEAD.
    Digits(Request, Read),
    /// What the body says as JSON.
    Post(Vec<u8>),
    /// Which methods there are.
    Options(&'static str),
}

/// The methods that read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Get,
    Head,
}

/// Finds out what is wanted.
pub(crate) fn route(http: &Http<'_>) -> Result<Route, EventError> {
    let path = http.path();
    let (allowed, count) = match path.as_str() {
        "" => ("POST, OPTIONS", None),
        "/pi" => ("GET, HEAD, POST, OPTIONS", None),
        _ => match path.strip_prefix("/pi/") {
            Some(count) if !count.contains('/') => ("GET, HEAD, OPTIONS", Some(count)),
            _ => return Err(EventError::NotFound { path: excerpt(&path) }),
        },
    };
    let method = http.method.as_str();
    if !allowed.split(", ").any(|known| known == method) {
        return Err(EventError::MethodNotAllowed { method: excerpt(method), allowed });
    }
    Ok(match method {
        "OPTIONS" => Route::Options(allowed),
        "POST" => Route::Post(http.body()),
        _ => {
            let count = count.map(|count| (Cow::Borrowed("digits"), Cow::Borrowed(count)));
            let request = Request::from_pairs(count.into_iter().chain(http.query()))?;
            Route::Digits(request, if method == "HEAD" { Read::Head } else { Read::Get })
        }
    })
}
