//! The Lambda Runtime API, version 2018-06-01, which a function polls for its events.
//!
//! ```text
//! GET  /2018-06-01/runtime/invocation/next            waits for an event
//! POST /2018-06-01/runtime/invocation/{id}/response   sends the response
//! POST /2018-06-01/runtime/invocation/{id}/error      sends an error instead
//! POST /2018-06-01/runtime/init/error                 reports a failed initialisation
//! ```
//!
//! [`Protocol`] is the state machine of calls, independent of sockets and processes.
//! [`RuntimeApi`] serves the protocol on a loopback port and reports every [`Step`] with its time.
//! A response with `Lambda-Runtime-Function-Response-Mode: streaming` is forwarded at Lambda's pace
//! if the [`Work`] has a receiver. Statuses and messages follow AWS's reference and its emulator.
//! The same port serves the Extensions API, see [`extensions`].

mod body;
pub mod extensions;
mod message;
mod pace;
mod protocol;
mod reply;
mod server;

pub use message::{Answer, Reported, Step, StreamEnd, Streamed, Work};
pub use protocol::{Protocol, Refusal};
pub use server::RuntimeApi;

/// The largest buffered response: 6 MB and 100 bytes.
pub const MAX_RESPONSE_SIZE: usize = 6 * 1024 * 1024 + 100;

/// The largest streamed response: 200 MB.
pub const MAX_STREAM_SIZE: usize = 200 * 1024 * 1024;
