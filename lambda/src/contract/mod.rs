//! The contract in words: requests, responses, errors, and the forms that services give them.

mod error;
pub(crate) mod http;
pub(crate) mod json;
mod message;
mod number;
mod operation;
pub(crate) mod request;
mod response;

pub(crate) use error::of_panic;
pub use error::{Channel, DigitsProblem, EventError, Room};
pub use operation::{Operation, REVISION};
pub use request::{Output, Request};
pub use response::{Response, milliseconds};
