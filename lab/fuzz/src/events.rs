//! The law of the event parser: it never panics, reads what JSON says, and
//! explains every refusal in words that help.

use pi_spigot::pi::{Algorithm, DigitCount};
use pi_spigot_lambda::{Capacity, Context, EventError, Place, Reply, Request, answer};
use serde_json::Value;

/// Most bytes of a refusal, for any payload.
const LONGEST_MESSAGE: usize = 1000;
/// Most digits of a request that is answered in full.
const ANSWERED: u64 = 300;

/// Parses `payload` and compares the outcome with `serde_json`'s reading.
///
/// # Errors
/// A description of the wrong outcome.
pub fn explains_itself(payload: &[u8]) -> Result<(), String> {
    match Request::from_json(payload) {
        Ok(request) => accepted(&request, payload),
        Err(error) => refused(&error, payload),
    }
}

fn accepted(request: &Request, payload: &[u8]) -> Result<(), String> {
    let digits = request.digits.get();
    let range = DigitCount::MIN.get()..=DigitCount::MAX.get();
    holds("digits out of range", range.contains(&digits))?;
    // No float holds a number like 1000...0e-4000; the parser does.
    let Ok(json) = serde_json::from_slice::<Value>(payload) else {
        let text = String::from_utf8_lossy(payload);
        return holds(
            "accepted what is no JSON",
            serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok(),
        );
    };
    let fields = json.as_object().ok_or("accepted what is no object")?;
    holds("accepted an unknown field", fields.keys().all(|name| Request::FIELDS.contains(&name.as_str())))?;
    let expected = match &fields["digits"] {
        Value::String(text) => text.replace('_', "").parse::<f64>().ok(),
        number => number.as_f64(),
    };
    let expected = expected.ok_or("accepted digits that are no number")?;
    holds("read another number", (expected - digits as f64).abs() <= expected * 1e-15)?;
    answered(digits, request.algorithm, payload)
}

/// Short requests get their digits.
fn answered(digits: u64, algorithm: Algorithm, payload: &[u8]) -> Result<(), String> {
    if digits > ANSWERED || (algorithm == Algorithm::Gibbons && digits > 50) {
        return Ok(());
    }
    let answered = answer(payload, &Context::unlimited("fuzz"));
    let refused = answered.records.iter().find_map(|record| record.error.as_ref());
    if let Some(error) = refused {
        return Err(format!("parsed, but not answered: {error}"));
    }
    let asked = answered.records[0].request.map(|request| request.digits.get());
    holds("answered another request", asked == Some(digits))
}

/// Any event of any trigger gets an answer in JSON, or a stream that ends.
///
/// # Errors
/// A description of the wrong answer.
pub fn answers(payload: &[u8]) -> Result<(), String> {
    let capacity = Capacity { threads: 1, memory_mb: Some(128) };
    match answer(payload, &Context { capacity, ..Context::unlimited("fuzz") }).reply {
        Reply::Error(error) => refused(&error, payload),
        Reply::Whole(json) => match serde_json::from_str::<Value>(json.get()) {
            Ok(Value::Object(_)) => Ok(()),
            other => Err(format!("the answer is no object: {other:?}")),
        },
        Reply::Stream(mut stream) => loop {
            match stream.next_chunk() {
                Ok(Some(chunk)) => holds("an empty chunk", !chunk.is_empty())?,
                Ok(None) => return Ok(()),
                Err(error) => return Err(format!("a stream that ended in {error}")),
            }
        },
    }
}

fn refused(error: &EventError, payload: &[u8]) -> Result<(), String> {
    let (kind, message) = (error.error_type(), error.to_string());
    holds(&format!("{kind} for a bug: {message}"), kind != "InternalError")?;
    holds("a message without an example", message.contains("for example "))?;
    holds(&format!("a message of {} bytes", message.len()), message.len() <= LONGEST_MESSAGE)?;
    let json = serde_json::from_slice::<Value>(payload);
    // A string inside the payload may hold anything.
    let said_broken = matches!(
        error,
        EventError::EmptyPayload { place: Place::Payload }
            | EventError::InvalidUtf8 { place: Place::Payload, .. }
            | EventError::InvalidJson { place: Place::Payload, .. }
    );
    holds(&format!("{kind} of what is JSON"), !(said_broken && json.is_ok()))
}

fn holds(what: &str, law: bool) -> Result<(), String> {
    law.then_some(()).ok_or_else(|| what.to_owned())
}
