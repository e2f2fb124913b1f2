//! Events, answers and steps: the values that pass between the server and its owner.

use hyper::body::Bytes;
use std::time::Instant;
use tokio::sync::mpsc::Sender;

/// An event on its way to the function, with the headers that go along.
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
    /// Where a streamed response goes as it comes. Without it, or when the function does not
    /// stream, the response is put together.
    pub stream: Option<Sender<Bytes>>,
}

/// A step of the function, and when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The first `next` arrived: the initialisation is over.
    Ready(Instant),
    /// The function cannot start.
    InitError(Reported),
    /// An event is handed to the socket. Taken just before the write, so that a duration
    /// can only come out too long, by the microseconds of that write.
    Delivered(Instant),
    /// The answer has arrived completely.
    Answered(Instant, Answer),
    /// A later `next` arrived: the invocation before it is over.
    Idle(Instant),
}

/// What a function answers to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A response.
    Response(Bytes),
    /// An error.
    Error(Reported),
    /// A response of that many bytes, more than [`MAX_RESPONSE_SIZE`](super::MAX_RESPONSE_SIZE).
    TooLarge(usize),
    /// A response that was passed on while it came.
    Streamed(Streamed),
}

/// What is known of a stream when it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamed {
    /// The bytes that were passed on.
    pub size: usize,
    /// When the first of them arrived.
    pub first_byte: Option<Instant>,
    /// How it ended.
    pub end: StreamEnd,
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// As the function meant it.
    Complete,
    /// The trailers name an error.
    Failed(Reported),
    /// There was more than [`MAX_STREAM_SIZE`](super::MAX_STREAM_SIZE).
    TooLarge,
    /// The connection ended in the middle.
    Truncated,
}

/// An error as the function reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The body, normally JSON with `errorType` and `errorMessage`.
    pub body: Bytes,
    /// The header `Lambda-Runtime-Function-Error-Type`.
    pub error_type: Option<String>,
}
