//! Errors of an invocation: stable names for programs; [`super::message`] has the words.

use super::{Operation, json};
use pi_spigot::pi::{Algorithm, ParseDigitCountError};
use serde::{Serialize, Serializer};
use std::any::Any;

/// An error in the place of an answer.
///
/// [`error_type`](Self::error_type) is a stable name for programs. The `Display` text names the fault,
/// the allowed values and an example; it is for the owner of the function and may name an `aws`
/// command. [`for_visitor`](Self::for_visitor) gives the text for an HTTP caller. `Debug` is the `Display`
/// text: the runtime asks for it, and a derived one would be 8 kB of the function.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The place of the request is empty or has nothing but white space.
    EmptyPayload {
        /// The part of the event that is empty.
        place: Place,
    },
    /// The place of the request is not UTF-8.
    InvalidUtf8 {
        /// The part of the event that is not UTF-8.
        place: Place,
        /// Offset of the first wrong byte.
        offset: usize,
    },
    /// The body claims to be base64 and is not.
    InvalidBase64 {
        /// The decoder's reason with its position.
        reason: String,
    },
    /// The place of the request is not JSON.
    InvalidJson {
        /// The part of the event that is not JSON.
        place: Place,
        /// The parser's reason with its position.
        reason: String,
    },
    /// The place of the request is JSON, but not an object.
    InvalidPayload {
        /// The part of the event that is no object.
        place: Place,
        /// A description of the value found instead.
        found: String,
    },
    /// The field `digits` is missing.
    MissingDigits {
        /// The part of the event that lacks the field.
        place: Place,
    },
    /// The field `digits` is no number of digits.
    InvalidDigits {
        /// The value found, shortened.
        found: String,
        /// The fault of the value.
        reason: DigitsProblem,
    },
    /// The field `from` is no position, or the digits end beyond the last position.
    InvalidFrom {
        /// The value found, shortened.
        found: String,
        /// The fault of the value.
        reason: DigitsProblem,
    },
    /// A flag that is neither true nor false.
    InvalidFlag {
        /// The name of the field.
        name: &'static str,
        /// The value found, shortened.
        found: String,
    },
    /// The field `algorithm` names no algorithm.
    UnknownAlgorithm {
        /// The value found, shortened.
        found: String,
    },
    /// The field `output` names no kind of output.
    UnknownOutput {
        /// The value found, shortened.
        found: String,
    },
    /// A field that the contract does not have.
    UnknownField {
        /// The name of the field, shortened.
        name: String,
        /// The known field with the nearest name, if one is near.
        nearest: Option<&'static str>,
        /// The operation whose fields were expected; none for a request for digits.
        op: Option<Operation>,
    },
    /// A field that occurs twice.
    DuplicateField {
        /// The name of the field.
        name: &'static str,
        /// The operation beside the field.
        op: Option<Operation>,
    },
    /// A field of a request for digits beside an operation.
    FieldBesideOperation {
        /// The name of the field.
        name: &'static str,
    },
    /// An operation that the function does not have.
    UnknownOperation {
        /// The value found, shortened.
        found: String,
    },
    /// A field of an operation that is missing.
    MissingField {
        /// The name of the field.
        name: &'static str,
        /// The operation.
        op: Operation,
    },
    /// A field of an operation with a value that is not allowed.
    InvalidField {
        /// The name of the field.
        name: &'static str,
        /// The operation.
        op: Operation,
        /// The value found, shortened.
        found: String,
        /// The allowed values.
        allowed: String,
    },
    /// Parts that do not make a sum, or a sum that cannot be divided.
    InvalidParts {
        /// The fault and its remedy.
        reason: String,
    },
    /// Sums of the same digits or terms that differ: one was computed wrongly.
    SumsDisagree {
        /// Both sums.
        reason: String,
    },
    /// An event of a service that this function does not serve.
    UnsupportedEvent {
        /// The service, or the name that it gives itself.
        source: String,
    },
    /// A field that the owner of the function has not allowed to HTTP callers.
    NotAllowed {
        /// The name of the field.
        name: &'static str,
    },
    /// A path that the function does not have.
    NotFound {
        /// The path, shortened.
        path: String,
    },
    /// A method that the path does not have.
    MethodNotAllowed {
        /// The method, shortened.
        method: String,
        /// The methods that the path has.
        allowed: &'static str,
    },
    /// A stream asked for over HTTP from a function that does not stream over HTTP.
    StreamNotEnabled,
    /// A message behind a failed message of its group, left in the FIFO queue to keep the order.
    MessageGroupStopped {
        /// The id of the group, shortened.
        group: String,
    },
    /// More digits than fit into a response.
    ResponseTooLarge {
        /// The most digits that fit.
        most: u64,
        /// The way that the response would take.
        channel: Channel,
    },
    /// A computation that needs more memory than the function has.
    InsufficientMemory {
        /// The memory size that would be enough, in MB.
        required_mb: u64,
        /// The memory size of the function, in MB.
        memory_mb: u64,
        /// The digits that would fit.
        room: Room,
    },
    /// A computation that would take longer than the invocation has left.
    InsufficientTime {
        /// The estimate, in milliseconds.
        estimated_ms: u64,
        /// The time left, in milliseconds.
        left_ms: u64,
        /// The digits that would be ready in time.
        room: Room,
        /// The algorithm asked for.
        algorithm: Algorithm,
        /// The memory size of the function in MB, if known.
        memory_mb: Option<u64>,
    },
    /// A computation stopped shortly before the deadline.
    DeadlineExceeded {
        /// The time that it had run, in milliseconds.
        after_ms: u64,
    },
    /// A computation that panicked: a bug of this program.
    InternalError {
        /// The panic's message.
        message: String,
    },
}

