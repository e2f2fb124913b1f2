//! The words of an error: the fault, the allowed values, the remedy, an example.
//!
//! Each error has two readers. The owner of the function reads the log and the answers to direct
//! invocations, and gets remedies such as `aws` commands. A visitor calls over HTTP, can change nothing
//! about the function, and gets a plain sentence.

mod limits;

use super::error::{DigitsProblem, EventError, Place};
use super::operation::Operation;
use super::{Output, Request, Trigger};
use pi_spigot::pi::{Algorithm, DigitCount, ParseDigitCountError, UnknownAlgorithm};
use std::fmt::{self, Display, Formatter};

/// The example of messages about a payload.
const EXAMPLE: &str = r#"for example {"digits": 1000} or {"digits": "10_000", "output": "digest"}"#;

/// The reader of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Owner,
    Visitor,
}

/// An error for one of its readers.
struct Message<'a>(&'a EventError, Reader);

impl Display for Message<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(error, reader) = *self;
        error
            .of_json(f)
            .or_else(|| error.of_fields(f))
            .or_else(|| error.of_senders(f, reader))
            .unwrap_or_else(|| limits::write(error, f, reader))
    }
}

impl Display for EventError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Message(self, Reader::Owner).fmt(f)
    }
}

impl fmt::Debug for EventError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl EventError {
    /// The words for an HTTP caller, who cannot change the function.
    #[must_use]
    pub fn for_visitor(&self) -> String {
        Message(self, Reader::Visitor).to_string()
    }

