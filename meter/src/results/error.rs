//! What can go wrong with a file of results.

use std::io;
use std::path::PathBuf;

/// A file of results that cannot be written, read or continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// It is there already.
    #[error(
        "{} exists; its samples are not thrown away\n  hint: --resume continues it, --overwrite replaces it, --output names another file",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },

    /// It cannot be written.
    #[error("cannot write {}: {source}\n  hint: does the folder exist, may you write there, is there space left?", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// It cannot be read.
    #[error("cannot read {}: {source}\n  hint: `lambda-meter run --output FILE` writes such a file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// It is something else.
    #[error("{} is no file of results: {problem}\n  hint: `lambda-meter run --output FILE` writes one; docs/measuring.md describes it", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },

    /// It belongs to another plan.
    #[error(
        "{} cannot be continued: {difference}\n  hint: samples of different things must not be mixed; --output names another file",
        path.display()
    )]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// What is not the same.
        difference: String,
    },
}
