//! Routes: a path and a method as a request.
//!
//! ```text
//! GET  /                usage and version
//! GET  /pi?digits=1000&algorithm=gosper&output=digest&from=7     also GET /?digits=1000
//! GET  /pi/1000
//! POST /                the JSON of a direct invocation, also POST /pi
//! ```
//!
//! The function may be mounted anywhere: behind the stage of an API, the base path of a custom domain, a
//! path of a load balancer. The segments from the last `pi` on are the route, whatever stands before
//! them. A gateway that has matched a route without `pi` says by its template what the path means.

use super::Http;
use crate::contract::json::excerpt;
use crate::contract::{EventError, Place, Request, Trigger};
use std::borrow::Cow;

/// A request of HTTP.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Usage and version.
    Usage,
    /// Digits, asked for by GET or HEAD.
    Digits(Request),
    /// A request or an operation as JSON.
    Post(Vec<u8>),
    /// The methods of the path.
    Options(&'static str),
}

/// The resource that a path names.
#[derive(Debug, PartialEq, Eq)]
enum Resource {
    Root,
    Pi,
    Count(String),
}

/// Finds the route of a request.
pub(crate) fn route(http: &Http<'_>) -> Result<Route, EventError> {
    let resource = resource(http)
        .or_else(|| matched(http))
        .ok_or_else(|| EventError::NotFound { path: excerpt(http.path()) })?;
    let allowed = match resource {
        Resource::Root | Resource::Pi => "GET, HEAD, POST, OPTIONS",
        Resource::Count(_) => "GET, HEAD, OPTIONS",
    };
    let method = http.method.as_str();
    if !allowed.split(", ").any(|known| known == method) {
        return Err(EventError::MethodNotAllowed { method: excerpt(method), allowed });
    }
    match (method, resource) {
        ("OPTIONS", _) => Ok(Route::Options(allowed)),
        ("POST", _) => Ok(Route::Post(http.body()?)),
        (_, Resource::Root) if http.query()?.is_empty() => Ok(Route::Usage),
        (_, Resource::Root | Resource::Pi) => digits(http, None),
        (_, Resource::Count(count)) => digits(http, Some(count)),
    }
}

fn digits(http: &Http<'_>, count: Option<String>) -> Result<Route, EventError> {
    let count = count.map(|count| (Cow::Borrowed("digits"), Cow::Owned(count)));
    Request::from_pairs(Place::Query, count.into_iter().chain(http.query()?)).map(Route::Digits)
}

/// The resource by the segments of the path.
fn resource(http: &Http<'_>) -> Option<Resource> {
    let segments = http.segments();
    if http.template.as_deref() == Some("/") || without_stage(http, &segments).is_empty() {
        return Some(Resource::Root);
    }
    let pi = segments.iter().rposition(|segment| segment == "pi")?;
    match &segments[pi + 1..] {
        [] => Some(Resource::Pi),
        [count] => Some(Resource::Count(count.clone().into_owned())),
        _ => None,
    }
}

/// The segments behind the stage, which an HTTP API puts before the path of its default endpoint.
fn without_stage<'a, 'b>(http: &Http<'_>, segments: &'b [Cow<'a, str>]) -> &'b [Cow<'a, str>] {
    match segments {
        [first, rest @ ..] if http.trigger == Trigger::HttpApi && http.stage.as_deref() == Some(first) => {
            rest
        }
        _ => segments,
    }
}

/// The resource by the template of the gateway, for a route without a segment `pi`: `/{proxy+}` is the
/// root of what it has matched, `/spigot/{n}` names a count, `/spigot` has it in its query.
fn matched(http: &Http<'_>) -> Option<Resource> {
    let template = http.template.as_deref()?;
    if http.segments().iter().any(|segment| segment == "pi") {
        return None;
    }
    let last = template.rsplit('/').find(|segment| !segment.is_empty())?;
    let Some(name) = last.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return Some(Resource::Pi);
    };
    match name.strip_suffix('+') {
        Some(greedy) => http.parameter(greedy).unwrap_or_default().is_empty().then_some(Resource::Root),
        None => http.parameter(name).map(|count| Resource::Count(count.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::json::Members;

    fn found(event: &str) -> Option<Resource> {
        let members = Members::of(event).unwrap();
        let http = Http::of(&members).unwrap().unwrap();
        resource(&http).or_else(|| matched(&http))
    }

    fn http_api(path: &str, stage: &str, key: &str) -> Option<Resource> {
        found(&format!(
            r#"{{"rawPath":"{path}","routeKey":"{key}","pathParameters":{{"n":"10","proxy":"tau"}},
                "requestContext":{{"stage":"{stage}","http":{{"method":"GET"}}}}}}"#
        ))
    }

    fn count(text: &str) -> Option<Resource> {
        Some(Resource::Count(text.to_owned()))
    }

    #[test]
    fn segments_decide_and_a_mount_does_not_matter() {
        for (path, resource) in [
            ("/", Some(Resource::Root)),
            ("", Some(Resource::Root)),
            ("//", Some(Resource::Root)),
            ("/pi", Some(Resource::Pi)),
            ("/pi//", Some(Resource::Pi)),
            ("//pi/10", count("10")),
            ("/%70i/%31%30/", count("10")),
            ("/pi/1%2F0", count("1/0")),
            ("/v1/math/pi/10", count("10")),
            ("/pi/pi/10", count("10")),
            ("/pi/1/2", None),
            ("/tau", None),
            ("/pie/10", None),
        ] {
            assert_eq!(http_api(path, "$default", "$default"), resource, "{path}");
        }
    }

    #[test]
    fn a_stage_is_no_segment_of_the_route() {
        assert_eq!(http_api("/prod/", "prod", "$default"), Some(Resource::Root));
        assert_eq!(http_api("/prod/pi/7", "prod", "$default"), count("7"));
        assert_eq!(http_api("/pi/7", "pi", "$default"), count("7"), "a custom domain without the stage");
        assert_eq!(http_api("/pi/pi/7", "pi", "$default"), count("7"));
        assert_eq!(http_api("/pi", "pi", "GET /"), Some(Resource::Root));
        assert_eq!(http_api("/production", "prod", "$default"), None);
    }

    #[test]
    fn a_template_names_what_the_gateway_has_matched() {
        assert_eq!(http_api("/api/spigot/10", "v1", "GET /spigot/{n}"), count("10"));
        assert_eq!(http_api("/api/spigot", "v1", "ANY /spigot"), Some(Resource::Pi));
        assert_eq!(http_api("/api/tau", "v1", "ANY /{proxy+}"), None);
        assert_eq!(http_api("/pi/1/2", "v1", "GET /pi/{proxy+}"), None);
        let rest = r#"{"resource":"/{proxy+}","path":"/api/","httpMethod":"GET","pathParameters":null}"#;
        assert_eq!(found(rest), Some(Resource::Root));
        let rest = r#"{"resource":"/pi/{digits}","path":"/api/pi/10","httpMethod":"GET"}"#;
        assert_eq!(found(rest), count("10"));
    }
}
