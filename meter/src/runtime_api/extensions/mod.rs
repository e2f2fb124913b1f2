//! The Lambda Extensions API, version 2020-01-01.
//!
//! ```text
//! POST /2020-01-01/extension/register     name and events; the answer holds an identifier
//! GET  /2020-01-01/extension/event/next   says that the extension is ready, and waits for an event
//! POST /2020-01-01/extension/init/error   reports a failed initialisation
//! POST /2020-01-01/extension/exit/error   reports a failure before an exit
//! ```
//!
//! [`Registry`] is the state machine of all extensions of one sandbox, independent of sockets.
//! [`Extensions`] shares the registry between the server and its owner. Statuses and messages follow
//! AWS's reference and its emulator.

mod registry;
mod shared;

pub use registry::{Denied, Failure, FailureKind, Kind, Lifecycle, MAX_EXTENSIONS, Registry};
pub use shared::{About, Extensions, ShutdownReason};
