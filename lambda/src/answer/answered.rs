//! An answer: the reply to the caller, and the records for the log.

use super::record::Record;
use crate::compute::Stream;
use crate::contract::{EventError, Trigger};
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
    pub(super) fn refused(trigger: Trigger, error: EventError) -> Self {
        let record = Record { error: Some(error.clone()), ..Record::new(trigger) };
        Self::of(Reply::Error(error), record)
    }

    pub(super) fn of(reply: Reply, record: Record) -> Self {
        Self { reply, records: vec![record], stopping: None }
    }
}
