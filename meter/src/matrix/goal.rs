//! The precision for which a measurement continues, and the rounds that it takes.
//!
//! ```text
//! take the planned samples
//! repeat
//!     stop if the 95 % interval of every cell's median is narrow
//!     stop if every cell has max_runs samples, or max_time has passed
//!     take a round: one sample of every cell, in rotated order
//! ```
//!
//! The rule depends on the width of each interval, never on a difference between cells.

use super::Step;
use crate::results::Sample;
use crate::statistics::Summary;
use std::collections::HashSet;
use std::time::Duration;

/// Fewest samples whose interval is trusted; the interval of one sample has no width.
const FEWEST: usize = 6;

/// A precision of all medians, and the limits of the effort for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Largest half width of the 95 % interval of a cell's median, in percent of the median.
    pub percent: f64,
    /// Largest number of samples of a cell; more samples are taken only if they are planned.
    pub max_runs: u32,
    /// Time after which no further round begins; planned samples are taken in any case.
    pub max_time: Duration,
}

impl Goal {
    /// Default precision in percent.
    pub const PERCENT: f64 = 5.0;
    /// Default largest number of samples of a cell.
    pub const MAX_RUNS: u32 = 50;
    /// Default time limit in seconds.
    pub const MAX_SECONDS: u64 = 60;
}

impl Default for Goal {
    fn default() -> Self {
        let max_time = Duration::from_secs(Self::MAX_SECONDS);
        Self { percent: Self::PERCENT, max_runs: Self::MAX_RUNS, max_time }
    }
}

/// A limit that ends a measurement before all medians are precise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Every cell has the largest number of samples.
    Runs,
    /// No further round begins, because the time is over.
    Time,
}

/// The continuation of a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A round to take, or the rest of one.
    Round(Vec<Step>),
    /// Every median is precise.
    Precise,
    /// A limit is reached, and some median is not precise.
    Limited(Limit),
}

impl Goal {
    /// The continuation after `samples`, when `elapsed` has passed; `planned` has the number of
    /// planned samples of each cell.
    #[must_use]
    pub fn next(&self, planned: &[u32], samples: &[Sample], elapsed: Duration) -> Next {
        let taken: HashSet<Step> =
            samples.iter().map(|sample| Step { cell: sample.cell, round: sample.round }).collect();
        let mut rounds = (0..self.max_runs).map(|extra| self.round(planned, extra));
        // An earlier run may have been interrupted within a round.
        let round = rounds.find(|round| !round.iter().all(|step| taken.contains(step))).unwrap_or_default();
        let rest: Vec<Step> = round.iter().copied().filter(|step| !taken.contains(step)).collect();
        if rest.len() < round.len() {
            return Next::Round(rest);
        }
        if self.wide(planned.len(), samples).is_empty() {
            Next::Precise
        } else if rest.is_empty() {
            Next::Limited(Limit::Runs)
        } else if elapsed >= self.max_time {
            Next::Limited(Limit::Time)
        } else {
            Next::Round(rest)
        }
    }

    /// The round after the planned ones and `extra` others.
    fn round(&self, planned: &[u32], extra: u32) -> Vec<Step> {
        let first = extra as usize % planned.len().max(1);
        let cells = (first..planned.len()).chain(0..first);
        let steps = cells.map(|cell| Step { cell, round: planned[cell].saturating_add(extra) });
        steps.filter(|step| step.round < self.max_runs).collect()
    }

    /// The cells whose median is not precise, each with the half width in percent of the median.
    ///
    /// A cell without any successful sample has no median, which further samples would not change.
    #[must_use]
    pub fn wide(&self, cells: usize, samples: &[Sample]) -> Vec<(usize, f64)> {
        (0..cells)
            .filter_map(|cell| Some((cell, half_width(cell, samples)?)))
            .filter(|(_, percent)| *percent > self.percent)
            .collect()
    }
}

/// Half the width of the interval in percent of the median; infinite for too few samples.
fn half_width(cell: usize, samples: &[Sample]) -> Option<f64> {
    let counted = samples.iter().filter(|sample| sample.cell == cell && sample.failure.is_none());
    let times: Vec<f64> = counted.map(Sample::time_ms).collect();
    let summary = Summary::of(&times)?;
    if summary.count < FEWEST {
        return Some(f64::INFINITY);
    }
    Some((summary.interval.high - summary.interval.low) / 2.0 / summary.median * 100.0)
}
