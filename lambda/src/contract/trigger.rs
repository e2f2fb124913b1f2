//! The senders of events, and the recognition of their events.
//!
//! A new trigger is a variant here, an arm of the dispatch in [`crate::answer`] and a file with its
//! answer. The compiler, the error text of `UnsupportedEvent`, and tests over [`Trigger::ALL`] ask for
//! the rest: a row in docs/contract.md and a sample in events/triggers/.

use super::error::Channel;
use super::foreign;
use super::http::Http;
use super::json::{Members, Unfit, excerpt};
use serde_json::value::RawValue;

/// A sender of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An invocation whose payload is the request: the API, an SDK, a scheduler's constant input.
    Direct,
    /// A Lambda Function URL.
    FunctionUrl,
    /// An HTTP API of API Gateway, payload format 2.0.
    HttpApi,
    /// A REST API of API Gateway, or an HTTP API with payload format 1.0.
    RestApi,
    /// An Application Load Balancer.
    LoadBalancer,
    /// An event of `EventBridge` or of `EventBridge` Scheduler.
    EventBridge,
    /// A batch of messages of Amazon SQS.
    Sqs,
    /// A service that this function does not serve.
    Unserved,
}

impl Trigger {
    /// The triggers that the function serves.
    pub const ALL: &[Self] = &[
        Self::Direct,
        Self::FunctionUrl,
        Self::HttpApi,
        Self::RestApi,
        Self::LoadBalancer,
        Self::EventBridge,
        Self::Sqs,
    ];

    /// The label in log lines, in docs/contract.md and in file names under events/triggers/.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::FunctionUrl => "function-url",
            Self::HttpApi => "http-api",
            Self::RestApi => "rest-api",
            Self::LoadBalancer => "load-balancer",
            Self::EventBridge => "eventbridge",
            Self::Sqs => "sqs",
            Self::Unserved => "unserved",
        }
    }

    /// The name in sentences, in the plural.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct invocations",
            Self::FunctionUrl => "Function URLs",
            Self::HttpApi => "HTTP APIs",
            Self::RestApi => "REST APIs",
            Self::LoadBalancer => "load balancers",
            Self::EventBridge => "EventBridge",
            Self::Sqs => "SQS",
            Self::Unserved => "other services",
        }
    }

    /// The way of a response that is not streamed.
    pub(crate) const fn channel(self) -> Channel {
        match self {
            Self::LoadBalancer => Channel::LoadBalancer,
            _ => Channel::Whole,
        }
    }
}

/// An event of a service.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// An HTTP request.
    Http(Http<'a>),
    /// The member `detail` of an `EventBridge` event, if it has one.
    Detail(Option<&'a str>),
    /// The messages of a batch.
    Sqs(Vec<&'a RawValue>),
    /// An event of a service that the function does not serve, by the name of the service.
    Unserved(String),
}

impl<'a> Event<'a> {
    /// Recognises the event of a service; `None` is a direct invocation.
    ///
    /// A payload with `digits` or `op` is a request with an unknown field beside it: no service has
    /// these members.
    pub(crate) fn of(members: &Members<'a>) -> Option<Self> {
        if members.has("digits") || members.has("op") {
            return None;
        }
        if let Some(service) = foreign::service(members) {
            return Some(Self::Unserved(service.to_owned()));
        }
        Self::served(members).unwrap_or(None)
    }

    fn served(members: &Members<'a>) -> Result<Option<Self>, Unfit> {
        // A member of the wrong kind makes no request, but may still belong to another service.
        if let Ok(Some(http)) = Http::of(members) {
            return Ok(Some(Self::Http(http)));
        }
        if members.get("detail-type")?.is_some() {
            return Ok(Some(Self::Detail(members.get("detail")?)));
        }
        if let Some(records) = members.list("Records")? {
            return Ok(Some(match source_of(&records) {
                Some(source) if source == "aws:sqs" => Self::Sqs(records),
                source => Self::Unserved(named(source)),
            }));
        }
        let other = members.text("eventSource")?;
        let other = other.map(|source| excerpt(&source));
        let api = members.get("requestContext")?.map(|_| UNKNOWN.to_owned());
        Ok(other.or(api).map(Self::Unserved))
    }
}

/// The words for a service that names itself nowhere.
const UNKNOWN: &str = "an unknown service";

fn named(source: Option<String>) -> String {
    source.map_or_else(|| UNKNOWN.to_owned(), |source| excerpt(&source))
}

/// The service in the first of a list of records. SNS writes `EventSource`, the others `eventSource`.
pub(super) fn source_of(records: &[&RawValue]) -> Option<String> {
    let record = Members::of(records.first()?.get()).ok()?;
    if record.has("cf") {
        return Some("Lambda@Edge (CloudFront)".to_owned());
    }
    let source = |name| record.text(name).ok().flatten();
    source("eventSource").or_else(|| source("EventSource"))
}
