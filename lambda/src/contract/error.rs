//! What can be wrong with an invocation: stable names for programs, in [`super::message`] words that help.

use super::json;
use pi_spigot::pi::{Algorithm, ParseDigitCountError};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::any::Any;

/// Why an invocation has no answer.
///
/// [`error_type`](Self::error_type) is a stable name for programs; the
/// `Display` text says what was wrong, what is allowed, and gives an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The payload has no byte other than white space.
    EmptyPayload,
    /// The payload is not UTF-8; the first wrong byte is at this offset.
    InvalidUtf8 {
        /// Bytes before the first wrong one.
        offset: usize,
    },
    /// The payload is not JSON, with the parser's reason and position.
    InvalidJson {
        /// The parser's words.
        reason: String,
    },
    /// The payload is JSON, but not an object.
    InvalidPayload {
        /// What it is instead.
        found: String,
    },
    /// The field `digits` is missing.
    MissingDigits,
    /// The field `digits` is there, but not a number of digits.
    InvalidDigits {
        /// What was found, shortened.
        found: String,
        /// What is wrong with it.
        reason: DigitsProblem,
    },
    /// The field `from` is there, but not a position, or the digits end beyond the last one.
    InvalidFrom {
        /// What was found, shortened.
        found: String,
        /// What is wrong with it.
        reason: DigitsProblem,
    },
    /// A field that is neither true nor false.
    InvalidFlag {
        /// Its name.
        name: &'static str,
        /// What was found, shortened.
        found: String,
    },
    /// The field `algorithm` names no algorithm.
    UnknownAlgorithm {
        /// What was found, shortened.
        found: String,
    },
    /// The field `output` names no kind of output.
    UnknownOutput {
        /// What was found, shortened.
        found: String,
    },
    /// A field that the contract does not have.
    UnknownField {
        /// Its name, shortened.
        name: String,
        /// The known field whose name is nearest, if one is near.
        nearest: Option<&'static str>,
    },
    /// A field that occurs twice.
    DuplicateField {
        /// Its name.
        name: &'static str,
    },
    /// A field of a request for digits beside an operation.
    FieldBesideOperation {
        /// Its name.
        name: &'static str,
    },
    /// An operation that the function does not have.
    UnknownOperation {
        /// What was found, shortened.
        found: String,
    },
    /// An event of a service that this function does not serve.
    UnsupportedEvent {
        /// Where it comes from.
        source: String,
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
        /// Those that it has.
        allowed: &'static str,
    },
    /// A stream was asked for over HTTP, where only a configured function may send one.
    StreamNotEnabled,
    /// The digits do not fit into a response.
    ResponseTooLarge {
        /// The most digits that do.
        most: u64,
        /// Where the response would go.
        channel: Channel,
    },
    /// The computation needs more memory than the function has.
    InsufficientMemory {
        /// The memory with which it would be computed, in MB.
        required_mb: u64,
        /// What the function has, in MB.
        memory_mb: u64,
        /// What would fit.
        room: Room,
    },
    /// The computation would take longer than the invocation has left.
    InsufficientTime {
        /// What it takes by the estimate, in milliseconds.
        estimated_ms: u64,
        /// What is left, in milliseconds.
        left_ms: u64,
        /// What would be ready in time.
        room: Room,
        /// What was to compute them.
        algorithm: Algorithm,
        /// The memory of the function in MB, if it is known.
        memory_mb: Option<u64>,
    },
    /// The computation was stopped shortly before the deadline.
    DeadlineExceeded {
        /// For how long it had run, in milliseconds.
        after_ms: u64,
    },
    /// The computation panicked: a bug of this program, with the panic's words.
    InternalError {
        /// The panic's message.
        message: String,
    },
}

/// Where a response goes: what limits its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// To whoever invoked the function, whole: 6 MB and 100 bytes.
    Whole,
    /// Through a load balancer: 1 MB.
    LoadBalancer,
    /// As it comes: 200 MB.
    Stream,
}

/// What fits where a request does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So many digits from the position that was asked for, if any.
    Digits(u64),
    /// None from there, but so many from the leading 3 on.
    FromTheFirst(u64),
}

/// What is wrong with a value of `digits` or `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitsProblem {
    /// It is neither a number nor a string.
    WrongType,
    /// A number below zero.
    Negative,
    /// A number with a fractional part.
    Fraction,
    /// A position from which the digits end behind the last one.
    EndsBeyond,
    /// A count that [`DigitCount`](pi_spigot::pi::DigitCount) refuses.
    Count(ParseDigitCountError),
}

impl EventError {
    /// The stable name that a caller finds in `errorType`.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::EmptyPayload => "EmptyPayload",
            Self::InvalidUtf8 { .. } => "InvalidUtf8",
            Self::InvalidJson { .. } => "InvalidJson",
            Self::InvalidPayload { .. } => "InvalidPayload",
            Self::MissingDigits => "MissingDigits",
            Self::InvalidDigits { .. } => "InvalidDigits",
            Self::UnknownAlgorithm { .. } => "UnknownAlgorithm",
            Self::UnknownOutput { .. } => "UnknownOutput",
            Self::UnknownField { .. } => "UnknownField",
            Self::DuplicateField { .. } => "DuplicateField",
            Self::FieldBesideOperation { .. } => "FieldBesideOperation",
            Self::InvalidFrom { .. } => "InvalidFrom",
            Self::InvalidFlag { .. } => "InvalidFlag",
            Self::UnknownOperation { .. } => "UnknownOperation",
            Self::UnsupportedEvent { .. } => "UnsupportedEvent",
            Self::NotFound { .. } => "NotFound",
            Self::MethodNotAllowed { .. } => "MethodNotAllowed",
            Self::StreamNotEnabled => "StreamNotEnabled",
            Self::ResponseTooLarge { .. } => "ResponseTooLarge",
            Self::InsufficientMemory { .. } => "InsufficientMemory",
            Self::InsufficientTime { .. } => "InsufficientTime",
            Self::DeadlineExceeded { .. } => "DeadlineExceeded",
            Self::InternalError { .. } => "InternalError",
        }
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound { .. } => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::ResponseTooLarge { .. }
            | Self::InsufficientMemory { .. }
            | Self::InsufficientTime { .. } => 413,
            Self::InternalError { .. } => 500,
            Self::DeadlineExceeded { .. } => 504,
            _ => 400,
        }
    }

    /// The error as JSON, as Lambda and HTTP callers get it.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::text(self)
    }
}

impl Serialize for EventError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_struct("EventError", 2)?;
        error.serialize_field("errorType", self.error_type())?;
        error.serialize_field("errorMessage", &self.to_string())?;
        error.end()
    }
}

impl std::error::Error for EventError {}

/// A panic as an error with the panic's own words.
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
