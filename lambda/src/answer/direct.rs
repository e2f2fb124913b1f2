//! Answers to direct invocations, and to events that hold a request alone.

use super::answered::{Answered, Reply};
use super::record::Record;
use crate::compute::{self, Computed, Done, compute, operation, stream};
use crate::context::Context;
use crate::contract::hex::Hex;
use crate::contract::request::Fields;
use crate::contract::{Channel, EventError, Operation, Output, Request, Trigger, json};

/// Answers a payload that is a request or an operation.
pub(super) fn answer(mut fields: Fields<'_>, context: &Context<'_>) -> Answered {
    match fields.operation() {
        None => digits(fields.into_request(), Trigger::Direct, context),
        Some(Ok(op)) => {
            let record = Record { operation: Some(op), ..Record::new(Trigger::Direct) };
            Answered::of(Reply::Whole(json::raw(&operation(op, context))), record)
        }
        Some(Err(error)) => Answered::refused(Trigger::Direct, error),
    }
}

/// Answers a request for hexadecimal digits, or for a part of the way to them.
pub(super) fn hex(request: Result<(Operation, Hex), EventError>, context: &Context<'_>) -> Answered {
    let (op, request) = match request {
        Ok(request) => request,
        Err(error) => return Answered::refused(Trigger::Direct, error),
    };
    let Done { answer, compute, stopping } = compute::hex(request, context);
    let error = answer.as_ref().err().cloned();
    let record = Record { operation: Some(op), compute, error, ..Record::new(Trigger::Direct) };
    Answered { stopping, ..Answered::of(answer.map_or_else(Reply::Error, Reply::Whole), record) }
}

/// Answers a request for digits, whole or as a stream.
pub(super) fn digits(
    request: Result<Request, EventError>,
    trigger: Trigger,
    context: &Context<'_>,
) -> Answered {
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answered::refused(trigger, error),
    };
    let mut record = Record::new(trigger);
    let (reply, facts, stopping) = if request.output == Output::Stream {
        let (stream, facts) = stream(request, false, context);
        (stream.map(|stream| Reply::Stream(Box::new(stream))), facts, None)
    } else {
        let Computed { response, facts, stopping } = compute(request, Channel::Whole, context);
        let whole = response.map(|response| json::raw(&response.with_id(context.request_id)));
        (whole.map(Reply::Whole), facts, stopping)
    };
    record.note(facts);
    let reply = reply.unwrap_or_else(|error| {
        record.error = Some(error.clone());
        Reply::Error(error)
    });
    Answered { stopping, ..Answered::of(reply, record) }
}
