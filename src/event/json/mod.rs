//! JSON as slices of the text that holds it: checked once, then looked at where somebody asks.
//!
//! ```text
//! check     one pass over the bytes, an explicit stack of brackets, no recursion
//! members   the names and values of an object that was checked, values as slices
//! string    the characters of a string, unescaped when somebody wants them
//! ```
//!
//! An event of AWS is a few kilobytes of which the function needs ten values; a tree of it, or
//! types derived for each kind of event, would be most of the function's file. Source: RFC 8259.
//! `fuzz/` holds [`check`] against `serde_json`.

mod check;
mod describe;
mod read;
mod write;

pub use check::{JsonError, check};
pub(super) use describe::{describe, excerpt};
pub(super) use read::{elements, field, members, string};
pub(super) use write::Object;
pub use write::escaped;
