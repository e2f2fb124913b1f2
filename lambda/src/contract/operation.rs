//! Operations, asked for in the place of digits.

use super::EventError;
use super::json::{describe, string};

/// The commit of the build, if the build was told (`REVISION=$(git rev-parse HEAD)`).
pub const REVISION: Option<&str> = match option_env!("REVISION") {
    Some(revision) if !revision.is_empty() => Some(revision),
    _ => None,
};

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Names: program, processor, SIMD level.
    Version,
    /// Names and measurements: memory, speed, correctness.
    SelfTest,
    /// Hexadecimal digits.
    Hex,
    /// The plan of a hexadecimal sum.
    HexPlan,
    /// A part of a hexadecimal sum.
    HexPart,
    /// Parts in one.
    HexSum,
    /// Two sums as a proof.
    HexCompare,
}

impl Operation {
    /// The names in requests, in the order of the variants.
    pub const NAMES: &[&str] =
        &["version", "self-test", "hex", "hex-plan", "hex-part", "hex-sum", "hex-compare"];

    /// The names of this build: without the feature `hex`, questions about the function alone.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        if cfg!(feature = "hex") { Self::NAMES } else { Self::NAMES.split_at(2).0 }
    }

    /// Parses the value of `op` of a question about the function.
    pub(crate) fn from_json(value: &str) -> Result<Self, EventError> {
        let name = string(value).unwrap_or_default();
        let found = [Self::Version, Self::SelfTest].into_iter().find(|op| op.name() == name);
        found.ok_or_else(|| EventError::UnknownOperation { found: describe(value) })
    }

    /// The name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}
