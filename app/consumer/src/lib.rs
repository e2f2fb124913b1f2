//! Stores messages of `pi-telemetry`: reports of invocations as measurements, everything else as events.
//!
//! ```text
//! batch      takes a batch, stores its messages side by side, and answers with those that failed
//! message    reads the body of a message
//! sqs        is the event and the answer of the queue
//! ```
//!
//! SQS delivers a message at least once, and again until it is not among the failures of a batch. A write is
//! conditional on the message's own key, so that a duplicate changes nothing. A message that can never be
//! stored fails each time, and the queue's redrive policy moves it to the dead letter queue.

#![forbid(unsafe_code)]

mod batch;
mod message;
mod sqs;

pub use batch::{Outcome, Sink, consume};
pub use message::{Poison, Stored, read};
pub use sqs::{SqsBatch, SqsResponse};
