//! The change of one cell, and its verdict.

use crate::results::CellRecord;
use crate::statistics::{Interval, Shift};
use serde::Serialize;
use std::fmt;

/// Chance of any false "faster" or "slower" among all cells of a comparison.
pub(super) const ALPHA: f64 = 0.05;

/// Verdicts on a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Less time, beyond noise and threshold.
    Faster,
    /// More time, beyond noise and threshold.
    Slower,
    /// No change beyond noise, or a change below the threshold.
    Same,
    /// One file on a side: the variance between runs is unknown.
    OneRun,
    /// Too few samples.
    TooFew,
}

/// The change of one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The combination.
    #[serde(flatten)]
    pub cell: CellRecord,
    /// Median of init + duration before, in milliseconds.
    pub before_ms: f64,
    /// Median of init + duration after, in milliseconds.
    pub after_ms: f64,
    /// Time after over time before.
    pub ratio: f64,
    /// 95 % confidence interval of the ratio, without correction for the number of cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// p-value of "no change", corrected for the number of cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Change {
    /// A change without a verdict, for the reason in `verdict`.
    pub(super) fn unknown(cell: &CellRecord, (before_ms, after_ms): (f64, f64), verdict: Verdict) -> Self {
        let ratio = after_ms / before_ms;
        Self { cell: cell.clone(), before_ms, after_ms, ratio, interval: None, p_value: None, verdict }
    }

    /// A change by the shift of the logarithm of the time; `judge` follows.
    pub(super) fn estimated(cell: &CellRecord, (before_ms, after_ms): (f64, f64), shift: &Shift) -> Self {
        Self {
            cell: cell.clone(),
            before_ms,
            after_ms,
            ratio: shift.value.exp(),
            interval: Some(Interval { low: shift.interval.low.exp(), high: shift.interval.high.exp() }),
            p_value: Some(shift.p_value),
            verdict: Verdict::Same,
        }
    }

    /// Sets the corrected p-value and the verdict; `threshold` is in percent.
    pub(super) fn judge(&mut self, p_value: f64, threshold: f64) {
        self.p_value = Some(p_value);
        let is_noise = p_value >= ALPHA || (self.ratio - 1.0).abs() * 100.0 < threshold;
        self.verdict = match self.ratio {
            _ if is_noise => Verdict::Same,
            ..1.0 => Verdict::Faster,
            _ => Verdict::Slower,
        };
    }

    /// True for a verdict of slower by at least `percent`.
    #[must_use]
    pub fn is_slower_by(&self, percent: f64) -> bool {
        self.verdict == Verdict::Slower && (self.ratio - 1.0) * 100.0 >= percent
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.ratio - 1.0).abs() * 100.0;
        match self.verdict {
            Verdict::Faster => write!(f, "{percent:.1} % faster"),
            Verdict::Slower => write!(f, "{percent:.1} % slower"),
            Verdict::Same => f.write_str("no change beyond noise"),
            Verdict::OneRun => f.write_str("cannot tell: one run"),
            Verdict::TooFew => f.write_str("cannot tell: too few samples"),
        }
    }
}
