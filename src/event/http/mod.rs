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
//! (`aws_lambda_events`, `lambda_http`) derive a type with every member of each of them on
//! serde, chrono and http, several hundred kilobytes of file for the nine values that are used here.

mod answer;
mod negotiate;
mod route;

pub(super) use answer::{Answer, Content};
pub(super) use route::{Read, Route, route};

use super::encoding::{decoded, from_base64, pairs};
use super::json::{elements, field, members, string};
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

/// An HTTP request within an event.
#[derive(Debug)]
pub(super) struct Http<'a> {
    pub(super) service: Service,
    pub(super) method: Cow<'a, str>,
    event: &'a str,
    context: &'a str,
    /// Whether headers come as lists, and go so.
    pub(super) lists: bool,
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> Http<'a> {
    /// The request of an event, if it is one.
    pub(super) fn of(event: &'a str) -> Option<Self> {
        let context = field(event, "requestContext").unwrap_or("{}");
        let http = field(context, "http").and_then(|http| field(http, "method"));
        let method = http.or_else(|| field(event, "httpMethod")).and_then(string)?;
        let service = if http.is_some() {
            Service::FunctionUrlOrHttpApi
        } else if field(context, "elb").is_some() {
            Service::LoadBalancer
        } else {
            Service::RestApi
        };
        let lists = service == Service::LoadBalancer && field(event, "multiValueHeaders").is_some();
        Some(Self { service, method, event, context, lists })
    }

    fn text(&self, name: &str) -> Cow<'a, str> {
        field(self.event, name).and_then(string).unwrap_or_default()
    }

    /// The path without the stage that an HTTP API puts before it, and without a slash at its end.
    pub(super) fn path(&self) -> String {
        let http = self.service == Service::FunctionUrlOrHttpApi;
        let path = self.text(if http { "rawPath" } else { "path" });
        let mut path = decoded(&path);
        if http && let Some(stage) = field(self.context, "stage").and_then(string) {
            let behind = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage.as_ref()));
            if let Some(rest) = behind.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                path = Cow::Owned(rest.to_owned());
            }
        }
        path.trim_end_matches('/').to_owned()
    }

    /// Names and values of the query.
    pub(super) fn query(&self) -> Vec<Pair<'a>> {
        if self.service == Service::FunctionUrlOrHttpApi {
            let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
            let query = self.text("rawQueryString");
            return pairs(&query).map(|(name, value)| (owned(name), owned(value))).collect();
        }
        let lists = field(self.event, "multiValueQueryStringParameters");
        let found: Vec<Pair<'a>> = match lists {
            Some(lists) => members(lists)
                .flat_map(|(name, values)| elements(values).map(move |value| (name.clone(), value)))
                .map(text_of)
                .collect(),
            None => {
                members(field(self.event, "queryStringParameters").unwrap_or("{}")).map(text_of).collect()
            }
        };
        if self.service == Service::RestApi {
            return found;
        }
        // A load balancer passes the query on as it came.
        let plain = |text: Cow<'_, str>| Cow::Owned(decoded(&text).into_owned());
        found.into_iter().map(|(name, value)| (plain(name), plain(value))).collect()
    }

    /// A header, by its name in lower case; several of one name are joined.
    pub(super) fn header(&self, name: &str) -> String {
        let single = field(self.event, "headers");
        let lists = field(self.event, "multiValueHeaders").filter(|_| single.is_none());
        let mut found = String::new();
        for (header, value) in members(single.or(lists).unwrap_or("{}")) {
            if header.eq_ignore_ascii_case(name) {
                let values = if lists.is_some() {
                    elements(value).filter_map(string).collect()
                } else {
                    Vec::from_iter(string(value))
                };
                for value in values {
                    found.push_str(if found.is_empty() { "" } else { ", " });
                    found.push_str(&value);
                }
            }
        }
        found
    }

    /// The body as bytes; what is not the base64 that it should be stays as it is.
    pub(super) fn body(&self) -> Vec<u8> {
        let text = self.text("body");
        let encoded = field(self.event, "isBase64Encoded") == Some("true");
        let bytes = if encoded { from_base64(&text) } else { None };
        bytes.unwrap_or_else(|| text.into_owned().into_bytes())
    }
}

/// A member with its value as text: a string's characters, anything else as it stands.
fn text_of<'a>((name, value): (Cow<'a, str>, &'a str)) -> Pair<'a> {
    (name, string(value).unwrap_or(Cow::Borrowed(value)))
}
