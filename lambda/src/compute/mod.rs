//! The work behind an answer: digits in one piece or as a stream, within the limits.

mod digits;
mod facts;
mod hex;
mod operation;
mod stream;
mod whole;

pub(crate) use facts::Facts;
pub(crate) use hex::{Done, hex};
pub(crate) use operation::operation;
pub use stream::Stream;
pub(crate) use stream::stream;
pub(crate) use whole::{Computed, compute};
