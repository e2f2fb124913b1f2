//! JSON by `serde_json`, with the exact text of a value where that matters.
//!
//! An event of AWS has a few kilobytes, of which the function needs ten values. `serde_json` skips the
//! other values without recursion, so that neither stack nor memory grows with their nesting.

mod describe;
mod members;

pub(crate) use describe::{describe, excerpt};
pub(crate) use members::{MOST_MEMBERS, Members, Pair, Unfit, elements};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The text of a JSON string; none for any other value and for lone surrogates.
pub(crate) fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// Serializes a value as raw JSON.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("texts and numbers have a form in JSON")
}

/// Serializes a value as text.
pub(crate) fn text(value: &impl Serialize) -> String {
    Box::<str>::from(raw(value)).into()
}
