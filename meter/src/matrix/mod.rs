//! The matrix of a measurement: targets x events x memory sizes x cold and warm.
//!
//! [`Draft`] is the matrix as written on the command line or in a file; [`Matrix`] is checked, with
//! every default filled in and every event read.

mod error;
mod file;
mod goal;
mod keys;
mod order;
mod parse;

pub use error::MatrixError;
pub use file::read as read_file;
pub use goal::{Goal, Limit, Next};
pub(crate) use keys::suggestion;
pub use order::{Step, steps};
pub(crate) use parse::within;
pub use parse::{
    Draft, DraftAuthorizer, DraftCors, DraftEvent, DraftQueue, DraftRoute, DraftSchedule, DraftTarget,
    PayloadFormat,
};

use crate::cost::Architecture;
use crate::sandbox::Limits;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Smallest and largest memory size of a function, in MB.
pub const MEMORY_RANGE: (u64, u64) = (128, 10_240);

/// A checked matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The functions: at least one, with distinct names.
    pub targets: Vec<TargetPlan>,
    /// The events: at least one, with distinct names.
    pub events: Vec<EventPlan>,
    /// Warm samples of each cell.
    pub runs: u32,
    /// Cold samples of each cell.
    pub cold: u32,
    /// The precision for which samples beyond `runs` and `cold` are taken, if any.
    pub goal: Option<Goal>,
    /// Invocations of a new sandbox before its first warm sample.
    pub warmup: u32,
    /// Timeout of an invocation.
    pub timeout: Duration,
    /// The target that ratios refer to.
    pub baseline: String,
    /// Limits of local sandboxes.
    pub limits: Limits,
    /// The part of the responses that is compared.
    pub check: Check,
    /// Published figures for comparison.
    pub published: Vec<Published>,
    /// Names of targets that are not measured: those on AWS, or with `--aws` those elsewhere.
    pub left_out: Vec<String>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPlan {
    /// Name in tables.
    pub name: String,
    /// Place of the function.
    pub place: Place,
    /// Instruction set, if it differs from the binary's header.
    pub architecture: Option<Architecture>,
    /// Memory sizes in MB; empty for the configured size of a function on AWS.
    pub memory: Vec<u64>,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
    /// Executables of external extensions, for a binary.
    pub extensions: Vec<PathBuf>,
    /// Layers, folders or zips, for a binary.
    pub layers: Vec<PathBuf>,
}

/// Places of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A binary on this machine.
    Binary(PathBuf),
    /// A container image, which the engine has or can pull.
    Image(String),
    /// An endpoint of the Invoke API.
    Endpoint(String),
    /// A function on AWS.
    Function(FunctionPlan),
}

impl Place {
    /// True when the tool can force a new sandbox.
    #[must_use]
    pub fn is_cold_forced(&self) -> bool {
        match self {
            Self::Binary(_) | Self::Image(_) => true,
            Self::Endpoint(_) => false,
            Self::Function(function) => function.is_latest(),
        }
    }
}

/// A function on AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionPlan {
    /// Name or ARN.
    pub name: String,
    /// Version or alias; `$LATEST` by default.
    pub qualifier: Option<String>,
    /// Region, if it differs from the profile's.
    pub region: Option<String>,
    /// Profile of `~/.aws/config`.
    pub profile: Option<String>,
}

impl FunctionPlan {
    /// True for `$LATEST`, the only version whose configuration can be changed.
    #[must_use]
    pub fn is_latest(&self) -> bool {
        self.qualifier.as_deref().is_none_or(|qualifier| qualifier == "$LATEST")
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPlan {
    /// Name in tables.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Expected SHA-256 of the digits in every response.
    pub sha256: Option<String>,
}

/// The start of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// A new sandbox for every sample.
    Cold,
    /// One sandbox for all samples of the cell.
    Warm,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        })
    }
}

/// The part of the responses to an event that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// The digits of pi, where a response has some
    #[default]
    Digits,
    /// Every byte of the response
    Payload,
    /// Nothing
    None,
}

/// A published figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Name of the row.
    pub row: String,
    /// The target measured here for comparison, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Memory in MB.
    pub memory: u64,
    /// Shortest and longest duration, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<(f64, f64)>,
    /// Shortest and longest init duration, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_ms: Option<(f64, f64)>,
    /// Smallest and largest memory use, in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<(f64, f64)>,
    /// Author and date of the measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One combination, by indices into the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Index of the target.
    pub target: usize,
    /// Index of the event.
    pub event: usize,
    /// Memory in MB.
    pub memory: u64,
    /// Cold or warm.
    pub start: Start,
}

impl Matrix {
    /// Every combination to measure, in the order of the tables.
    ///
    /// Endpoints and published versions on AWS have no cold cells, because the tool cannot force a
    /// new sandbox of either.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for event in 0..self.events.len() {
            for (target, plan) in self.targets.iter().enumerate() {
                for &memory in &plan.memory {
                    let starts =
                        [Start::Cold, Start::Warm].into_iter().filter(|start| self.has(plan, *start));
                    cells.extend(starts.map(|start| Cell { target, event, memory, start }));
                }
            }
        }
        cells
    }

    /// True when at least one sample would be taken.
    #[must_use]
    pub fn takes_samples(&self) -> bool {
        let takes = |plan| self.has(plan, Start::Cold) || self.has(plan, Start::Warm);
        self.targets.iter().any(takes)
    }

    fn has(&self, plan: &TargetPlan, start: Start) -> bool {
        self.samples(start) > 0 && (start == Start::Warm || plan.place.is_cold_forced())
    }

    /// Number of samples of a cell with this start.
    #[must_use]
    pub fn samples(&self, start: Start) -> u32 {
        match start {
            Start::Cold => self.cold,
            Start::Warm => self.runs,
        }
    }

    /// All samples in order.
    #[must_use]
    pub fn steps(&self, cells: &[Cell]) -> Vec<Step> {
        steps(&self.planned(cells))
    }

    /// The planned number of samples of each cell.
    #[must_use]
    pub fn planned(&self, cells: &[Cell]) -> Vec<u32> {
        cells.iter().map(|cell| self.samples(cell.start)).collect()
    }
}
