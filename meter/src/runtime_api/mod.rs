//! The Lambda Runtime API, version 2018-06-01: what a function polls for its events.
//!
//! ```text
//! GET  /2018-06-01/runtime/invocation/next            an event, as soon as there is one
//! POST /2018-06-01/runtime/invocation/{id}/response   its response
//! POST /2018-06-01/runtime/invocation/{id}/error      or the error that it ended with
//! POST /2018-06-01/runtime/init/error                 the function cannot start
//! ```
//!
//! [`Protocol`] decides what is allowed when, without a socket or a process in sight;
//! [`RuntimeApi`] serves it on a loopback port and reports every step with the moment at
//! which it happened. A response with `Lambda-Runtime-Function-Response-Mode: streaming` is passed on
//! while it comes, as fast as Lambda does, if somebody wants it so. Statuses and messages follow AWS's reference and its own emulator.

mod body;
mod message;
mod pace;
mod protocol;
mod reply;
mod server;

pub use message::{Answer, Reported, Step, StreamEnd, Streamed, Work};
pub use protocol::{Protocol, Refusal};
pub use server::RuntimeApi;

/// The largest response of an invocation that is not streamed: 6 MB and 100 bytes.
pub const MAX_RESPONSE_SIZE: usize = 6 * 1024 * 1024 + 100;

/// The largest response that is streamed: 200 MB.
pub const MAX_STREAM_SIZE: usize = 200 * 1024 * 1024;
