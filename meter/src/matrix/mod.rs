//! What is measured: targets x events x memory sizes x cold and warm.
//!
//! [`Draft`] is what a person wrote, on the command line or in a file; [`Matrix`] is the same
//! with every default filled in, every event read and every mistake found.

mod error;
mod file;
mod keys;
mod order;
mod parse;

pub use error::MatrixError;
pub use file::read as read_file;
pub use order::{Step, steps};
pub use parse::{Draft, DraftEvent, DraftTarget};

use crate::cost::Architecture;
use crate::sandbox::Limits;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The smallest and the largest memory size of a function, in MB.
pub const MEMORY_RANGE: (u64, u64) = (128, 10_240);

/// A plan that can be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The functions, at least one, with different names.
    pub targets: Vec<TargetPlan>,
    /// The events, at least one, with different names.
    pub events: Vec<EventPlan>,
    /// Warm samples of each cell.
    pub runs: u32,
    /// Cold samples of each cell.
    pub cold: u32,
    /// Invocations of a fresh sandbox before the first warm sample.
    pub warmup: u32,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// The target that the others are compared with.
    pub baseline: String,
    /// Whether local binaries are held to Lambda's share of a CPU and to their memory.
    pub limits: Limits,
    /// What is compared between the responses.
    pub check: Check,
    /// Figures of others, to stand beside ours.
    pub published: Vec<Published>,
    /// Names of targets that are somewhere else: on AWS, or on this machine when AWS is measured.
    pub left_out: Vec<String>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPlan {
    /// How tables call it.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// Its processor, when it is not what the binary says.
    pub architecture: Option<Architecture>,
    /// The memory sizes to measure it with; none means the one that it is configured for.
    pub memory: Vec<u64>,
    /// Environment variables of its own.
    pub variables: Vec<(String, String)>,
}

/// Where a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A binary on this machine.
    Binary(PathBuf),
    /// An image that a container engine has or can pull.
    Image(String),
    /// An endpoint that speaks the Lambda invoke API.
    Endpoint(String),
    /// A function on AWS.
    Function(FunctionPlan),
}

impl Place {
    /// Whether lambda-meter can replace its sandboxes by new ones.
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
    /// Its name, or its ARN.
    pub name: String,
    /// A version or an alias; without one, what was published last.
    pub qualifier: Option<String>,
    /// The region, when it is not that of the profile.
    pub region: Option<String>,
    /// The profile of `~/.aws/config`.
    pub profile: Option<String>,
}

impl FunctionPlan {
    /// Whether this is the version whose configuration can be changed.
    #[must_use]
    pub fn is_latest(&self) -> bool {
        self.qualifier.as_deref().is_none_or(|qualifier| qualifier == "$LATEST")
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPlan {
    /// How tables call it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The SHA-256 that the digits of every response must have.
    pub sha256: Option<String>,
}

/// Whether the sandbox is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// A sandbox of its own for every sample.
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

/// What is compared between the responses to one event.
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

/// A figure that somebody published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// What the row is called there.
    pub row: String,
    /// The target of ours that stands beside it; without one the row cannot be measured here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Memory in MB.
    pub memory: u64,
    /// Duration in seconds, from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<(f64, f64)>,
    /// Init duration in milliseconds, from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_ms: Option<(f64, f64)>,
    /// Memory used in MB, from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<(f64, f64)>,
    /// Who measured it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One combination; the indices are those of the matrix.
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
    /// Every combination that is measured, in the order of the tables.
    ///
    /// An endpoint has no cold cells, nor has a published version on AWS: their sandboxes are not
    /// ours to replace.
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

    /// Whether anything is measured at all.
    #[must_use]
    pub fn takes_samples(&self) -> bool {
        let takes = |plan| self.has(plan, Start::Cold) || self.has(plan, Start::Warm);
        self.targets.iter().any(takes)
    }

    fn has(&self, plan: &TargetPlan, start: Start) -> bool {
        self.samples(start) > 0 && (start == Start::Warm || plan.place.is_cold_forced())
    }

    /// How many samples a cell of this kind gets.
    #[must_use]
    pub fn samples(&self, start: Start) -> u32 {
        match start {
            Start::Cold => self.cold,
            Start::Warm => self.runs,
        }
    }

    /// The order of all samples.
    #[must_use]
    pub fn steps(&self, cells: &[Cell]) -> Vec<Step> {
        steps(&cells.iter().map(|cell| self.samples(cell.start)).collect::<Vec<_>>())
    }
}
