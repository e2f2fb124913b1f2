//! The limits of an invocation: size of the response, memory, time.

mod capacity;
mod deadline;
pub(crate) mod estimate;
pub(crate) mod hex;

pub use capacity::Capacity;
pub use deadline::{Deadline, Stopping};
pub(crate) use deadline::{Work, within};