/// The part of an event that holds a request, as errors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The payload of the invocation.
    Payload,
    /// The query of an HTTP request.
    Query,
    /// The body of an HTTP request.
    Body,
    /// The member `detail` of an `EventBridge` event.
    Detail,
    /// The body of an SQS message, or the message of an envelope inside it.
    Message,
}

/// The way of a response to its caller, which limits its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// In one piece: 6 MB and 100 bytes.
    Whole,
    /// Through a load balancer: 1 MB.
    LoadBalancer,
    /// As a stream: 200 MB.
    Stream,
}

/// The digits that fit in the place of a request that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// This many digits from the requested position; may be 0.
    Digits(u64),
    /// No digits from the requested position, but this many from the leading 3.
    FromTheFirst(u64),
    /// Hexadecimal digits from this position on.
    Position(u64),
    /// A part of so many.
    Parts(u64),
}

/// A fault of a value of `digits` or `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitsProblem {
    /// Neither a number nor a string.
    WrongType,
    /// A number below zero.
    Negative,
    /// A position from which the digits end beyond the last position.
    EndsBeyond,
    /// A count that [`DigitCount`](pi_spigot::pi::DigitCount) refuses.
    Count(ParseDigitCountError),
}

impl EventError {
    /// The stable name that a caller finds in `errorType`.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::EmptyPayload { .. } => "EmptyPayload",
            Self::InvalidUtf8 { .. } => "InvalidUtf8",
            Self::InvalidBase64 { .. } => "InvalidBase64",
            Self::InvalidJson { .. } => "InvalidJson",
            Self::InvalidPayload { .. } => "InvalidPayload",
            Self::MissingDigits { .. } => "MissingDigits",
            Self::InvalidDigits { .. } => "InvalidDigits",
            Self::UnknownAlgorithm { .. } => "UnknownAlgorithm",
            Self::UnknownOutput { .. } => "UnknownOutput",
            Self::UnknownField { .. } => "UnknownField",
            Self::DuplicateField { .. } => "DuplicateField",
            Self::FieldBesideOperation { .. } => "FieldBesideOperation",
            Self::InvalidFrom { .. } => "InvalidFrom",
            Self::InvalidFlag { .. } => "InvalidFlag",
            Self::UnknownOperation { .. } => "UnknownOperation",
            Self::MissingField { .. } => "MissingField",
            Self::InvalidField { .. } => "InvalidField",
            Self::InvalidParts { .. } => "InvalidParts",
            Self::SumsDisagree { .. } => "SumsDisagree",
            Self::UnsupportedEvent { .. } => "UnsupportedEvent",
            Self::NotAllowed { .. } => "NotAllowed",
            Self::NotFound { .. } => "NotFound",
            Self::MethodNotAllowed { .. } => "MethodNotAllowed",
            Self::StreamNotEnabled => "StreamNotEnabled",
            Self::MessageGroupStopped { .. } => "MessageGroupStopped",
            Self::ResponseTooLarge { .. } => "ResponseTooLarge",
            Self::InsufficientMemory { .. } => "InsufficientMemory",
            Self::InsufficientTime { .. } => "InsufficientTime",
            Self::DeadlineExceeded { .. } => "DeadlineExceeded",
            Self::InternalError { .. } => "InternalError",
        }
    }

    /// The HTTP status of the error.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotAllowed { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::ResponseTooLarge { .. }
            | Self::InsufficientMemory { .. }
            | Self::InsufficientTime { .. } => 413,
            Self::InternalError { .. } | Self::SumsDisagree { .. } => 500,
            Self::DeadlineExceeded { .. } => 504,
            _ => 400,
        }
    }

    /// The error as JSON, in the words for the owner of the function.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::text(self)
    }

    /// The error as JSON, in the words for an HTTP caller.
    pub(crate) fn to_visitor_json(&self) -> String {
        json::text(&Words { error_type: self.error_type(), error_message: self.for_visitor() })
    }
}

/// An error as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Words {
    error_type: &'static str,
    error_message: String,
}

impl Serialize for EventError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Words { error_type: self.error_type(), error_message: self.to_string() }.serialize(serializer)
    }
}

impl std::error::Error for EventError {}

/// Converts a panic into an error with the panic's message.
pub(crate) fn of_panic(panic: &(dyn Any + Send)) -> EventError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    EventError::InternalError { message: text.unwrap_or("a panic without a message").to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let panic = std::panic::catch_unwind(|| panic!("the sum of {} is wrong", 2)).unwrap_err();
        let error = of_panic(&*panic);
        assert_eq!(error.error_type(), "InternalError");
        assert!(error.to_string().contains("the sum of 2 is wrong"), "{error}");
    }
}
