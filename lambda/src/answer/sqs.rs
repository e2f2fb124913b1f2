//! Batches of SQS messages: each body is a request, and those that fail go back to the queue.
//!
//! Nobody reads the digits of a message, so that each is computed as its digest and logged. With
//! `ReportBatchItemFailures` in the event source mapping, SQS keeps what the answer names and
//! deletes the rest; without it the answer is ignored. Source: AWS, "Using Lambda with SQS".

use super::{Answered, Record, Reply};
use crate::compute::compute;
use crate::context::Context;
use crate::contract::json::{Members, Unfit, excerpt, raw};
use crate::contract::{Channel, EventError, Output, Request};
use crate::limits::Stopping;
use serde::Serialize;
use serde_json::value::RawValue;

/// A message as SQS hands it over; of other services' records the source.
#[derive(Debug, Default)]
struct Message {
    source: Option<String>,
    id: Option<String>,
    body: Option<String>,
}

impl Message {
    /// What is no message has nothing in it, which is refused by itself.
    fn of(record: &RawValue) -> Self {
        Self::read(record).unwrap_or_default()
    }

    fn read(record: &RawValue) -> Result<Self, Unfit> {
        let record = Members::of(record.get())?;
        // Some services write `eventSource`, SNS writes `EventSource`.
        let source = record.text("eventSource")?.or(record.text("EventSource")?);
        Ok(Self { source, id: record.text("messageId")?, body: record.text("body")? })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failures {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// Answers a batch.
pub(crate) fn answer(records: &[&RawValue], context: &Context<'_>) -> Answered {
    let source = records.first().and_then(|record| Message::of(record).source);
    if source.as_deref() != Some("aws:sqs") {
        let source = source.map_or_else(|| "an unknown service".to_owned(), |source| excerpt(&source));
        return Answered::refused("records", EventError::UnsupportedEvent { source });
    }
    let mut failures = Failures { batch_item_failures: Vec::new() };
    let (mut done, mut stopping) = (Vec::new(), None);
    for record in records {
        let mut message = Message::of(record);
        let item_identifier = message.id.take().unwrap_or_default();
        let record = one(&message, context, &mut stopping).item(&item_identifier);
        if record.error.is_some() {
            failures.batch_item_failures.push(Failure { item_identifier });
        }
        done.push(record);
    }
    Answered { reply: Reply::Whole(raw(&failures)), records: done, stopping }
}

/// One message. Once the time is over, those that are left are refused by what they would take.
fn one(message: &Message, context: &Context<'_>, stopping: &mut Option<Stopping>) -> Record {
    let mut record = Record::new("sqs");
    // Work that was stopped has to end before other work begins.
    *stopping = None;
    let body = message.body.as_deref().unwrap_or_default();
    let request = Request::from_json(body.as_bytes());
    let request = request.map(|request| Request { output: Output::Digest, ..request });
    let (response, still) = match request {
        Ok(request) => compute(&mut record, request, Channel::Whole, context),
        Err(error) => (Err(error), None),
    };
    *stopping = still;
    match response {
        Ok(response) => record.sha256 = Some(response.summary.sha256),
        Err(error) => record.error = Some(error),
    }
    record
}
