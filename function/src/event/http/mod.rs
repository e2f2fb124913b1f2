//! HTTP requests as Lambda hands them over, and their answers.
//!
//! | event | recognised by | its request |
//! |---|---|---|
//! | Function URL, API Gateway HTTP API (payload 2.0) | `requestContext.http` | `rawPath`, `rawQueryString`, `headers` |
//! | API Gateway REST API (payload 1.0) | `httpMethod` | `path`, `multiValueQueryStringParameters`, `headers` |
//! | Application Load Balancer | `requestContext.elb` | the same with values still encoded; `multiValueHeaders` if it is told so |
//!
//! Sources: AWS's documentation of "payload format version", "Invoke with a load balancer",
//! "Function URL payloads"; RFC 9110 for what is said in HTTP. The crates that know these events
//! (`aws_lambda_events`, `lambda_http`) have a type with every member of each of them, several
//! hundred kilobytes of file for the nine values that are used here.

mod answer;
mod negotiate;
mod route;

pub(super) use answer::{Answer, Content};
pub(super) use route::{Read, Route, route};

use super::encoding::{self, pairs};
use super::json::Members;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Which service speaks; they differ in what they send and in what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    FunctionUrlOrHttpApi,
    RestApi,
    LoadBalancer,
}

impl Service {
    /// As logs call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FunctionUrlOrHttpApi => "http",
            Self::RestApi => "rest-api",
            Self::LoadBalancer => "load-balancer",
        }
    }
}

/// What the events of all services have, as far as it is used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    request_context: Option<RequestContext>,
    http_method: Option<String>,
    raw_path: Option<String>,
    path: Option<String>,
    raw_query_string: Option<String>,
    #[serde(borrow)]
    query_string_parameters: Option<Members<'a>>,
    #[serde(borrow)]
    multi_value_query_string_parameters: Option<Members<'a>>,
    #[serde(borrow)]
    headers: Option<Members<'a>>,
    #[serde(borrow)]
    multi_value_headers: Option<Members<'a>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
struct RequestContext {
    http: Option<Protocol>,
    elb: Option<IgnoredAny>,
    stage: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Protocol {
    method: Option<String>,
}

/// An HTTP request within an event.
#[derive(Debug)]
pub(super) struct Http<'a> {
    pub(super) service: Service,
    pub(super) method: String,
    event: Event<'a>,
    stage: Option<String>,
    /// Whether headers come as lists, and go so.
    pub(super) lists: bool,
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> Http<'a> {
    /// The request of an event, if it is one.
    pub(super) fn of(event: &'a [u8]) -> Option<Self> {
        let mut event: Event<'a> = serde_json::from_slice(event).ok()?;
        let RequestContext { http, elb, stage } = event.request_context.take().unwrap_or_default();
        let service = match (&http, elb) {
            (Some(_), _) => Service::FunctionUrlOrHttpApi,
            (None, Some(_)) => Service::LoadBalancer,
            (None, None) => Service::RestApi,
        };
        let method = http.and_then(|http| http.method).or_else(|| event.http_method.take())?;
        let lists = service == Service::LoadBalancer && event.multi_value_headers.is_some();
        Some(Self { service, method, event, stage, lists })
    }

    /// The path without the stage that an HTTP API puts before it, and without a slash at its end.
    pub(super) fn path(&self) -> String {
        let http = self.service == Service::FunctionUrlOrHttpApi;
        let path = if http { &self.event.raw_path } else { &self.event.path };
        let mut path = encoding::path(path.as_deref().unwrap_or_default());
        if http && let Some(stage) = &self.stage {
            let behind = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage.as_str()));
            if let Some(rest) = behind.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                path = Cow::Owned(rest.to_owned());
            }
        }
        path.trim_end_matches('/').to_owned()
    }

    /// Names and values of the query.
    pub(super) fn query(&self) -> Vec<Pair<'_>> {
        if self.service == Service::FunctionUrlOrHttpApi {
            return pairs(self.event.raw_query_string.as_deref().unwrap_or_default()).collect();
        }
        let single = self.event.query_string_parameters.iter().flat_map(Members::texts);
        let lists = self.event.multi_value_query_string_parameters.iter().flat_map(Members::listed);
        let borrowed = |(name, value)| (Cow::Borrowed(name), value);
        let found: Vec<Pair<'_>> = match self.event.multi_value_query_string_parameters {
            Some(_) => lists.map(borrowed).collect(),
            None => single.map(borrowed).collect(),
        };
        if self.service == Service::RestApi {
            return found;
        }
        // A load balancer passes the query on as it came.
        let plain = |text: Cow<'_, str>| Cow::Owned(encoding::value(&text));
        found.into_iter().map(|(name, value)| (plain(name), plain(value))).collect()
    }

    /// A header, by its name in lower case; several of one name are joined.
    pub(super) fn header(&self, name: &str) -> String {
        let mut single = self.event.headers.iter().flat_map(Members::texts);
        let mut lists = self.event.multi_value_headers.iter().flat_map(Members::listed);
        let joined = |headers: &mut dyn Iterator<Item = (&str, Cow<'a, str>)>| {
            let values = headers.filter(|(header, _)| header.eq_ignore_ascii_case(name));
            values.map(|(_, value)| value).collect::<Vec<_>>().join(", ")
        };
        if self.event.headers.is_some() { joined(&mut single) } else { joined(&mut lists) }
    }

    /// The body as bytes; what is not the base64 that it should be stays as it is.
    pub(super) fn body(&self) -> Vec<u8> {
        let text = self.event.body.as_deref().unwrap_or_default();
        let encoded = self.event.is_base64_encoded == Some(true);
        let bytes = encoded.then(|| STANDARD.decode(text).ok()).flatten();
        bytes.unwrap_or_else(|| text.as_bytes().to_vec())
    }
}
