//! The message of a report: the fastest target, and the memory size to choose.

use super::super::short_number;
use super::svg::Escaped;
use crate::analysis::{Analysis, CellFigures};
use crate::matrix::Start;
use crate::results::Results;
use std::fmt::Write;

/// The headline as HTML: a sentence on the targets and on the memory sizes of each event.
pub(super) fn headline(results: &Results, analysis: &Analysis) -> String {
    let mut out = String::new();
    for event in &results.header.events {
        for sentence in [fastest(analysis, &event.name), memory(results, analysis, &event.name)] {
            let Some(sentence) = sentence else { continue };
            let _ = writeln!(out, "<p class=\"headline\">{}</p>", Escaped(&sentence));
        }
    }
    out
}

/// The fastest of several targets at the largest common memory size, if fastest beyond noise.
fn fastest(analysis: &Analysis, event: &str) -> Option<String> {
    let cells = || analysis.cells.iter().filter(|figures| figures.cell.event == event);
    let has_warm = cells().any(|figures| figures.cell.start == Start::Warm && figures.samples > 0);
    let start = if has_warm { Start::Warm } else { Start::Cold };
    let memory = cells().map(|figures| figures.cell.memory_mb).max()?;
    let mut rivals: Vec<(&CellFigures, f64)> = cells()
        .filter(|figures| figures.cell.start == start && figures.cell.memory_mb == memory)
        .filter_map(|figures| Some((figures, figures.time_ms.as_ref()?.median)))
        .collect();
    rivals.sort_by(|a, b| a.1.total_cmp(&b.1));
    let [(first, best), (second, next), ..] = rivals[..] else { return None };
    let place = format!("{event} at {memory} MB, {start}");
    let (high, low) = (first.time_ms.as_ref()?.interval.high, second.time_ms.as_ref()?.interval.low);
    if high >= low {
        return Some(format!("{place}: no target is fastest beyond noise."));
    }
    let times = short_number((next / best * 100.0).round() / 100.0);
    Some(format!(
        "{place}: {} is fastest; {} takes {times} times as long.",
        first.cell.target, second.cell.target
    ))
}

/// The memory sizes to choose for the baseline.
fn memory(results: &Results, analysis: &Analysis, event: &str) -> Option<String> {
    let is_meant = |target: &str, of: &str| target == results.header.baseline && of == event;
    let tuning = analysis.tunings.iter().find(|tuning| is_meant(&tuning.target, &tuning.event))?;
    Some(format!("{event}, memory of {}: {}.", tuning.target, tuning.choice()))
}
