//! The way in which an event is answered, without computing the answer.

use crate::context::Settings;
use crate::contract::request::{Fields, members};
use crate::contract::{Event, EventError, Output, Place, Request, Trigger, eventbridge};

/// Tells if [`answer`](super::answer) gives a stream for this payload, unless the request is refused.
///
/// # Errors
/// The payload is not a JSON object.
pub fn is_streamed(payload: &[u8], settings: Settings) -> Result<bool, EventError> {
    let members = members(Place::Payload, payload)?;
    let mut fields = Fields::of(&members, Place::Payload);
    Ok(match if fields.foreign { Event::of(&members) } else { None } {
        None => fields.operation().is_none() && asks_for_stream(fields.into_request()),
        Some(Event::Http(http)) => takes_stream(http.trigger, settings),
        Some(Event::Detail(detail)) => asks_for_stream(eventbridge::request(detail)),
        Some(Event::Sqs(_) | Event::Unserved(_)) => false,
    })
}

/// Tells if answers to an HTTP request are streamed: the event says that a Function URL asks, the owner
/// that the URL takes streams. An HTTP API and a load balancer would pass the prelude on as digits.
pub(super) fn takes_stream(trigger: Trigger, settings: Settings) -> bool {
    settings.stream && trigger == Trigger::FunctionUrl
}

fn asks_for_stream(request: Result<Request, EventError>) -> bool {
    request.is_ok_and(|request| request.output == Output::Stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Reply, answer};
    use crate::context::Context;

    /// Events of HTTP with the member that tells the service.
    fn http(context: &str) -> String {
        let path = r#""rawPath":"/pi/9","path":"/pi/9","httpMethod":"GET""#;
        format!(r#"{{{path},"requestContext":{{{context}}}}}"#)
    }

    #[test]
    fn what_is_streamed_is_what_answers_stream() {
        let events = [
            (r#"{"digits":9}"#.to_owned(), [false, false]),
            (r#"{"digits":9,"output":"stream"}"#.to_owned(), [true, true]),
            (r#"{"op":"version"}"#.to_owned(), [false, false]),
            (r#"{"op":"version","output":"stream"}"#.to_owned(), [false, false]),
            (r#"{"detail-type":"x","detail":{"digits":9,"output":"stream"}}"#.to_owned(), [true, true]),
            (r#"{"detail-type":"x","detail":{"digits":9}}"#.to_owned(), [false, false]),
            (r#"{"Records":[]}"#.to_owned(), [false, false]),
            (
                http(r#""domainName":"x.lambda-url.eu-central-1.on.aws","http":{"method":"GET"}"#),
                [false, true],
            ),
            (http(r#""domainName":"pi.example","http":{"method":"GET"}"#), [false, false]),
            (http(r#""elb":{}"#), [false, false]),
        ];
        for (event, expected) in events {
            for (stream, expected) in [false, true].into_iter().zip(expected) {
                let settings = Settings { stream, ..Settings::default() };
                let context = Context { settings, ..Context::unlimited("s") };
                let answered = answer(event.as_bytes(), &context);
                assert_eq!(is_streamed(event.as_bytes(), settings), Ok(expected), "{event}");
                assert_eq!(matches!(answered.reply, Reply::Stream(_)), expected, "{event}: {answered:?}");
            }
        }
    }

    #[test]
    fn a_payload_that_is_not_json_has_an_error() {
        for (payload, name) in
            [(b"".as_slice(), "EmptyPayload"), (b"\xff", "InvalidUtf8"), (b"{} {}", "InvalidJson")]
        {
            assert_eq!(is_streamed(payload, Settings::default()).unwrap_err().error_type(), name);
        }
    }
}
