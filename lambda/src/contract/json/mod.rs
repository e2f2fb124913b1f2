//! JSON by `serde_json`, and the exact text of a value where that matters.
//!
//! An event of AWS is a few kilobytes of which the function needs ten values. What is not needed
//! is skipped without recursion, so that neither the stack nor the memory grows with its nesting.

mod describe;
mod members;

pub(crate) use describe::{describe, excerpt};
pub(crate) use members::{MOST_MEMBERS, Members, Pair, Unfit};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The characters of a string; none of any other value, or if they are no characters.
pub(crate) fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// A value as JSON that stays as it is.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("texts and numbers have a form in JSON")
}

/// A value as text.
pub(crate) fn text(value: &impl Serialize) -> String {
    Box::<str>::from(raw(value)).into()
}
