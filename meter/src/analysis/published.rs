//! Published figures beside those measured here.

use super::CellFigures;
use crate::matrix::{Published, Start};
use crate::results::Results;
use serde::Serialize;

/// A published row and its counterpart measured here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedRow {
    /// The row as published.
    #[serde(flatten)]
    pub published: Published,
    /// Shortest and longest duration measured here, in seconds; of warm samples where there are some.
    pub our_duration_s: Option<(f64, f64)>,
    /// Shortest and longest init duration measured here, in milliseconds.
    pub our_init_ms: Option<(f64, f64)>,
    /// Median duration measured here over the middle of the published range.
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
