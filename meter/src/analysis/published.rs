//! Figures that others published, beside ours.

use super::CellFigures;
use crate::matrix::{Published, Start};
use crate::results::Results;
use serde::Serialize;

/// A published row, and what was measured here for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedRow {
    /// What was published.
    #[serde(flatten)]
    pub published: Published,
    /// Our durations in seconds, from the fastest to the slowest; warm ones where there are some.
    pub our_duration_s: Option<(f64, f64)>,
    /// Our init durations in milliseconds, from the shortest to the longest.
    pub our_init_ms: Option<(f64, f64)>,
    /// Our median duration over the middle of the published range.
    pub ratio: Option<f64>,
}

/// All published rows of a measurement.
#[must_use]
pub fn published(results: &Results, cells: &[CellFigures]) -> Vec<PublishedRow> {
    results.header.published.iter().map(|published| row(published, cells)).collect()
}

fn row(published: &Published, cells: &[CellFigures]) -> PublishedRow {
    let of = |start| {
        cells.iter().find(|figures| {
            Some(&figures.cell.target) == published.target.as_ref()
                && figures.cell.memory_mb == published.memory
                && figures.cell.start == start
                && figures.samples > 0
        })
    };
    let (warm, cold) = (of(Start::Warm), of(Start::Cold));
    let duration = warm.or(cold).and_then(|figures| figures.duration_ms.as_ref());
    let init = cold.and_then(|figures| figures.init_duration_ms.as_ref());
    let theirs = published.duration_s.map(|(low, high)| f64::midpoint(low, high));
    PublishedRow {
        published: published.clone(),
        our_duration_s: duration.map(|summary| (summary.min / 1e3, summary.max / 1e3)),
        our_init_ms: init.map(|summary| (summary.min, summary.max)),
        ratio: duration.zip(theirs).map(|(summary, theirs)| summary.median / 1e3 / theirs),
    }
}
