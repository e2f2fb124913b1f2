//! Batches of SQS messages: each body is a request, and those that fail go back to the queue.
//!
//! Nobody reads the digits of a message, so that each is computed as its digest and logged. With
//! `ReportBatchItemFailures` in the event source mapping, SQS keeps what the answer names and
//! deletes the rest; without it the answer is ignored. Source: AWS, "Using Lambda with SQS".

use super::json::{Object, elements, escaped, field, string};
use super::{Answered, Context, EventError, Output, Record, Reply, Request, compute};
use std::borrow::Cow;

/// Answers a batch.
pub(super) fn answer(records: &str, context: &Context<'_>) -> Answered {
    let first = elements(records).next().unwrap_or("{}");
    // Some services write `eventSource`, SNS writes `EventSource`.
    let source = field(first, "eventSource").or_else(|| field(first, "EventSource")).and_then(string);
    if source.as_deref() != Some("aws:sqs") {
        let source = source.unwrap_or(Cow::Borrowed("an unknown service"));
        return Answered::refused("records", EventError::UnsupportedEvent { source: source.into_owned() });
    }
    let mut answered = Answered::new(Reply::Whole(super::Body::default()));
    let mut failed: Vec<String> = Vec::new();
    for message in elements(records) {
        let id = field(message, "messageId").and_then(string).unwrap_or_default();
        let record = one(message, context, &mut answered).item(&id);
        if record.error.is_some() {
            failed.push(format!("{{\"itemIdentifier\":\"{}\"}}", escaped(&id)));
        }
        answered.records.push(record);
    }
    let mut object = Object::new();
    object.raw("batchItemFailures", format_args!("[{}]", failed.join(",")));
    answered.reply = Reply::Whole(super::Body::of(object.finish()));
    answered
}

/// One message. Once the time is over, those that are left are refused by what they would take.
fn one(message: &str, context: &Context<'_>, answered: &mut Answered) -> Record {
    let mut record = Record::new("sqs");
    // Work that was stopped has to end before other work begins.
    answered.stopping = None;
    let body = field(message, "body").and_then(string).unwrap_or_default();
    let request = Request::from_json(body.as_bytes());
    let request = request.map(|request| Request { output: Output::Digest, ..request });
    let (response, stopping) = match request {
        Ok(request) => compute(&mut record, request, super::Channel::Whole, context),
        Err(error) => (Err(error), None),
    };
    answered.stopping = stopping;
    match response {
        Ok(response) => record.sha256 = Some(response.summary.sha256),
        Err(error) => record.error = Some(error),
    }
    record
}
