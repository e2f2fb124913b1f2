//! The answer to an invocation, whoever sends it: recognise the sender, parse, compute, reply.

mod direct;
mod http;
mod record;
mod sqs;

pub use record::Record;

use crate::compute::Stream;
use crate::context::Context;
use crate::contract::request::{Fields, members};
use crate::contract::{Event, EventError, Place, Trigger, eventbridge};
use crate::limits::Stopping;
use serde_json::value::RawValue;

/// An answer with its log records.
#[derive(Debug)]
pub struct Answered {
    /// The reply to the caller.
    pub reply: Reply,
    /// The records for the log: one, or one for each message of a batch.
    pub records: Vec<Record>,
    /// Work that is still stopping; drop it after the caller has the reply.
    pub stopping: Option<Stopping>,
}

/// A reply to the caller.
#[derive(Debug)]
pub enum Reply {
    /// A response in one piece, as JSON.
    Whole(Box<RawValue>),
    /// An error of the invocation.
    Error(EventError),
    /// A streamed response.
    Stream(Box<Stream>),
}

impl Answered {
    fn refused(trigger: Trigger, error: EventError) -> Self {
        let record = Record { error: Some(error.clone()), ..Record::new(trigger) };
        Self::of(Reply::Error(error), record)
    }

    fn of(reply: Reply, record: Record) -> Self {
        Self { reply, records: vec![record], stopping: None }
    }
}

/// Answers one invocation.
///
/// A fault of the payload and a panic of the computation become an [`EventError`] in the form that the
/// sender takes; the function is ready for the next invocation.
#[must_use]
pub fn answer(payload: &[u8], context: &Context<'_>) -> Answered {
    let members = match members(Place::Payload, payload) {
        Ok(members) => members,
        Err(error) => return Answered::refused(Trigger::Direct, error),
    };
    let fields = Fields::of(&members, Place::Payload);
    // Fast path: a payload with only known fields is a direct request, so skip service detection.
    match if fields.foreign { Event::of(&members) } else { None } {
        None => direct::answer(fields, context),
        Some(Event::Http(request)) => http::answer(&request, context),
        Some(Event::Detail(detail)) => {
            direct::digits(eventbridge::request(detail), Trigger::EventBridge, context)
        }
        Some(Event::Sqs(records)) => sqs::answer(&records, context),
        Some(Event::Unserved(source)) => {
            Answered::refused(Trigger::Unserved, EventError::UnsupportedEvent { source })
        }
    }
}