    /// Errors of the JSON around the fields.
    fn of_json(&self, f: &mut Formatter<'_>) -> Option<fmt::Result> {
        Some(match self {
            Self::EmptyPayload { place } => write!(f, "{place} is empty; send a JSON object, {EXAMPLE}"),
            Self::InvalidUtf8 { place, offset } => {
                write!(f, "{place} is not UTF-8 (byte {offset}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidBase64 { reason } => write!(
                f,
                "the body is not base64, although `isBase64Encoded` is true ({reason}); \
                 send a JSON object in base64, or plain with `isBase64Encoded` false, {EXAMPLE}"
            ),
            Self::InvalidJson { place, reason } => {
                write!(f, "{place} is not JSON ({reason}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidPayload { place, found } => {
                write!(f, "{place} is {found}; send a JSON object, {EXAMPLE}")
            }
            _ => return None,
        })
    }

    /// Errors of the fields of a request.
    fn of_fields(&self, f: &mut Formatter<'_>) -> Option<fmt::Result> {
        Some(match self {
            Self::MissingDigits { place: Place::Query } => f.write_str(
                "the parameter `digits` is missing; give the number of digits of pi, \
                 for example GET /pi/1000 or GET /pi?digits=10_000&output=digest",
            ),
            Self::MissingDigits { place } => f
                .write_str("the field `digits` is missing")
                .and_then(|()| match place {
                    Place::Payload => Ok(()),
                    place => write!(f, " in {place}"),
                })
                .and_then(|()| write!(f, "; give the number of digits of pi, {EXAMPLE}")),
            Self::InvalidDigits { found, reason } => count(f, "digits", found, *reason),
            Self::InvalidFrom { found, reason } => count(f, "from", found, *reason),
            Self::InvalidFlag { name, found } => write!(
                f,
                "`{name}` is {found}; allowed are true and false, for example \
                 {{\"digits\": 1000, \"{name}\": true}}"
            ),
            Self::UnknownAlgorithm { found } => {
                let name = Algorithm::default();
                write!(
                    f,
                    "`algorithm` is {found}: {UnknownAlgorithm}, for example \
                     {{\"digits\": 1000, \"algorithm\": \"{name}\"}}"
                )
            }
            Self::UnknownOutput { found } => write!(
                f,
                "`output` is {found}; allowed are {}, for example \
                 {{\"digits\": \"10_000\", \"output\": \"digest\"}}",
                Quoted(Output::NAMES)
            ),
            Self::UnknownField { name, nearest, op } => {
                let hint = nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default();
                let fields = Quoted(op.map_or(Request::FIELDS, Operation::fields));
                write!(f, "unknown field {name}{hint}; the fields are {fields}, {}", Example(*op))
            }
            Self::DuplicateField { name, op } => {
                write!(f, "the field `{name}` occurs twice; give it once, {}", Example(*op))
            }
            Self::MissingField { name, op } => {
                write!(f, "the field `{name}` is missing, {}", Example(Some(*op)))
            }
            Self::InvalidField { name, op, found, allowed } => {
                write!(f, "`{name}` is {found}: {allowed}, {}", Example(Some(*op)))
            }
            Self::InvalidParts { reason } => {
                write!(f, "{reason}, {}", Example(Some(Operation::HexPart)))
            }
            Self::SumsDisagree { reason } => {
                write!(
                    f,
                    "two sums that must be equal differ: {reason}; one was computed wrongly: compute both \
                     again on other processors, {}",
                    Example(Some(Operation::HexPart))
                )
            }
            Self::FieldBesideOperation { name } => write!(
                f,
                "the field `{name}` has no effect beside `op`; send one of them, \
                 for example {{\"op\": \"version\"}}, or {{\"digits\": 1000}}"
            ),
            Self::UnknownOperation { found } => write!(
                f,
                "`op` is {found}; allowed are {}, for example {{\"op\": \"version\"}}, \
                 or {{\"digits\": 1000}} without `op`",
                Quoted(Operation::names())
            ),
            _ => return None,
        })
    }

    /// Errors of triggers: services, HTTP, queues.
    fn of_senders(&self, f: &mut Formatter<'_>, reader: Reader) -> Option<fmt::Result> {
        Some(match self {
            Self::UnsupportedEvent { source } => {
                write!(f, "this is an event of {source}, which the function does not serve; it serves ")
                    .and_then(|()| write!(f, "{Served}, {EXAMPLE}"))
            }
            Self::NotAllowed { name } if reader == Reader::Visitor => {
                write!(
                    f,
                    "`{name}` is not allowed to HTTP callers of this function; leave it out, \
                     for example GET /pi/1000"
                )
            }
            Self::NotAllowed { name } => write!(
                f,
                "`{name}` is not allowed to HTTP callers; to allow it set the environment variable \
                 PI_{} of the function, for example to allow for callers who ask for it, or to 1 for all",
                name.to_ascii_uppercase()
            ),
            Self::NotFound { path } => write!(
                f,
                "there is no {path}; use GET /pi?digits=1000, GET /pi/1000, or POST / with JSON, {EXAMPLE}"
            ),
            Self::MethodNotAllowed { method, allowed } => {
                write!(f, "the method {method} is not allowed here; use {allowed}, for example GET /pi/1000")
            }
            Self::StreamNotEnabled if reader == Reader::Visitor => f.write_str(
                "this function does not stream over HTTP; ask for `digits`, for example GET /pi/1000",
            ),
            Self::StreamNotEnabled => f.write_str(
                "this function does not stream over HTTP; a stream needs a Function URL with the invoke mode \
                 RESPONSE_STREAM and the environment variable PI_STREAM=1; without them ask for `digits`, \
                 for example GET /pi/1000",
            ),
            Self::MessageGroupStopped { group } => write!(
                f,
                "an earlier message of the group {group} failed; this message goes back to the queue \
                 to keep their order; mend or remove the failed message, for example by a dead-letter queue"
            ),
            _ => return None,
        })
    }
}

fn count(f: &mut Formatter<'_>, name: &str, found: &str, reason: DigitsProblem) -> fmt::Result {
    write!(f, "`{name}` is {found}: ")?;
    match reason {
        DigitsProblem::Count(ParseDigitCountError::Zero) if name == "from" => {
            f.write_str("it is zero, and the leading 3 is at position 1")?;
        }
        _ => write!(f, "{reason}")?,
    }
    let example = match name {
        "from" => r#"for example {"digits": 50, "from": "1_000_000"}"#,
        _ => EXAMPLE,
    };
    write!(
        f,
        "; allowed are integers from 1 to {}, also as strings like \"10_000\" or \"1e4\", {example}",
        DigitCount::MAX
    )
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payload => "the payload",
            Self::Query => "the query",
            Self::Body => "the body",
            Self::Detail => "`detail`",
            Self::Message => "the message",
        })
    }
}

