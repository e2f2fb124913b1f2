//! The results of a measurement: a JSON document with the plan and every sample.
//!
//! docs/measuring.md documents the schema. The document holds no summary: tables and charts are
//! always computed from the samples.

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

/// The schema of this version.
pub const SCHEMA: &str = "lambda-meter/results/1";

/// A measurement, complete or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The plan and the machine.
    pub header: Header,
    /// The samples in the order in which they were taken.
    pub samples: Vec<Sample>,
}

/// The plan and the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name and version of the tool.
    pub tool: String,
    /// Start of the measurement, in UTC.
    pub created: String,
    /// The machine.
    pub environment: Environment,
    /// The tool's own overhead.
    pub overhead: Option<Overhead>,
    /// The prices for costs.
    pub prices: Prices,
    /// Warm samples of each cell.
    pub runs: u32,
    /// Cold samples of each cell.
    pub cold: u32,
    /// Invocations before the first warm sample.
    pub warmup: u32,
    /// Timeout of an invocation, in seconds.
    pub timeout_s: u64,
    /// The target that ratios refer to.
    pub baseline: String,
    /// The part of the responses that was compared.
    pub check: Check,
    /// The functions.
    pub targets: Vec<TargetRecord>,
    /// The events.
    pub events: Vec<EventRecord>,
    /// The combinations, which samples refer to by position.
    pub cells: Vec<CellRecord>,
    /// Published figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Published>,
}

/// The tool's own overhead, measured with a function that does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overhead {
    /// Median init duration of a function that does nothing, in milliseconds.
    pub init_ms: f64,
    /// Median duration of a function that does nothing, in milliseconds.
    pub duration_ms: f64,
    /// Median time of the tool around an invocation, outside of its duration.
    pub around_ms: f64,
    /// Number of warm invocations measured.
    pub samples: u32,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Its name.
    pub name: String,
    /// `binary`, `image`, `endpoint`, `aws` or `mock`.
    pub kind: String,
    /// The path, the address or the name on AWS.
    pub place: String,
    /// Instruction set.
    pub architecture: Architecture,
    /// `zip` or `image`, for a function deployed as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The meaning of the figures, in words.
    pub figures: String,
    /// Size of the binary, the zip or the image in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the binary or the zip, or the digest of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The revision of the repository around the binary, or the revision in the image's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The external extensions of a local function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<ExtensionRecord>,
}

/// An external extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRecord {
    /// Its file name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl TargetRecord {
    /// True when the figures depend on the memory size as on Lambda.
    #[must_use]
    pub fn is_scaled(&self) -> bool {
        !self.figures.contains("unscaled")
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Its name.
    pub name: String,
    /// Size in bytes.
    pub size: usize,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Expected SHA-256 of the digits in the responses.
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
    /// Number of the sample within its cell, from 0.
    pub round: u32,
    /// Time of the sample, in UTC.
    pub at: String,
    /// Time from the event's delivery to the complete response, in milliseconds.
    pub duration_ms: f64,
    /// Billed duration, in milliseconds.
    pub billed_duration_ms: f64,
    /// The part of the duration in which only extensions worked, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension_overhead_ms: Option<f64>,
    /// Init duration of a cold start, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_duration_ms: Option<f64>,
    /// Peak resident memory, in MB; 0 if unknown.
    pub max_memory_used_mb: u64,
    /// Time of the tool for the whole sample, in milliseconds.
    pub wall_ms: f64,
    /// SHA-256 of the digits, or of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The failure, if the sample does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// A failure, after which a sample does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `function_error`, `too_large`, `truncated`, `crash`, `timeout`, `wrong_answer` or `not_warm`.
    pub kind: String,
    /// The failure in words.
    pub message: String,
}

impl Sample {
    /// Init and duration together.
    #[must_use]
    pub fn time_ms(&self) -> f64 {
        self.duration_ms + self.init_duration_ms.unwrap_or(0.0)
    }
}

/// Milliseconds rounded to three decimals, since further digits are noise.
#[must_use]
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
