//! The contract in words: events, requests, responses and errors, without any computation.

mod error;
mod event;
pub(crate) mod eventbridge;
mod foreign;
pub(crate) mod hex;
pub(crate) mod http;
pub(crate) mod json;
mod message;
mod operation;
pub(crate) mod request;
mod response;
pub(crate) mod sqs;
mod trigger;

pub(crate) use error::of_panic;
pub use error::{Channel, DigitsProblem, EventError, Place, Room};
pub(crate) use event::Event;
pub use operation::{Operation, REVISION};
pub use request::{Output, Request};
pub use response::{Response, milliseconds};
pub use trigger::Trigger;
