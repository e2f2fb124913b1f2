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

use super::encoding::{self, pairs};
use crate::contract::json::{MOST_MEMBERS, Members, Pair, Unfit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Which service speaks; they differ in what they send and in what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    FunctionUrlOrHttpApi,
    RestApi,
    LoadBalancer,
}

impl Service {
    /// As logs call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FunctionUrlOrHttpApi => "http",
            Self::RestApi => "rest-api",
            Self::LoadBalancer => "load-balancer",
        }
    }
}

/// An HTTP request within an event.
#[derive(Debug)]
pub(crate) struct Http<'a> {
    pub(crate) service: Service,
    pub(crate) method: String,
    path: Option<String>,
    stage: Option<String>,
    query: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    /// Whether headers come as lists, and go so.
    pub(crate) lists: bool,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl<'a> Http<'a> {
    /// The request of an event; none if it has no method, or what is no event of these services.
    pub(crate) fn of(event: &Members<'a>) -> Result<Option<Self>, Unfit> {
        let context = event.object("requestContext")?.unwrap_or_default();
        let http = context.object("http")?;
        let service = match (&http, context.get("elb")?) {
            (Some(_), _) => Service::FunctionUrlOrHttpApi,
            (None, Some(_)) => Service::LoadBalancer,
            (None, None) => Service::RestApi,
        };
        let method = http.map_or(Ok(None), |http| http.text("method"))?;
        let Some(method) = method.or(event.text("httpMethod")?) else { return Ok(None) };
        let (raw, plain) = (event.text("rawPath")?, event.text("path")?);
        let (headers, lists) = (event.object("headers")?, event.object("multiValueHeaders")?);
        Ok(Some(Self {
            service,
            method,
            path: if service == Service::FunctionUrlOrHttpApi { raw } else { plain },
            stage: context.text("stage")?,
            query: query(event, service)?,
            lists: service == Service::LoadBalancer && lists.is_some(),
            headers: headers
                .map_or_else(|| lists.unwrap_or_default().listed(), |headers| Ok(headers.texts()))?,
            body: event.text("body")?,
            is_base64_encoded: event.flag("isBase64Encoded")? == Some(true),
        }))
    }

    /// The path without the stage that an HTTP API puts before it, and without a slash at its end.
    pub(crate) fn path(&self) -> String {
        let mut path = encoding::path(self.path.as_deref().unwrap_or_default());
        if self.service == Service::FunctionUrlOrHttpApi
            && let Some(stage) = &self.stage
        {
            let behind = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage.as_str()));
            if let Some(rest) = behind.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                path = Cow::Owned(rest.to_owned());
            }
        }
        path.trim_end_matches('/').to_owned()
    }

    /// Names and values of the query.
    pub(crate) fn query(&self) -> impl Iterator<Item = Pair<'_>> {
        self.query.iter().map(|(name, value)| (Cow::Borrowed(&**name), Cow::Borrowed(&**value)))
    }

    /// A header, by its name in lower case; several of one name are joined.
    pub(crate) fn header(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.as_ref()).collect::<Vec<_>>().join(", ")
    }

    /// The body as bytes; what is not the base64 that it should be stays as it is.
    pub(crate) fn body(&self) -> Vec<u8> {
        let text = self.body.as_deref().unwrap_or_default();
        let bytes = self.is_base64_encoded.then(|| STANDARD.decode(text).ok()).flatten();
        bytes.unwrap_or_else(|| text.as_bytes().to_vec())
    }
}

/// The query, which each service hands over in its own way.
fn query<'a>(event: &Members<'a>, service: Service) -> Result<Vec<Pair<'a>>, Unfit> {
    let raw = event.text("rawQueryString")?.unwrap_or_default();
    let single = event.object("queryStringParameters")?.unwrap_or_default();
    let lists = event.object("multiValueQueryStringParameters")?;
    let found = lists.map_or_else(|| Ok(single.texts()), |lists| lists.listed())?;
    let owned = |text: String| Cow::Owned(text);
    let query: Vec<Pair<'a>> = match service {
        Service::FunctionUrlOrHttpApi => {
            let pairs = pairs(&raw).take(MOST_MEMBERS + 1);
            pairs.map(|(name, value)| (owned(name.into_owned()), owned(value.into_owned()))).collect()
        }
        Service::RestApi => found,
        // Passed on as it came.
        Service::LoadBalancer => {
            let plain = |text: Cow<'_, str>| owned(encoding::value(&text));
            found.into_iter().map(|(name, value)| (plain(name), plain(value))).collect()
        }
    };
    if query.len() > MOST_MEMBERS { Err(Unfit) } else { Ok(query) }
}
