//! Errors of a matrix.

use super::keys::suggestion;
use crate::listed::listed;
use std::io;
use std::path::PathBuf;

/// A matrix that cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// The file could not be read.
    #[error(
    "cannot read the matrix file {}: {source}\n  \
    hint: `lambda-meter run FILE.toml`; without a file, name targets with --binary NAME=PATH",
    path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// The file is not TOML, or a value has the wrong type.
    #[error(
    "the matrix file {} cannot be parsed\n{problem}\n  \
    hint: docs/measuring.md has the format, meter/matrices/ has examples",
    path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's error, with the line.
        problem: String,
    },

    /// An unknown key.
    #[error("{place} has the unknown key {key}\n  hint: {nearest}the keys are {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table with the key.
        place: String,
        /// A suggestion with the nearest name, or an empty text.
        nearest: String,
        /// All allowed keys.
        known: String,
    },

    /// A required value is missing.
    #[error("{missing}\n  hint: {hint}")]
    Missing {
        /// The missing value.
        missing: String,
        /// The remedy.
        hint: String,
    },

    /// A value outside of the allowed range.
    #[error("{what} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// Name of the value.
        what: String,
        /// The value given.
        value: String,
        /// The allowed range.
        allowed: String,
    },

    /// Two targets or two events have the same name.
    #[error("there are two {kind}s named {name}\n  hint: names must differ; {hint}")]
    Twice {
        /// Target or event.
        kind: &'static str,
        /// The name.
        name: String,
        /// The remedy.
        hint: &'static str,
    },

    /// An unknown target.
    #[error("{what} names the unknown target {name}\n  hint: {nearest}the targets are {known}")]
    UnknownTarget {
        /// The key that names the target.
        what: String,
        /// The name.
        name: String,
        /// A suggestion with the nearest name, or an empty text.
        nearest: String,
        /// All targets.
        known: String,
    },
}

impl MatrixError {
    pub(crate) fn unknown_target(what: impl Into<String>, name: &str, targets: &[&str]) -> Self {
        Self::UnknownTarget {
            what: what.into(),
            name: name.to_owned(),
            nearest: suggestion(name, targets),
            known: listed(targets),
        }
    }

    pub(crate) fn missing(missing: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Missing { missing: missing.into(), hint: hint.into() }
    }
}