impl Display for DigitsProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType => f.write_str("it must be a number or a string"),
            Self::Negative => f.write_str("it is negative"),
            Self::EndsBeyond => write!(f, "the last digit would be behind position {}", DigitCount::MAX),
            Self::Count(problem) => problem.fmt(f),
        }
    }
}

/// The example of a request, or of an operation.
struct Example(Option<Operation>);

impl Display for Example {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fields = match self.0 {
            None => return f.write_str(EXAMPLE),
            Some(Operation::Version | Operation::SelfTest) => "",
            Some(Operation::Hex | Operation::HexPlan) => r#", "position": "1e6""#,
            Some(Operation::HexPart) => r#", "job": "bellard-3999996-10", "part": 0"#,
            Some(Operation::HexSum) => r#", "job": "bellard-3999996-10", "sums": [...]"#,
            Some(Operation::HexCompare) => r#", "position": "1e6", "sums": [..., ...]"#,
        };
        let name = self.0.map_or("", Operation::name);
        write!(f, "for example {{\"op\": \"{name}\"{fields}}}")
    }
}

/// The served triggers as a list: a, b and c.
struct Served;

impl Display for Served {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, trigger) in Trigger::ALL.iter().enumerate() {
            let separator = match index {
                0 => "",
                index if index + 1 == Trigger::ALL.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{}", trigger.title())?;
        }
        Ok(())
    }
}

/// Names as a list: `a`, `b`.
struct Quoted(&'static [&'static str]);

impl Display for Quoted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}`{name}`")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::{Channel, Room};
    use super::*;

    #[test]
    fn a_visitor_gets_no_remedy_that_only_the_owner_can_use() {
        let room = Room::Digits(1000);
        let algorithm = Algorithm::Gibbons;
        for error in [
            EventError::NotAllowed { name: "metrics" },
            EventError::StreamNotEnabled,
            EventError::ResponseTooLarge { most: 1000, channel: Channel::Whole },
            EventError::ResponseTooLarge { most: 1000, channel: Channel::LoadBalancer },
            EventError::ResponseTooLarge { most: 1000, channel: Channel::Stream },
            EventError::InsufficientMemory { required_mb: 200, memory_mb: 128, room },
            EventError::InsufficientMemory {
                required_mb: 20_000,
                memory_mb: 128,
                room: Room::FromTheFirst(7),
            },
            EventError::InsufficientTime {
                estimated_ms: 9000,
                left_ms: 2800,
                room,
                algorithm,
                memory_mb: Some(128),
            },
            EventError::DeadlineExceeded { after_ms: 1200 },
            EventError::InternalError { message: "index out of bounds at src/secret.rs".to_owned() },
        ] {
            let (owner, visitor) = (error.to_string(), error.for_visitor());
            for word in ["aws ", "PI_", "RESPONSE_STREAM", "InvokeWith", "--", "secret.rs", "MB, ", "vCPU"] {
                assert!(!visitor.contains(word), "{word:?} in {visitor}");
            }
            assert!(visitor.contains("for example GET /pi"), "{visitor}");
            assert_ne!(owner, visitor);
        }
    }

    #[test]
    fn errors_of_the_request_are_the_same_for_both() {
        let error = EventError::InvalidJson { place: Place::Body, reason: "x".to_owned() };
        assert_eq!(error.to_string(), error.for_visitor());
        assert!(error.to_string().starts_with("the body is not JSON (x); "));
    }
}
