//! What a reader must know beside the figures, each with what to do about it.

use super::{CellFigures, times};
use crate::export::millis;
use crate::results::{CellRecord, Environment, Results};
use crate::statistics::outliers;

/// Below this many samples an interval promises more than it can keep.
const FEW: usize = 5;
/// Below this many samples nobody can tell an outlier from a long tail.
const ENOUGH: usize = 10;
/// A median below this many times the tool's own share is mostly the tool.
const OVERHEAD_FACTOR: f64 = 20.0;

/// The remarks on a measurement.
#[must_use]
pub fn remarks(results: &Results, cells: &[CellFigures]) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(figures(results));
    remarks.extend(failures(results));
    remarks.extend(cells.iter().filter_map(too_much_memory));
    remarks.extend((0..cells.len()).filter_map(|cell| wild(results, cell)));
    remarks.extend(few(cells));
    remarks.extend(overhead(results, cells));
    remarks.extend(busy(&results.header.environment));
    remarks
}

fn name(CellRecord { target, event, memory_mb, start }: &CellRecord) -> String {
    format!("{target}, {event}, {memory_mb} MB, {start}")
}

/// What the figures are, once for each kind of target.
fn figures(results: &Results) -> Vec<String> {
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for target in &results.header.targets {
        match seen.iter_mut().find(|(figures, _)| *figures == target.figures) {
            Some((_, names)) => names.push(&target.name),
            None => seen.push((&target.figures, vec![&target.name])),
        }
    }
    seen.into_iter().map(|(figures, names)| format!("{}: {figures}.", names.join(", "))).collect()
}

fn failures(results: &Results) -> Vec<String> {
    let of = |index: usize| {
        let mut failures = results
            .samples
            .iter()
            .filter(|sample| sample.cell == index)
            .filter_map(|sample| sample.failure.as_ref());
        let first = failures.next()?;
        let count = 1 + failures.count();
        let cell = name(&results.header.cells[index]);
        Some(format!(
            "{count} failed ({cell}), and do not count; the first: {}: {}",
            first.kind, first.message
        ))
    };
    (0..results.header.cells.len()).filter_map(of).collect()
}

fn too_much_memory(figures: &CellFigures) -> Option<String> {
    let used = figures.max_memory_used_mb.filter(|used| *used > figures.cell.memory_mb)?;
    let cell = name(&figures.cell);
    Some(format!("{used} MB were used ({cell}): Lambda would have killed it; choose a larger --memory."))
}

fn wild(results: &Results, cell: usize) -> Option<String> {
    let times = times(results, cell);
    let count = if times.len() < ENOUGH { 0 } else { outliers(&times).len() };
    let name = name(&results.header.cells[cell]);
    (count > 0).then(|| {
        format!(
            "{count} of {} samples lie far from the others ({name}); end other programs, or take more with --runs.",
            times.len()
        )
    })
}

fn few(cells: &[CellFigures]) -> Option<String> {
    let least = cells.iter().map(|cell| cell.samples).min().filter(|least| *least < FEW)?;
    Some(format!(
        "A cell has {least} samples: intervals of fewer than {FEW} say little; 20 (--runs, --cold) make them sound."
    ))
}

fn overhead(results: &Results, cells: &[CellFigures]) -> Option<String> {
    let own = results.header.overhead?.duration_ms;
    let fastest = cells.iter().filter_map(|cell| cell.duration_ms.as_ref()).map(|it| it.median);
    let fastest = fastest.min_by(f64::total_cmp)?;
    (fastest < own * OVERHEAD_FACTOR).then(|| {
        format!(
            "A function that does nothing takes {} here; the shortest of these durations, {}, is not much more.",
            millis(own),
            millis(fastest)
        )
    })
}

fn busy(environment: &Environment) -> Option<String> {
    environment.is_busy().then(|| {
        format!(
            "The machine was busy when it began (load {:.1} on {} CPUs); trust ratios more than figures.",
            environment.load, environment.cpus
        )
    })
}
