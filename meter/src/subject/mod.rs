//! A function under test, and the record of an invocation.
//!
//! [`Target`] is one sandbox that can be invoked; [`Source`] opens sandboxes of a function. The
//! rest of the tool works on any of them, so tests use a [`Mock`] with exact figures.
//!
//! | kind | target | source |
//! |---|---|---|
//! | `local`: a binary or an image on this machine | [`LocalBinary`] | `LocalSource` |
//! | `endpoint`: the Invoke API at an HTTP address | [`Endpoint`] | `EndpointSource` |
//! | `aws`: a function on AWS (feature `aws`) | `Aws` | `Clouds` |

#[cfg(feature = "aws")]
pub mod aws;
mod endpoint;
mod local;
mod mock;
mod open;
mod remote;
mod source;

pub use endpoint::Endpoint;
pub(crate) use endpoint::EndpointCaller;
pub use local::{
    Configuration, Confinement, ExtensionFile, FunctionArgs, Image, LocalBinary, Opt, Rooted, Worker,
    environment, resident_memory,
};
pub use mock::Mock;
pub use open::open;
pub use source::{Source, Spending};

use crate::error::Error;
use crate::report_line::{Report, Status};
use std::time::Duration;

/// A sandbox of a Lambda function, wherever it runs.
pub trait Target {
    /// Invokes the function with an event, JSON or not, and waits for the answer.
    ///
    /// The log (START, the function's own lines, END, REPORT) is forwarded as it is written.
    ///
    /// # Errors
    ///
    /// When the function could not be started, or the tool failed. A function that fails is not an
    /// error but an [`Invocation`].
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error>;
}

/// One invocation: the answer and its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The request id, a UUID.
    pub request_id: String,
    /// The caller's payload: the response, or the error as JSON.
    pub payload: Vec<u8>,
    /// Set when the function failed (`X-Amz-Function-Error`).
    pub function_error: Option<FunctionError>,
    /// Init duration, in the first invocation of a sandbox.
    pub init_duration: Option<Duration>,
    /// Time from the event's delivery to the complete response.
    pub duration: Duration,
    /// The part of the duration in which the response was complete and extensions still worked;
    /// `None` without an extension that receives invocations.
    pub extension_overhead: Option<Duration>,
    /// Billed duration.
    pub billed_duration: Duration,
    /// The configured memory, in MB.
    pub memory_size: u64,
    /// Peak resident memory, in MB.
    pub max_memory_used: u64,
    /// The last 4 KB of the log, as with `LogType=Tail`.
    pub log_tail: Vec<u8>,
}

impl Invocation {
    /// The figures as a `REPORT` line.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            request_id: self.request_id.clone(),
            duration: self.duration,
            billed_duration: self.billed_duration,
            memory_size: self.memory_size,
            max_memory_used: self.max_memory_used,
            init_duration: self.init_duration,
            status: self.function_error.as_ref().and_then(FunctionError::status),
        }
    }
}

/// The failure of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The kind of failure.
    pub cause: Cause,
    /// `errorType`.
    pub error_type: String,
    /// `errorMessage`.
    pub error_message: String,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The function reported an error; its sandbox is ready for the next event.
    Reported,
    /// The response was too large.
    ResponseTooLarge,
    /// The streamed response was cut off.
    Truncated,
    /// The process exited before it answered.
    Exited,
    /// The function exceeded its timeout and was killed.
    TimedOut,
}

impl Cause {
    /// True when the failure ends the sandbox.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Exited | Self::TimedOut)
    }
}

impl FunctionError {
    /// The `Status` in the `REPORT` line, which names failures of the sandbox only.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self.cause {
            Cause::TimedOut => Some(Status::Timeout),
            Cause::Exited => Some(Status::Error(self.error_type.clone())),
            Cause::Reported | Cause::ResponseTooLarge | Cause::Truncated => None,
        }
    }

    /// The payload that Lambda writes when the function wrote none.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        // Formatted by hand to keep AWS's order of the fields.
        let text = |text: &str| serde_json::Value::from(text).to_string();
        format!("{{\"errorType\":{},\"errorMessage\":{}}}", text(&self.error_type), text(&self.error_message))
            .into_bytes()
    }
}
