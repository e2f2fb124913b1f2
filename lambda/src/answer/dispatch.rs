//! The way from a payload to the answer for its sender.

use super::answered::Answered;
use super::{direct, http, sqs};
use crate::context::Context;
use crate::contract::hex::Hex;
use crate::contract::request::{Fields, members};
use crate::contract::{Event, EventError, Place, Trigger, eventbridge};

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
    if let Some(request) = Hex::of(&members) {
        return direct::hex(request, context);
    }
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
