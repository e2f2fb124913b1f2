//! Something that can be invoked, and what an invocation yields.
//!
//! Everything above this trait (printing, and later statistics and tables) works on any
//! target, so that it can be tested with a [`Mock`] that has exact figures.

#[cfg(feature = "aws")]
pub mod aws;
mod endpoint;
mod local;
mod mock;
mod open;
mod remote;
mod source;

pub use endpoint::Endpoint;
pub use local::{
    Configuration, Confinement, FunctionArgs, Image, LocalBinary, Rooted, Worker, environment,
    resident_memory,
};
pub use mock::Mock;
pub use open::open;
pub use source::{Source, Spending};

use crate::error::Error;
use crate::report_line::{Report, Status};
use std::time::Duration;

/// A Lambda function, wherever it runs.
pub trait Target {
    /// Invokes it with an event, JSON or not, and waits for the answer.
    ///
    /// The log (START, the function's own lines, END, REPORT) is passed on as it comes.
    ///
    /// # Errors
    ///
    /// When there is no answer to speak of, because the function could not be started or
    /// the tool failed. A function that fails is not an error but an [`Invocation`].
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error>;
}

/// One invocation: the answer and its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The request id, a UUID.
    pub request_id: String,
    /// What the caller gets: the response, or the error as JSON.
    pub payload: Vec<u8>,
    /// Set when the function failed (`X-Amz-Function-Error`).
    pub function_error: Option<FunctionError>,
    /// The cold start, in the first invocation of a sandbox.
    pub init_duration: Option<Duration>,
    /// From the event's delivery to the complete response.
    pub duration: Duration,
    /// What is paid for.
    pub billed_duration: Duration,
    /// The configured memory, in MB.
    pub memory_size: u64,
    /// The most that was resident, in MB.
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

/// How a function failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// Who noticed.
    pub cause: Cause,
    /// `errorType`.
    pub error_type: String,
    /// `errorMessage`.
    pub error_message: String,
}

/// Who noticed that a function failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The function reported an error, and is ready for the next event.
    Reported,
    /// Its response was too large.
    ResponseTooLarge,
    /// Its streamed response ended in the middle.
    Truncated,
    /// Its process ended before it answered.
    Exited,
    /// It took longer than it may, and was killed.
    TimedOut,
}

impl Cause {
    /// Whether the sandbox is lost with it.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Exited | Self::TimedOut)
    }
}

impl FunctionError {
    /// How the `REPORT` line names it; only what the platform noticed stands there.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self.cause {
            Cause::TimedOut => Some(Status::Timeout),
            Cause::Exited => Some(Status::Error(self.error_type.clone())),
            Cause::Reported | Cause::ResponseTooLarge | Cause::Truncated => None,
        }
    }

    /// The payload that a caller gets when the function did not write one itself.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        // Written by hand for AWS's order of the fields.
        let text = |text: &str| serde_json::Value::from(text).to_string();
        format!("{{\"errorType\":{},\"errorMessage\":{}}}", text(&self.error_type), text(&self.error_message))
            .into_bytes()
    }
}
