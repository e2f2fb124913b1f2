//! Remarks beside the figures, each with its remedy.

use super::{CellFigures, times};
use crate::export::millis;
use crate::listed::listed;
use crate::results::{CellRecord, Environment, Results, Sample, TargetRecord};
use crate::statistics::{Sorted, outliers};
use std::collections::HashSet;

/// Fewer samples than this give an interval that holds the median less often than 95 %.
const FEW: usize = 5;
/// Fewer samples than this cannot tell an outlier from a long tail.
const ENOUGH: usize = 10;
/// A median below this multiple of the tool's overhead is noticeably distorted by it.
const OVERHEAD_FACTOR: f64 = 20.0;

/// The remarks on a measurement.
#[must_use]
pub fn remarks(results: &Results, cells: &[CellFigures]) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(figures(results));
    remarks.extend(results.header.targets.iter().filter_map(|target| extensions(results, target)));
    remarks.extend(failures(results));
    remarks.extend(cells.iter().filter_map(too_much_memory));
    remarks.extend((0..cells.len()).filter_map(|cell| wild(results, cell)));
    remarks.extend(few(cells));
    remarks.extend(unscaled(results));
    remarks.extend(overhead(results, cells));
    remarks.extend(busy(&results.header.environment));
    remarks
}

fn name(CellRecord { target, event, memory_mb, start }: &CellRecord) -> String {
    format!("{target}, {event}, {memory_mb} MB, {start}")
}

/// The meaning of the figures, once for each kind of target.
fn figures(results: &Results) -> Vec<String> {
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for target in &results.header.targets {
        match seen.iter_mut().find(|(figures, _)| *figures == target.figures) {
            Some((_, names)) => names.push(&target.name),
            None => seen.push((&target.figures, vec![&target.name])),
        }
    }
    seen.into_iter()
        .map(|(figures, names)| format!("{}: {}.", listed(&names), figures.trim_end_matches('.')))
        .collect()
}

/// The extensions of a target, and the part of its durations in which only they worked.
fn extensions(results: &Results, target: &TargetRecord) -> Option<String> {
    let names: Vec<&str> = target.extensions.iter().map(|extension| extension.name.as_str()).collect();
    let is_its = |sample: &&Sample| {
        sample.failure.is_none() && results.header.cells[sample.cell].target == target.name
    };
    let overheads = results.samples.iter().filter(is_its).filter_map(|sample| sample.extension_overhead_ms);
    let overheads: Vec<f64> = overheads.collect();
    let worked = Sorted::new(&overheads).map_or_else(
        || "None received invocations".to_owned(),
        |sorted| {
            let (median, largest) = (millis(sorted.median()), millis(sorted.max()));
            format!(
                "After the response they worked for {median} (median; at most {largest}), which is billed"
            )
        },
    );
    let plural = if names.len() == 1 { "extension" } else { "extensions" };
    (!names.is_empty()).then(|| format!("{}: with the {plural} {}. {worked}.", target.name, listed(&names)))
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
            "{count} failed ({cell}) and do not count. The first failure: {}: {}",
            first.kind, first.message
        ))
    };
    (0..results.header.cells.len()).filter_map(of).collect()
}

fn too_much_memory(figures: &CellFigures) -> Option<String> {
    let used = figures.max_memory_used_mb.filter(|used| *used > figures.cell.memory_mb)?;
    let cell = name(&figures.cell);
    Some(format!("{cell}: used {used} MB; Lambda would have killed it. Choose a larger --memory."))
}

fn wild(results: &Results, cell: usize) -> Option<String> {
    let times = times(results, cell);
    let count = if times.len() < ENOUGH { 0 } else { outliers(&times).len() };
    let record = &results.header.cells[cell];
    let is_remote =
        results.header.targets.iter().any(|target| target.name == record.target && target.kind == "aws");
    // Nobody can close the other programs of Lambda's machines.
    let remedy = if is_remote {
        "The distribution has a long tail"
    } else {
        "Close other programs; if outliers stay, the distribution has a long tail"
    };
    (count > 0).then(|| {
        let (name, size) = (name(record), times.len());
        format!("{count} of {size} samples are outliers ({name}). {remedy}: read p95.")
    })
}

fn few(cells: &[CellFigures]) -> Option<String> {
    let least = cells.iter().map(|cell| cell.samples).min().filter(|least| *least < FEW)?;
    let noun = if least == 1 { "sample" } else { "samples" };
    Some(format!(
        "The smallest cell has {least} {noun}: an interval of fewer than {FEW} is unreliable. Take 20 \
         (--runs, --cold)."
    ))
}

/// Targets whose memory sizes cannot be compared.
fn unscaled(results: &Results) -> Option<String> {
    let sizes = |name: &str| {
        let own = results.header.cells.iter().filter(|cell| cell.target == name).map(|cell| cell.memory_mb);
        own.collect::<HashSet<u64>>().len()
    };
    let unscaled = results.header.targets.iter().filter(|target| !target.is_scaled());
    let names: Vec<&str> =
        unscaled.map(|target| target.name.as_str()).filter(|name| sizes(name) > 1).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{}: memory sizes are not compared, because figures are unscaled; see --limits.",
            listed(&names)
        )
    })
}

fn overhead(results: &Results, cells: &[CellFigures]) -> Option<String> {
    let own = results.header.overhead?.duration_ms;
    let fastest = cells.iter().filter_map(|cell| cell.duration_ms.as_ref()).map(|it| it.median);
    let fastest = fastest.min_by(f64::total_cmp)?;
    (fastest < own * OVERHEAD_FACTOR).then(|| {
        format!(
            "A function that does nothing takes {} here; the shortest of these durations, {}, is not \
             much more.",
            millis(own),
            millis(fastest)
        )
    })
}

fn busy(environment: &Environment) -> Option<String> {
    environment.is_busy().then(|| {
        format!(
            "The machine was busy at the start (load {:.1} on {} CPUs): ratios are more reliable than times.",
            environment.load, environment.cpus
        )
    })
}
