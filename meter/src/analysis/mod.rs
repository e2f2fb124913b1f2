//! From samples to figures: a summary for each cell, ratios, costs, and remarks for the reader.

mod published;
mod remarks;

pub use published::{PublishedRow, published};
pub use remarks::remarks;

use crate::cost::{self, MILLION, Point, Prices, Tuning, tune};
use crate::matrix::Start;
use crate::results::{CellRecord, Results, Sample, TargetRecord};
use crate::statistics::{Interval, Ratio, Sorted, Summary};
use serde::Serialize;

/// The figures of a measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// The figures of each cell, in the order of the plan.
    pub cells: Vec<CellFigures>,
    /// The curves over memory of scaled targets with several sizes.
    pub tunings: Vec<Tuning>,
    /// Published figures beside those measured here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<PublishedRow>,
    /// Remarks for the reader, in sentences.
    pub remarks: Vec<String>,
}

/// The figures of one cell. A failed sample is only counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellFigures {
    /// The combination.
    #[serde(flatten)]
    pub cell: CellRecord,
    /// Number of samples that succeeded.
    pub samples: usize,
    /// Number of samples that failed.
    pub failures: usize,
    /// Init and duration together, in milliseconds.
    pub time_ms: Option<Summary>,
    /// Time from the event's delivery to the complete response, in milliseconds.
    pub duration_ms: Option<Summary>,
    /// Init duration of a cold start, in milliseconds.
    pub init_duration_ms: Option<Summary>,
    /// Billed duration, in milliseconds.
    pub billed_duration_ms: Option<Summary>,
    /// Largest memory use of all samples, in MB.
    pub max_memory_used_mb: Option<u64>,
    /// USD for one invocation with the median billed duration.
    pub usd_per_invocation: Option<f64>,
    /// USD for a million such invocations.
    pub usd_per_million: Option<f64>,
    /// Ratio to the baseline's cell with the same event, memory and start.
    pub ratio: Option<Ratio>,
}

impl Analysis {
    /// The figures of `results` at these prices.
    #[must_use]
    pub fn of(results: &Results, prices: &Prices) -> Self {
        let cells: Vec<CellFigures> =
            (0..results.header.cells.len()).map(|index| figures(results, prices, index)).collect();
        Self {
            tunings: tunings(results, &cells),
            published: published(results, &cells),
            remarks: remarks(results, &cells),
            cells,
        }
    }
}

/// The samples of a cell that succeeded.
pub fn counted(results: &Results, cell: usize) -> impl Iterator<Item = &Sample> {
    results.samples.iter().filter(move |sample| sample.cell == cell && sample.failure.is_none())
}

/// Init and duration together of each successful sample of a cell, in milliseconds.
#[must_use]
pub fn times(results: &Results, cell: usize) -> Vec<f64> {
    counted(results, cell).map(Sample::time_ms).collect()
}

fn figures(results: &Results, prices: &Prices, index: usize) -> CellFigures {
    let cell = &results.header.cells[index];
    let series = |value: fn(&Sample) -> Option<f64>| -> Vec<f64> {
        counted(results, index).filter_map(value).collect()
    };
    let billed = series(|sample| Some(sample.billed_duration_ms));
    let usd = usd_per_invocation(results, prices, cell, &billed);
    let all = results.samples.iter().filter(|sample| sample.cell == index).count();
    CellFigures {
        cell: cell.clone(),
        samples: billed.len(),
        failures: all - billed.len(),
        time_ms: Summary::of(&times(results, index)),
        duration_ms: Summary::of(&series(|sample| Some(sample.duration_ms))),
        init_duration_ms: Summary::of(&series(|sample| sample.init_duration_ms)),
        billed_duration_ms: Summary::of(&billed),
        max_memory_used_mb: counted(results, index)
            .map(|sample| sample.max_memory_used_mb)
            .max()
            .filter(|memory| *memory > 0),
        usd_per_invocation: usd,
        usd_per_million: usd.map(|usd| usd * MILLION),
        ratio: ratio(results, index),
    }
}

fn usd_per_invocation(results: &Results, prices: &Prices, cell: &CellRecord, billed: &[f64]) -> Option<f64> {
    let target = results.header.targets.iter().find(|target| target.name == cell.target)?;
    let median = Sorted::new(billed)?.median();
    Some(cost::invocation(prices, target.architecture, cell.memory_mb, median))
}

/// The ratio to the baseline's cell; the baseline itself has no ratio.
fn ratio(results: &Results, index: usize) -> Option<Ratio> {
    let cell = &results.header.cells[index];
    let baseline = CellRecord { target: results.header.baseline.clone(), ..cell.clone() };
    let other = results.header.cells.iter().position(|cell| *cell == baseline)?;
    if other == index {
        return None;
    }
    Ratio::of(&times(results, index), &times(results, other))
}

/// One curve for each target and event: over its warm cells, or over its cold cells without warm ones.
fn tunings(results: &Results, cells: &[CellFigures]) -> Vec<Tuning> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let target = |name: &str| results.header.targets.iter().find(|target| target.name == name);
    let is_scaled =
        |figures: &&CellFigures| target(&figures.cell.target).is_some_and(TargetRecord::is_scaled);
    for CellFigures { cell, .. } in cells.iter().filter(is_scaled) {
        let pair = (cell.target.as_str(), cell.event.as_str());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let curve = |target: &str, event: &str, start: Start| {
        let is_meant =
            |cell: &CellRecord| cell.target == target && cell.event == event && cell.start == start;
        let is_meant = |figures: &&CellFigures| is_meant(&figures.cell);
        let points = cells.iter().filter(is_meant).filter_map(|figures| point(results, figures));
        tune(target, event, points.collect())
    };
    pairs
        .into_iter()
        .filter_map(|(target, event)| {
            curve(target, event, Start::Warm).or_else(|| curve(target, event, Start::Cold))
        })
        .collect()
}

fn point(results: &Results, figures: &CellFigures) -> Option<Point> {
    let target = results.header.targets.iter().find(|target| target.name == figures.cell.target)?;
    let (prices, memory_mb) = (&results.header.prices, figures.cell.memory_mb);
    let usd = |billed| MILLION * cost::invocation(prices, target.architecture, memory_mb, billed);
    let (time, billed) = (figures.time_ms.as_ref()?, figures.billed_duration_ms.as_ref()?.interval);
    Some(Point {
        memory_mb,
        time_ms: time.median,
        time_interval: time.interval,
        usd_per_million: figures.usd_per_million?,
        usd_interval: Interval { low: usd(billed.low), high: usd(billed.high) },
    })
}
