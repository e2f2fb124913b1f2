//! Events, answers and steps: the values that pass between the server and its owner.

use hyper::body::Bytes;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::sync::mpsc::Sender;

/// An event for the function, with its headers.
#[derive(Debug, Clone)]
pub struct Work {
    /// `Lambda-Runtime-Aws-Request-Id`.
    pub request_id: String,
    /// `Lambda-Runtime-Deadline-Ms`, in milliseconds since 1970.
    pub deadline_ms: u128,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub function_arn: String,
    /// `Lambda-Runtime-Trace-Id`.
    pub trace_id: String,
    /// `Lambda-Runtime-Client-Context`, JSON of the caller.
    pub client_context: Option<String>,
    /// The event's bytes.
    pub event: Bytes,
    /// Receiver of a streamed response. Without a receiver, or if the function does not stream,
    /// the response is buffered.
    pub stream: Option<Sender<Bytes>>,
    /// `Content-Type` of a streamed response, set before its first piece.
    pub content_type: Arc<OnceLock<String>>,
}

/// A step of the function, with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The first `next` arrived, which ends the initialisation.
    Ready(Instant),
    /// The function reported a failed initialisation.
    InitError(Reported),
    /// An event was delivered. The time is taken just before the write to the socket, so a duration
    /// can only be too long, by the microseconds of that write.
    Delivered(Instant),
    /// The complete answer has arrived.
    Answered(Instant, Answer),
    /// A later `next` arrived, which ends the invocation before it.
    Idle(Instant),
    /// An extension registered, asked for an event, or reported a failure: look at the registry.
    Extension(Instant),
}

/// A function's answer to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A response.
    Response(Bytes),
    /// An error.
    Error(Reported),
    /// A response larger than [`MAX_RESPONSE_SIZE`](super::MAX_RESPONSE_SIZE); holds its bytes.
    TooLarge(usize),
    /// A response that was forwarded as it arrived.
    Streamed(Streamed),
}

/// The summary of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamed {
    /// Number of bytes forwarded.
    pub size: usize,
    /// Arrival of the first byte.
    pub first_byte: Option<Instant>,
    /// The end of the stream.
    pub end: StreamEnd,
}

/// The end of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// The stream is complete.
    Complete,
    /// The trailers name an error.
    Failed(Reported),
    /// The stream exceeded [`MAX_STREAM_SIZE`](super::MAX_STREAM_SIZE).
    TooLarge,
    /// The connection ended before the stream did.
    Truncated,
}

/// An error reported by the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The body, normally JSON with `errorType` and `errorMessage`.
    pub body: Bytes,
    /// The header `Lambda-Runtime-Function-Error-Type`.
    pub error_type: Option<String>,
}
