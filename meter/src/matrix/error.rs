//! What can be wrong with a plan.

use std::io;
use std::path::PathBuf;

/// A plan that cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// The file could not be read.
    #[error("cannot read the matrix file {}: {source}\n  hint: `lambda-meter run FILE.toml`; without a file, name targets with --binary NAME=PATH", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The file is not TOML, or a value has the wrong type.
    #[error("the matrix file {} cannot be understood\n{problem}\n  hint: docs/measuring.md has the format, meter/matrices/ has examples", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser said, with the line.
        problem: String,
    },

    /// A key that nobody knows.
    #[error("{place} has the unknown key {key}\n  hint: {nearest}the keys are {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        place: String,
        /// A question with the nearest one, or nothing.
        nearest: String,
        /// All that are allowed.
        known: String,
    },

    /// Something that is needed is missing.
    #[error("{missing}\n  hint: {hint}")]
    Missing {
        /// What is missing.
        missing: String,
        /// How to give it.
        hint: String,
    },

    /// A value that is not allowed.
    #[error("{what} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// Which value.
        what: String,
        /// What it is.
        value: String,
        /// What it may be.
        allowed: String,
    },

    /// Two targets or events have one name.
    #[error("there are two {kind}s named {name}\n  hint: tables tell them apart by their names; {hint}")]
    Twice {
        /// Target or event.
        kind: &'static str,
        /// The name.
        name: String,
        /// How to give another.
        hint: &'static str,
    },

    /// A name that no target has.
    #[error("{what} names the target {name}, which there is not\n  hint: {nearest}the targets are {known}")]
    UnknownTarget {
        /// Who names it.
        what: &'static str,
        /// The name.
        name: String,
        /// A question with the nearest one, or nothing.
        nearest: String,
        /// All that there are.
        known: String,
    },
}

impl MatrixError {
    pub(super) fn missing(missing: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Missing { missing: missing.into(), hint: hint.into() }
    }
}
