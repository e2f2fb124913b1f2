//! What can be wrong with an invocation, in words that help.

use super::{Output, Request};
use crate::pi::{Algorithm, ParseDigitCountError, UnknownAlgorithm};
use std::fmt;
use std::panic::{UnwindSafe, catch_unwind};

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
    /// The digits do not fit into a response.
    ResponseTooLarge {
        /// The most digits that do.
        most: u64,
    },
    /// The computation needs more memory than the function has.
    InsufficientMemory {
        /// What it needs, in MB.
        required_mb: u64,
        /// What the function has, in MB.
        memory_mb: u64,
    },
    /// The computation panicked: a bug of this program, with the panic's words.
    InternalError {
        /// The panic's message.
        message: String,
    },
}

/// What is wrong with a value of `digits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitsProblem {
    /// It is neither a number nor a string.
    WrongType,
    /// A number below zero.
    Negative,
    /// A number with a fractional part.
    Fraction,
    /// A count that [`DigitCount`](crate::pi::DigitCount) refuses.
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
            Self::ResponseTooLarge { .. } => "ResponseTooLarge",
            Self::InsufficientMemory { .. } => "InsufficientMemory",
            Self::InternalError { .. } => "InternalError",
        }
    }
}

/// What every message about a payload ends with.
const EXAMPLE: &str = r#"for example {"digits": 1000} or {"digits": "10_000", "output": "digest"}"#;

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPayload => write!(f, "the payload is empty; send a JSON object, {EXAMPLE}"),
            Self::InvalidUtf8 { offset } => {
                write!(f, "the payload is not UTF-8 (byte {offset}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidJson { reason } => {
                write!(f, "the payload is not JSON ({reason}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidPayload { found } => {
                write!(f, "the payload is {found}; send a JSON object, {EXAMPLE}")
            }
            Self::MissingDigits => {
                write!(f, "the field `digits` is missing; say how many digits of pi are wanted, {EXAMPLE}")
            }
            Self::InvalidDigits { found, reason } => write!(
                f,
                "`digits` is {found}: {reason}; allowed are integers from 1 to 1000000000000 and strings of \
                 digits with `_` between them, {EXAMPLE}"
            ),
            Self::UnknownAlgorithm { found } => {
                write!(f, "`algorithm` is {found}: {UnknownAlgorithm}, ")?;
                let name = Algorithm::default();
                write!(f, r#"for example {{"digits": 1000, "algorithm": "{name}"}}"#)
            }
            Self::UnknownOutput { found } => {
                write!(f, "`output` is {found}; allowed are {}, ", Quoted(Output::NAMES))?;
                f.write_str(r#"for example {"digits": "10_000", "output": "digest"}"#)
            }
            Self::UnknownField { name, nearest } => {
                write!(f, "unknown field {name}")?;
                if let Some(nearest) = nearest {
                    write!(f, ", did you mean `{nearest}`?")?;
                }
                write!(f, "; the fields are {}, {EXAMPLE}", Quoted(Request::FIELDS))
            }
            Self::DuplicateField { name } => {
                write!(f, "the field `{name}` occurs twice; give it once, {EXAMPLE}")
            }
            Self::ResponseTooLarge { most } => write!(
                f,
                "a response has room for {most} digits; ask for no more, or for the digest, for example \
                 {{\"digits\": \"10_000_000\", \"output\": \"digest\"}}"
            ),
            Self::InsufficientMemory { required_mb, memory_mb } => write!(
                f,
                "the computation needs {required_mb} MB and the function has {memory_mb} MB; ask for fewer \
                 digits, or give the function more memory (10240 MB at most), for example \
                 aws lambda update-function-configuration --memory-size {}",
                (*required_mb).clamp(128, 10_240)
            ),
            Self::InternalError { message } => write!(
                f,
                "the computation failed, which is a bug of this function and not of the request: {message}; \
                 try another `algorithm`, and please report it"
            ),
        }
    }
}

impl std::error::Error for EventError {}

impl fmt::Display for DigitsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType => f.write_str("it must be a number or a string"),
            Self::Negative => f.write_str("it is negative"),
            Self::Fraction => f.write_str("it is not an integer"),
            Self::Count(problem) => problem.fmt(f),
        }
    }
}

/// Names as a list: `a`, `b`.
struct Quoted(&'static [&'static str]);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}`{name}`")?;
        }
        Ok(())
    }
}

/// Turns a panic of `compute` into an error with the panic's own words.
pub(super) fn catch_panic<T>(compute: impl FnOnce() -> T + UnwindSafe) -> Result<T, EventError> {
    catch_unwind(compute).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        EventError::InternalError { message: text.unwrap_or("a panic without a message").to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let error = catch_panic(|| -> u8 { panic!("the sum of {} is wrong", 2) }).unwrap_err();
        assert_eq!(error.error_type(), "InternalError");
        assert!(error.to_string().contains("the sum of 2 is wrong"), "{error}");
        assert_eq!(catch_panic(|| 3), Ok(3));
    }
}
