//! The contract of the Lambda function: an event goes in, and [`answer`] gives its answer. The
//! executable `bootstrap` connects it to `lambda_runtime`.
//!
//! ```
//! use pi_spigot_lambda::{Context, Reply, answer};
//!
//! let answered = answer(br#"{"digits": "1_0"}"#, &Context::unlimited("request-1"));
//! let Reply::Whole(json) = answered.reply else { panic!("{answered:?}") };
//! assert!(json.get().starts_with(r#"{"digits":10,"pi":"3.141592653","#));
//!
//! let answered = answer(br#"{"digits": 0}"#, &Context::unlimited("request-2"));
//! let Reply::Error(error) = answered.reply else { panic!("{answered:?}") };
//! assert_eq!(error.error_type(), "InvalidDigits");
//! ```
//!
//! docs/contract.md has the fields of a request, the senders of events, answers, settings and the log.
#![deny(unsafe_code, missing_docs)]

mod answer;
mod cache;
mod compute;
mod context;
mod contract;
mod limits;
mod quotas;

pub use answer::{Answered, Record, Reply, answer, is_streamed};
pub use compute::Stream;
pub use context::{Context, Permission, Settings};
pub use contract::{
    Channel, DigitsProblem, EventError, Operation, Output, Place, REVISION, Request, Response, Room, Trigger,
    milliseconds,
};
pub use limits::{Capacity, Deadline, Stopping};
pub use serde_json::value::RawValue;
