//! The estimates of a comparison: between files, and within one file.

use super::verdict::{Change, Overall, Verdict};
use crate::analysis::{counted, times};
use crate::results::{CellRecord, Results, Sample};
use crate::statistics::{Sorted, holm_weighted, paired_shift, shift_between_runs};
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

/// The times of one cell in each file: before, and after.
pub(super) type Sides = (Vec<Vec<f64>>, Vec<Vec<f64>>);

/// The change of all cells together, by the mean of the logarithms of a file's medians.
///
/// Only cells with enough samples in every file count. `None` with fewer than two of them, or with one
/// file on a side.
pub(super) fn overall(cells: &[Sides], files: (usize, usize)) -> Option<Overall> {
    let is_whole =
        |side: &[Vec<f64>], count| side.len() == count && side.iter().all(|samples| samples.len() >= FEW);
    let whole: Vec<&Sides> = cells
        .iter()
        .filter(|(before, after)| is_whole(before, files.0) && is_whole(after, files.1))
        .collect();
    if whole.len() < 2 {
        return None;
    }
    let level = |side: &dyn Fn(&Sides) -> &Vec<Vec<f64>>, file: usize| {
        let medians = whole.iter().filter_map(|cell| median(&side(cell)[file]));
        medians.map(f64::ln).sum::<f64>() / whole.len() as f64
    };
    let before: Vec<f64> = (0..files.0).map(|file| level(&|cell| &cell.0, file)).collect();
    let after: Vec<f64> = (0..files.1).map(|file| level(&|cell| &cell.1, file)).collect();
    shift_between_runs(&before, &after).map(|shift| Overall::estimated(whole.len(), &shift))
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

/// Share of the chance of an error that the change of all cells together has, over that of all cells.
const OVERALL: f64 = 3.0;

/// Corrects the p-values for their number, and sets the verdicts. The change of all cells together has
/// three quarters of the chance of an error, the cells share the rest.
pub(super) fn judge(changes: &mut [Change], overall: Option<&mut Overall>, threshold: f64) {
    let tested: Vec<&mut Change> = changes.iter_mut().filter(|change| change.p_value.is_some()).collect();
    let (of_all, cells) = (overall.as_deref(), tested.len());
    let values: Vec<f64> = tested.iter().filter_map(|change| change.p_value).collect();
    let values = corrected(values, of_all.map(|overall| overall.p_value));
    let slower: Vec<f64> = tested.iter().filter_map(|change| change.p_slower).collect();
    let slower = corrected(slower, of_all.map(|overall| overall.p_slower));
    if let Some(overall) = overall {
        overall.judge(values[cells], slower[cells], threshold);
    }
    for (change, (p_value, p_slower)) in tested.into_iter().zip(values.into_iter().zip(slower)) {
        change.judge(p_value, p_slower, threshold);
    }
}

/// The p-values of the cells, and behind them that of all cells together, corrected for their number.
#[expect(clippy::cast_precision_loss, reason = "few cells")]
fn corrected(cells: Vec<f64>, overall: Option<f64>) -> Vec<f64> {
    let weight = OVERALL * cells.len() as f64;
    let cells = cells.into_iter().map(|p_value| (p_value, 1.0));
    holm_weighted(&cells.chain(overall.map(|p_value| (p_value, weight))).collect::<Vec<_>>())
}

fn medians(runs: &[Vec<f64>]) -> Vec<f64> {
    runs.iter().filter_map(|samples| median(samples)).collect()
}

fn median(samples: &[f64]) -> Option<f64> {
    Sorted::new(samples).map(|sorted| sorted.median())
}
