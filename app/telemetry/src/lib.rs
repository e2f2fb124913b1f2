//! `pi-telemetry`, an external Lambda extension: reports of the platform and events of the function go
//! to an SQS queue, in the background, and never delay an invocation.
//!
//! ```text
//! extension   registers, waits for INVOKE and SHUTDOWN, flushes and ends
//! telemetry   subscribes to Lambda's Telemetry API, and takes its deliveries
//! endpoint    takes the function's own events on 127.0.0.1
//! sender      sends batches, and tries the failed part of a batch again
//! sqs         is the client of the queue
//! queue       holds events until a batch of them is due; bounded, counts what it drops
//! message     writes an event as the body of a message
//! settings    reads the environment
//! ```
//!
//! Modules import those below them only.
#![deny(unsafe_code)]

pub mod endpoint;
pub mod extension;
mod log;
pub mod message;
pub mod queue;
pub mod sender;
pub mod settings;
pub mod sqs;
pub mod telemetry;

pub use settings::{Runtime, Settings};
