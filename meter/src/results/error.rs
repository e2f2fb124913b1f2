//! Errors of a results file.

use std::io;
use std::path::PathBuf;

/// A results file that cannot be written, read or continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// The file exists.
    #[error(
        "{} exists, and its samples are kept\n  \
        hint: --resume continues the file, --overwrite replaces it, --output names another",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },

    /// The file cannot be written.
    #[error(
    "cannot write {}: {source}\n  hint: check that the folder exists, is writable and has space left",
    path.display()
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// The file cannot be read.
    #[error(
    "cannot read {}: {source}\n  hint: `lambda-meter run --output FILE` writes a results file",
    path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// The file has another format.
    #[error(
    "{} is not a results file: {problem}\n  \
    hint: `lambda-meter run --output FILE` writes a results file; docs/measuring.md has the format",
    path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },

    /// The file belongs to another plan.
    #[error(
        "{} cannot be continued: {difference}\n  \
        hint: samples of different functions or events must not be mixed; --output names another file",
        path.display()
    )]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// The difference between the plans.
        difference: String,
    },
}
