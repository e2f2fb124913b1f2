//! The answer to an invocation, whoever sends it.

mod http;
mod sqs;

use crate::compute::{self, Stream, compute};
use crate::context::Context;
use crate::contract::http::Http;
use crate::contract::json::{self, Members, Unfit};
use crate::contract::request::{self, Fields};
use crate::contract::{Channel, EventError, Operation, Output, Request};
use crate::limits::Stopping;
use serde_json::value::RawValue;
use std::time::Duration;

/// An answer, and what is left to do when it was given.
#[derive(Debug)]
pub struct Answered {
    /// What the caller gets.
    pub reply: Reply,
    /// What the log gets: one record, or one for each message of a batch.
    pub records: Vec<Record>,
    /// Work that is still stopping, to be dropped when the caller has its answer.
    pub stopping: Option<Stopping>,
}

/// What the caller gets.
#[derive(Debug)]
pub enum Reply {
    /// A response in one piece, as JSON.
    Whole(Box<RawValue>),
    /// An error of the invocation.
    Error(EventError),
    /// A response as it comes.
    Stream(Box<Stream>),
}

/// What became of a request, for the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who sent it.
    pub trigger: &'static str,
    /// The id of a message within a batch.
    pub item: Option<String>,
    /// What was asked, when that was understood.
    pub request: Option<Request>,
    /// How long it was computed.
    pub compute: Option<Duration>,
    /// Whether digits came from an earlier invocation.
    pub reused: Option<bool>,
    /// The digest, where the caller does not get it.
    pub sha256: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<EventError>,
}

impl Record {
    pub(crate) const fn new(trigger: &'static str) -> Self {
        Self {
            trigger,
            item: None,
            request: None,
            compute: None,
            reused: None,
            sha256: None,
            status: None,
            error: None,
        }
    }

    fn item(mut self, id: &str) -> Self {
        self.item = Some(id.to_owned());
        self
    }
}

impl Answered {
    fn refused(trigger: &'static str, error: EventError) -> Self {
        let mut record = Record::new(trigger);
        record.error = Some(error.clone());
        Self::of(Reply::Error(error), record)
    }

    pub(crate) fn of(reply: Reply, record: Record) -> Self {
        Self { reply, records: vec![record], stopping: None }
    }
}

/// Answers one invocation: finds out who sends it, parses, refuses what cannot fit, computes.
///
/// Whatever is wrong with the payload, and a panic while computing, is an [`EventError`] in the
/// caller's form; the function is ready for the next invocation.
#[must_use]
pub fn answer(payload: &[u8], context: &Context<'_>) -> Answered {
    let members = match request::members(payload) {
        Ok(members) => members,
        Err(error) => return Answered::refused("direct", error),
    };
    let mut fields = Fields::of(&members);
    // Most events are requests, which nothing more has to be known of.
    let other = if fields.foreign { of_a_service(&members, context).unwrap_or(None) } else { None };
    other.unwrap_or_else(|| match fields.operation() {
        Some(op) => operation(op, context),
        None => direct(fields.into_request(), "direct", context),
    })
}

/// Answers an event that a service sends, if it is one.
fn of_a_service(event: &Members<'_>, context: &Context<'_>) -> Result<Option<Answered>, Unfit> {
    if let Ok(Some(request)) = Http::of(event) {
        return Ok(Some(http::answer(&request, context)));
    }
    let (kind, detail) = (event.get("detail-type")?, event.get("detail")?);
    if let Some(records) = event.list("Records")? {
        return Ok(Some(sqs::answer(&records, context)));
    }
    let detail = detail.unwrap_or("{}");
    Ok(kind.map(|_| direct(Request::from_json(detail.as_bytes()), "eventbridge", context)))
}

/// A request that is the event itself, or all that is in it for us.
fn direct(request: Result<Request, EventError>, trigger: &'static str, context: &Context<'_>) -> Answered {
    let mut record = Record::new(trigger);
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answered::refused(trigger, error),
    };
    if request.output == Output::Stream {
        return compute::direct(record, request, context);
    }
    let (response, stopping) = compute(&mut record, request, Channel::Whole, context);
    let reply = match response {
        Ok(response) => Reply::Whole(json::raw(&response.with_id(context.request_id))),
        Err(error) => {
            record.error = Some(error.clone());
            Reply::Error(error)
        }
    };
    Answered { stopping, ..Answered::of(reply, record) }
}

fn operation(op: Result<Operation, EventError>, context: &Context<'_>) -> Answered {
    match op {
        Ok(op) => Answered::of(Reply::Whole(json::raw(&op.answer(context))), Record::new(op.name())),
        Err(error) => Answered::refused("direct", error),
    }
}
