//! What a measurement leaves behind: a JSON document with its plan and every sample.
//!
//! The schema is documented in docs/measuring.md. Nothing is summarised here: every table and
//! every chart is drawn anew from the samples.

mod environment;
mod error;
mod store;

pub use environment::{Environment, sha256};
pub use error::ResultsError;
pub use store::{Store, load};

use crate::cost::{Architecture, Prices};
use crate::matrix::{Check, Published, Start};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "lambda-meter/results/1";

/// A measurement, finished or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// What was planned, and where.
    pub header: Header,
    /// What was measured, in the order in which it was.
    pub samples: Vec<Sample>,
}

/// What was planned, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name and version of the tool.
    pub tool: String,
    /// When the measurement began, in UTC.
    pub created: String,
    /// The machine.
    pub environment: Environment,
    /// The tool's own share of the figures.
    pub overhead: Option<Overhead>,
    /// The prices that costs were computed with.
    pub prices: Prices,
    /// Warm samples of each cell.
    pub runs: u32,
    /// Cold samples of each cell.
    pub cold: u32,
    /// Invocations before the first warm sample.
    pub warmup: u32,
    /// How long an invocation may take, in seconds.
    pub timeout_s: u64,
    /// The target that the others are compared with.
    pub baseline: String,
    /// What was compared between the responses.
    pub check: Check,
    /// The functions.
    pub targets: Vec<TargetRecord>,
    /// The events.
    pub events: Vec<EventRecord>,
    /// The combinations; samples refer to them by position.
    pub cells: Vec<CellRecord>,
    /// Figures of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Published>,
}

/// The tool's own share, measured with a function that does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overhead {
    /// Median init duration of a function that does nothing, in milliseconds.
    pub init_ms: f64,
    /// Median duration of a function that does nothing, in milliseconds.
    pub duration_ms: f64,
    /// Median time that the tool takes around an invocation, outside of its duration.
    pub around_ms: f64,
    /// How many warm invocations these figures are of.
    pub samples: u32,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Its name.
    pub name: String,
    /// `binary`, `image`, `endpoint`, `aws` or `mock`.
    pub kind: String,
    /// The path or the address, as given.
    pub place: String,
    /// Its processor.
    pub architecture: Architecture,
    /// `zip` or `image`, where it is deployed as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// What its figures are, in words.
    pub figures: String,
    /// Size of the binary, the zip or the image in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the binary or the zip; of an image, the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The revision of the repository that it lies in, or that its image was labelled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The SHA-256 that the digits of the responses must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CellRecord {
    /// Name of the target.
    pub target: String,
    /// Name of the event.
    pub event: String,
    /// Memory in MB.
    pub memory_mb: u64,
    /// Cold or warm.
    pub start: Start,
}

/// One invocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Position of the cell.
    pub cell: usize,
    /// Which of the cell's samples, from 0.
    pub round: u32,
    /// When it was taken, in UTC.
    pub at: String,
    /// From the event's delivery to the complete response, in milliseconds.
    pub duration_ms: f64,
    /// What would be paid for, in milliseconds.
    pub billed_duration_ms: f64,
    /// The cold start, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_duration_ms: Option<f64>,
    /// The most that was resident, in MB; 0 when it is not known.
    pub max_memory_used_mb: u64,
    /// What the tool took for it all, in milliseconds.
    pub wall_ms: f64,
    /// SHA-256 of the digits, or of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Why it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Why a sample does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `function_error`, `too_large`, `truncated`, `crash`, `timeout`, `wrong_answer` or `not_warm`.
    pub kind: String,
    /// In words.
    pub message: String,
}

impl Sample {
    /// Init and duration together: the time until the answer.
    #[must_use]
    pub fn time_ms(&self) -> f64 {
        self.duration_ms + self.init_duration_ms.unwrap_or(0.0)
    }
}

/// Milliseconds with three decimals; what is behind them is noise, and fills files.
#[must_use]
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
