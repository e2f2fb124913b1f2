//! One cell before and after.

use super::median;
use crate::results::CellRecord;
use crate::statistics::Ratio;
use serde::Serialize;
use std::fmt;

/// Below this many samples on either side, no verdict is worth its name.
const FEW: usize = 5;

/// What a comparison of two series comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Less time, beyond noise and threshold.
    Faster,
    /// More time, beyond noise and threshold.
    Slower,
    /// The interval holds 1, or the change is below the threshold.
    Same,
    /// Too few samples.
    Unclear,
}

/// What changed in one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Which combination.
    #[serde(flatten)]
    pub cell: CellRecord,
    /// Median init + duration before, in milliseconds.
    pub before_ms: f64,
    /// The same after.
    pub after_ms: f64,
    /// After over before.
    pub ratio: Ratio,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What changed from `before` to `after`; `None` when one of them is empty.
#[must_use]
pub fn change(cell: &CellRecord, before: &[f64], after: &[f64], threshold: f64) -> Option<Change> {
    let ratio = Ratio::of(after, before)?;
    let is_noise = ratio.interval.contains(1.0) || (ratio.value - 1.0).abs() * 100.0 < threshold;
    let verdict = match ratio.value {
        _ if before.len() < FEW || after.len() < FEW => Verdict::Unclear,
        _ if is_noise => Verdict::Same,
        ..1.0 => Verdict::Faster,
        _ => Verdict::Slower,
    };
    let (before_ms, after_ms) = (median(before)?, median(after)?);
    Some(Change { cell: cell.clone(), before_ms, after_ms, ratio, verdict })
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.ratio.value - 1.0).abs() * 100.0;
        match self.verdict {
            Verdict::Faster => write!(f, "{percent:.1} % faster"),
            Verdict::Slower => write!(f, "{percent:.1} % slower"),
            Verdict::Same => f.write_str("no change beyond noise"),
            Verdict::Unclear => write!(f, "unclear: fewer than {FEW} samples"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Start;

    fn verdict(before: &[f64], after: &[f64]) -> String {
        let cell =
            CellRecord { target: "t".to_owned(), event: "e".to_owned(), memory_mb: 128, start: Start::Warm };
        change(&cell, before, after, 1.0).unwrap().to_string()
    }

    fn series(centre: f64) -> Vec<f64> {
        [-0.02, -0.01, 0.0, 0.01, 0.02].iter().map(|share| centre * (1.0 + share)).collect()
    }

    #[test]
    fn beyond_noise_in_both_directions() {
        assert_eq!(verdict(&series(100.0), &series(80.0)), "20.0 % faster");
        assert_eq!(verdict(&series(100.0), &series(150.0)), "50.0 % slower");
    }

    #[test]
    fn noise_is_not_a_change() {
        assert_eq!(verdict(&series(100.0), &series(101.5)), "no change beyond noise");
        assert_eq!(verdict(&[100.0; 5], &[100.5; 5]), "no change beyond noise", "below the threshold");
    }

    #[test]
    fn four_samples_decide_nothing() {
        assert_eq!(verdict(&[1.0; 4], &[9.0; 20]), "unclear: fewer than 5 samples");
    }
}
