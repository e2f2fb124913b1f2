//! The recognition of events by their members.

use super::foreign;
use super::http::Http;
use super::json::{Members, Unfit, excerpt};
use serde_json::value::RawValue;

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
