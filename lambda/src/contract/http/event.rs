//! HTTP requests inside events.
//!
//! | trigger | recognised by | request |
//! |---|---|---|
//! | Function URL | `requestContext.http`, `.lambda-url.` in `domainName` | `rawPath`, `rawQueryString` |
//! | HTTP API (payload 2.0) | `requestContext.http`, another `domainName` | the same |
//! | REST API (payload 1.0) | `httpMethod` and `path` | `path`, `multiValueQueryStringParameters` |
//! | Application Load Balancer | `requestContext.elb` | as REST, but values are still encoded |
//!
//! Sources: AWS documentation on payload format versions, "Lambda functions as targets" and Function URL
//! payloads; RFC 9110. The crates for these events (`aws_lambda_events`, `lambda_http`) have a type with
//! every member of each of them, several hundred kilobytes of code for the values used here.

use super::encoding::{self, pairs};
use crate::contract::json::{MOST_MEMBERS, Members, Pair, Unfit};
use crate::contract::{EventError, Place, Trigger};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// An HTTP request inside an event.
#[derive(Debug)]
pub(crate) struct Http<'a> {
    pub(crate) trigger: Trigger,
    pub(crate) method: String,
    path: String,
    /// The stage of an API, which may be the first segment of the path.
    pub(super) stage: Option<String>,
    /// The template that the gateway has matched, such as `/pi/{digits}`.
    pub(super) template: Option<String>,
    /// The segments that the gateway has matched by name.
    parameters: Vec<Pair<'a>>,
    /// The query; none if it has too many parameters.
    query: Option<Vec<Pair<'a>>>,
    headers: Vec<Pair<'a>>,
    /// Headers as lists, in the request and in the reply.
    pub(crate) lists: bool,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl<'a> Http<'a> {
    /// Reads the request of an event; `None` if the event has no method or no path.
    pub(crate) fn of(event: &Members<'a>) -> Result<Option<Self>, Unfit> {
        let context = event.object("requestContext")?.unwrap_or_default();
        let http = context.object("http")?;
        let trigger = match (&http, context.get("elb")?) {
            (Some(_), _) if is_function_url(&context)? => Trigger::FunctionUrl,
            (Some(_), _) => Trigger::HttpApi,
            (None, Some(_)) => Trigger::LoadBalancer,
            (None, None) => Trigger::RestApi,
        };
        let (method, path, template) = match &http {
            Some(http) => (http.text("method")?, event.text("rawPath")?, route_key(event)?),
            None => (event.text("httpMethod")?, event.text("path")?, event.text("resource")?),
        };
        let Some(method) = method else { return Ok(None) };
        if path.is_none() && trigger == Trigger::RestApi {
            return Ok(None);
        }
        let (headers, lists) = (event.object("headers")?, event.object("multiValueHeaders")?);
        Ok(Some(Self {
            trigger,
            method,
            path: path.unwrap_or_default(),
            stage: context.text("stage")?,
            template,
            parameters: event.object("pathParameters")?.unwrap_or_default().texts(),
            query: query(event, trigger)?,
            lists: trigger == Trigger::LoadBalancer && lists.is_some(),
            headers: headers
                .map_or_else(|| lists.unwrap_or_default().listed(), |headers| Ok(headers.texts()))?,
            body: event.text("body")?,
            is_base64_encoded: event.flag("isBase64Encoded")? == Some(true),
        }))
    }

    /// The segments of the path, decoded one by one; empty segments do not count.
    pub(super) fn segments(&self) -> Vec<Cow<'_, str>> {
        encoding::segments(&self.path)
    }

    /// The path as the caller wrote it.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The value of a parameter of the template.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// The names and values of the query.
    pub(super) fn query(&self) -> Result<Vec<Pair<'_>>, EventError> {
        let query = self.query.as_ref().ok_or_else(|| EventError::InvalidPayload {
            place: Place::Query,
            found: format!("a list of more than {MOST_MEMBERS} parameters"),
        })?;
        let borrowed = |(name, value): &'_ Pair<'a>| (name.clone(), value.clone());
        Ok(query.iter().map(borrowed).collect())
    }

    /// The value of a header by its name in lower case; several values are joined.
    pub(crate) fn header(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.as_ref()).collect::<Vec<_>>().join(", ")
    }

    /// The bytes of the body.
    pub(super) fn body(&self) -> Result<Vec<u8>, EventError> {
        let text = self.body.as_deref().unwrap_or_default();
        if !self.is_base64_encoded {
            return Ok(text.as_bytes().to_vec());
        }
        STANDARD.decode(text).map_err(|error| EventError::InvalidBase64 { reason: error.to_string() })
    }
}

/// Tells a Function URL from an HTTP API, which sends the same payload.
fn is_function_url(context: &Members<'_>) -> Result<bool, Unfit> {
    Ok(context.text("domainName")?.is_some_and(|name| name.contains(".lambda-url.")))
}

/// The template of a route key such as `GET /pi/{digits}`; none for `$default`.
fn route_key(event: &Members<'_>) -> Result<Option<String>, Unfit> {
    let key = event.text("routeKey")?.unwrap_or_default();
    Ok(key.split_once(' ').map(|(_, template)| template.to_owned()))
}

/// The query, which each service hands over in its own way; none if it has too many parameters.
fn query<'a>(event: &Members<'a>, trigger: Trigger) -> Result<Option<Vec<Pair<'a>>>, Unfit> {
    let raw = event.text("rawQueryString")?.unwrap_or_default();
    let single = event.object("queryStringParameters")?.unwrap_or_default();
    let lists = event.object("multiValueQueryStringParameters")?;
    let owned = |text: String| Cow::Owned(text);
    let query: Vec<Pair<'a>> = if matches!(trigger, Trigger::RestApi | Trigger::LoadBalancer) {
        let Ok(found) = lists.map_or_else(|| Ok(single.texts()), |lists| lists.listed()) else {
            return Ok(None);
        };
        match trigger {
            Trigger::RestApi => found,
            // A load balancer passes values on without decoding them.
            _ => {
                let plain = |text: Cow<'_, str>| owned(encoding::value(&text));
                found.into_iter().map(|(name, value)| (plain(name), plain(value))).collect()
            }
        }
    } else {
        let pairs = pairs(&raw).take(MOST_MEMBERS + 1);
        pairs.map(|(name, value)| (owned(name.into_owned()), owned(value.into_owned()))).collect()
    };
    Ok(Some(query).filter(|query| query.len() <= MOST_MEMBERS))
}
