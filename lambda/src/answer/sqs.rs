//! Answers to batches of SQS: each message is a request, and failed messages go back to the queue.
//!
//! Nobody reads the digits of a message, so each is computed as a digest and logged. With
//! `ReportBatchItemFailures` in the event source mapping, SQS keeps the messages that the answer names
//! and deletes the others; without it SQS ignores the answer. After a failure in a group of a FIFO queue
//! no later message of the group is computed, since SQS would deliver the failed message after it.

use super::answered::{Answered, Reply};
use super::record::Record;
use crate::compute::{Computed, compute};
use crate::context::Context;
use crate::contract::json::{excerpt, raw};
use crate::contract::sqs::{Failures, Message};
use crate::contract::{Channel, EventError, Output, Request, Trigger};
use crate::limits::Stopping;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// Answers a batch with the messages that failed.
pub(super) fn answer(records: &[&RawValue], context: &Context<'_>) -> Answered {
    let mut failures = Failures::default();
    let mut stopped = HashSet::new();
    let (mut done, mut stopping) = (Vec::new(), None);
    for record in records {
        let message = Message::of(record);
        let group = message.group.as_deref().filter(|group| stopped.contains(*group));
        let mut record = match group {
            Some(group) => skipped(group),
            None => computed(&message, context, &mut stopping),
        };
        if record.error.is_some() {
            failures.add(&message.id);
            stopped.extend(message.group);
        }
        record.item = Some(message.id);
        done.push(record);
    }
    Answered { reply: Reply::Whole(raw(&failures)), records: done, stopping }
}

/// The record of a message behind a failed message of its group.
fn skipped(group: &str) -> Record {
    let error = EventError::MessageGroupStopped { group: excerpt(group) };
    Record { error: Some(error), ..Record::new(Trigger::Sqs) }
}

/// Computes one message. After the deadline the estimates refuse the rest of the batch.
fn computed(message: &Message, context: &Context<'_>, stopping: &mut Option<Stopping>) -> Record {
    // Work that was stopped has to end before other work begins.
    *stopping = None;
    let mut record = Record::new(Trigger::Sqs);
    let digest = message.request().map(|request| Request { output: Output::Digest, ..request });
    let response = digest.and_then(|request| {
        let Computed { response, facts, stopping: still } = compute(request, Channel::Whole, context);
        record.note(facts);
        *stopping = still;
        response
    });
    match response {
        Ok(response) => record.sha256 = Some(response.summary.sha256),
        Err(error) => record.error = Some(error),
    }
    record
}
