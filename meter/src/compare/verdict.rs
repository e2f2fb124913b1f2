//! The change of one cell, and its verdict.

use crate::results::CellRecord;
use crate::statistics::{Interval, Shift};
use serde::Serialize;
use std::fmt;

/// Chance of any false "faster" or "slower" among all cells of a comparison; and, apart from that, of a
/// false alarm of `--fail-if-slower`, which asks in one direction only.
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

/// The change of all cells together: the geometric mean of the cells' changes.
///
/// A run's figure is the mean over its cells, in which the noise of single cells cancels, so a change
/// that all cells share is found with fewer files than the change of one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overall {
    /// Number of cells with enough samples in every file.
    pub cells: usize,
    /// Time after over time before.
    pub ratio: f64,
    /// 95 % confidence interval of the ratio.
    pub interval: Interval,
    /// p-value of "no change", corrected together with those of the cells.
    pub p_value: f64,
    /// One-sided p-value of "not slower", corrected together with those of the cells.
    pub p_slower: f64,
    /// The verdict.
    pub verdict: Verdict,
}

impl Overall {
    /// A change by the shift of the logarithm of the time; `judge` follows.
    pub(super) fn estimated(cells: usize, shift: &Shift) -> Self {
        Self {
            cells,
            ratio: shift.value.exp(),
            interval: Interval { low: shift.interval.low.exp(), high: shift.interval.high.exp() },
            p_value: shift.p_value,
            p_slower: shift.p_above(),
            verdict: Verdict::Same,
        }
    }

    /// Sets the corrected p-values and the verdict; `threshold` is in percent.
    pub(super) fn judge(&mut self, p_value: f64, p_slower: f64, threshold: f64) {
        (self.p_value, self.p_slower) = (p_value, p_slower);
        self.verdict = Verdict::of(self.ratio, p_value, threshold);
    }

    /// True when all cells together are slower by at least `percent`, beyond noise.
    #[must_use]
    pub fn is_slower_by(&self, percent: f64) -> bool {
        is_slower_by(percent, self.ratio, self.p_slower)
    }
}

/// True for a ratio of at least `percent` above 1 with this one-sided p-value.
fn is_slower_by(percent: f64, ratio: f64, p_slower: f64) -> bool {
    p_slower < ALPHA && (ratio - 1.0) * 100.0 >= percent
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
    /// One-sided p-value of "not slower", corrected for the number of cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_slower: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Change {
    /// A change without a verdict, for the reason in `verdict`.
    pub(super) fn unknown(cell: &CellRecord, (before_ms, after_ms): (f64, f64), verdict: Verdict) -> Self {
        let ratio = after_ms / before_ms;
        let (interval, p_value, p_slower) = (None, None, None);
        Self { cell: cell.clone(), before_ms, after_ms, ratio, interval, p_value, p_slower, verdict }
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
            p_slower: Some(shift.p_above()),
            verdict: Verdict::Same,
        }
    }

    /// Sets the corrected p-values and the verdict; `threshold` is in percent.
    pub(super) fn judge(&mut self, p_value: f64, p_slower: f64, threshold: f64) {
        (self.p_value, self.p_slower) = (Some(p_value), Some(p_slower));
        self.verdict = Verdict::of(self.ratio, p_value, threshold);
    }

    /// True when the cell is slower by at least `percent`, beyond noise.
    #[must_use]
    pub fn is_slower_by(&self, percent: f64) -> bool {
        self.p_slower.is_some_and(|p_slower| is_slower_by(percent, self.ratio, p_slower))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdict.words(self.ratio))
    }
}

impl fmt::Display for Overall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdict.words(self.ratio))
    }
}

impl Verdict {
    /// The verdict on a ratio with this corrected p-value; `threshold` is in percent.
    fn of(ratio: f64, p_value: f64, threshold: f64) -> Self {
        let is_noise = p_value >= ALPHA || (ratio - 1.0).abs() * 100.0 < threshold;
        match ratio {
            _ if is_noise => Self::Same,
            ..1.0 => Self::Faster,
            _ => Self::Slower,
        }
    }

    fn words(self, ratio: f64) -> String {
        let percent = (ratio - 1.0).abs() * 100.0;
        match self {
            Self::Faster => format!("{percent:.1} % faster"),
            Self::Slower => format!("{percent:.1} % slower"),
            Self::Same => "no change beyond noise".to_owned(),
            Self::OneRun => "cannot tell: one run".to_owned(),
            Self::TooFew => "cannot tell: too few samples".to_owned(),
        }
    }
}
