//! The estimates of a comparison: between files, and within one file.

use super::verdict::{Change, Verdict};
use crate::analysis::{counted, times};
use crate::results::{CellRecord, Results, Sample};
use crate::statistics::{Sorted, holm, paired_shift, shift_between_runs};
use std::collections::HashMap;

/// Fewest samples of a cell in a file.
const FEW: usize = 5;
/// Fewest pairs of samples: the smallest possible p-value of five pairs is 6 %.
const FEW_PAIRS: usize = 6;

/// The change of a cell between files, each of which is one run.
///
/// `None` when a side has no sample.
pub(super) fn between_runs(cell: &CellRecord, before: &[Vec<f64>], after: &[Vec<f64>]) -> Option<Change> {
    let (old, new) = (medians(before), medians(after));
    let typical = (median(&old)?, median(&new)?);
    let few = before.iter().chain(after).any(|samples| samples.len() < FEW);
    let logs = |medians: &[f64]| medians.iter().map(|median| median.ln()).collect::<Vec<f64>>();
    Some(match shift_between_runs(&logs(&old), &logs(&new)) {
        _ if few => Change::unknown(cell, typical, Verdict::TooFew),
        None => Change::unknown(cell, typical, Verdict::OneRun),
        Some(shift) => Change::estimated(cell, typical, &shift),
    })
}

/// The change from one cell to another of the same file, by pairs of samples of one round.
///
/// `None` when there is no pair.
pub(super) fn within_run(results: &Results, before: usize, after: usize) -> Option<Change> {
    let of = |cell| counted(results, cell).map(|sample| (sample.round, Sample::time_ms(sample)));
    let old: HashMap<u32, f64> = of(before).collect();
    let pairs: Vec<(f64, f64)> =
        of(after).filter_map(|(round, new)| Some((*old.get(&round)?, new))).collect();
    let differences: Vec<f64> = pairs.iter().map(|(old, new)| (new / old).ln()).collect();
    let typical = (median(&times(results, before))?, median(&times(results, after))?);
    let cell = &results.header.cells[after];
    let shift = paired_shift(&differences)?;
    Some(if pairs.len() < FEW_PAIRS {
        Change::unknown(cell, typical, Verdict::TooFew)
    } else {
        Change::estimated(cell, typical, &shift)
    })
}

/// Corrects the p-values for the number of cells, and sets the verdicts.
pub(super) fn judge(changes: &mut [Change], threshold: f64) {
    let tested: Vec<&mut Change> = changes.iter_mut().filter(|change| change.p_value.is_some()).collect();
    let adjusted = holm(&tested.iter().filter_map(|change| change.p_value).collect::<Vec<f64>>());
    for (change, p_value) in tested.into_iter().zip(adjusted) {
        change.judge(p_value, threshold);
    }
}

fn medians(runs: &[Vec<f64>]) -> Vec<f64> {
    runs.iter().filter_map(|samples| median(samples)).collect()
}

fn median(samples: &[f64]) -> Option<f64> {
    Sorted::new(samples).map(|sorted| sorted.median())
}
