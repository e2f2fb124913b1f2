//! What a measurement is about: its header, whether another one can continue it, and what it
//! would cost.

use super::source::Source;
use crate::cost::{Prices, invocation};
use crate::export::{Align, Table, usd};
use crate::matrix::{Cell, Matrix, Start};
use crate::results::{
    CellRecord, Environment, EventRecord, Header, Overhead, Results, ResultsError, SCHEMA, TargetRecord,
    sha256,
};
use std::fmt::Write;
use std::path::Path;

/// The header of a measurement of `matrix`.
#[must_use]
pub fn header(
    matrix: &Matrix,
    sources: &[Box<dyn Source>],
    prices: Prices,
    created: String,
    environment: Environment,
) -> Header {
    Header {
        schema: SCHEMA.to_owned(),
        tool: concat!("lambda-meter ", env!("CARGO_PKG_VERSION")).to_owned(),
        created,
        environment,
        overhead: None,
        prices,
        runs: matrix.runs,
        cold: matrix.cold,
        warmup: matrix.warmup,
        timeout_s: matrix.timeout.as_secs(),
        baseline: matrix.baseline.clone(),
        check: matrix.check,
        targets: sources.iter().map(|source| source.record().clone()).collect(),
        events: matrix.events.iter().map(event_record).collect(),
        cells: matrix.cells().iter().map(|cell| cell_record(matrix, cell)).collect(),
        published: matrix.published.clone(),
    }
}

fn event_record(event: &crate::matrix::EventPlan) -> EventRecord {
    EventRecord {
        name: event.name.clone(),
        size: event.bytes.len(),
        sha256: sha256(&event.bytes),
        expected: event.sha256.clone(),
    }
}

fn cell_record(matrix: &Matrix, cell: &Cell) -> CellRecord {
    CellRecord {
        target: matrix.targets[cell.target].name.clone(),
        event: matrix.events[cell.event].name.clone(),
        memory_mb: cell.memory,
        start: cell.start,
    }
}

/// The results of an earlier run under the header of this one, if it is about the same things.
///
/// The numbers of samples may differ: that is how more are taken.
///
/// # Errors
///
/// When a function, an event, a cell or the machine is another.
pub fn continued(
    path: &Path,
    earlier: Results,
    now: &Header,
    overhead: Option<Overhead>,
) -> Result<Results, ResultsError> {
    let then = &earlier.header;
    let identity = |target: &TargetRecord| (target.name.clone(), target.kind.clone(), target.sha256.clone());
    let functions = |header: &Header| header.targets.iter().map(identity).collect::<Vec<_>>();
    let figures = |header: &Header| header.targets.iter().map(|it| it.figures.clone()).collect::<Vec<_>>();
    let differences = [
        (functions(then) != functions(now), "a function is another, or was built anew"),
        (figures(then) != figures(now), "figures of one are scaled, of the other not; --limits decides"),
        (then.events != now.events, "the events are not the same"),
        (then.cells != now.cells, "the targets, memory sizes or kinds of starts are not the same"),
        (then.environment.cpu != now.environment.cpu, "it was made on another processor"),
        (then.check != now.check, "another part of the responses was compared"),
    ];
    if let Some((_, difference)) = differences.iter().find(|(differs, _)| *differs) {
        return Err(ResultsError::OtherPlan { path: path.to_owned(), difference: (*difference).to_owned() });
    }
    let Results { header: then, samples } = earlier;
    let header = Header {
        created: then.created,
        overhead: then.overhead.or(overhead),
        environment: then.environment,
        ..now.clone()
    };
    Ok(Results { header, samples })
}

/// The plan as a table, with what it would cost on Lambda at `assumed_ms` billed per invocation.
#[must_use]
pub fn describe(header: &Header, assumed_ms: f64) -> String {
    let mut table = Table::new(&[
        ("target", Align::Left),
        ("event", Align::Left),
        ("memory", Align::Right),
        ("start", Align::Left),
        ("samples", Align::Right),
        ("invocations", Align::Right),
        ("USD", Align::Right),
    ]);
    let (mut total, mut all) = (0.0, 0);
    for cell in &header.cells {
        let (samples, invocations) = counts(header, cell);
        let architecture = header.targets.iter().find(|target| target.name == cell.target);
        let cost = architecture.map_or(0.0, |target| {
            f64::from(invocations)
                * invocation(&header.prices, target.architecture, cell.memory_mb, assumed_ms)
        });
        total += cost;
        all += invocations;
        table.row(vec![
            cell.target.clone(),
            cell.event.clone(),
            format!("{} MB", cell.memory_mb),
            cell.start.to_string(),
            samples.to_string(),
            invocations.to_string(),
            usd(cost),
        ]);
    }
    let mut text = table.plain();
    let _ = write!(
        text,
        "\n{all} invocations; on this machine they cost nothing. On Lambda, at {assumed_ms} ms billed for each \
         (--assume MS),\nthey would cost {} USD ({}).\n",
        usd(total),
        header.prices.source
    );
    text
}

/// Samples, and the invocations that they take, warm-up included.
fn counts(header: &Header, cell: &CellRecord) -> (u32, u32) {
    match cell.start {
        Start::Cold => (header.cold, header.cold),
        Start::Warm => {
            let forced = header.targets.iter().any(|it| it.name == cell.target && it.kind == "binary");
            (header.runs, header.runs + header.warmup.max(u32::from(forced)))
        }
    }
}
