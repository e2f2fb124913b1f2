//! What a measurement is about: its header, whether another one can continue it, and what it
//! would cost.

use crate::cost::{Prices, invocation};
use crate::export::{Align, Table, usd};
use crate::matrix::{Cell, Matrix, Start};
use crate::results::{
    CellRecord, Environment, EventRecord, Header, Overhead, Results, ResultsError, SCHEMA, TargetRecord,
    sha256,
};
use crate::subject::Source;
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

/// What the invocations on AWS are expected to cost at most, at `assumed_ms` billed for each.
#[must_use]
pub fn expected_usd(header: &Header, assumed_ms: f64) -> f64 {
    let on_aws = header.cells.iter().filter(|cell| kind(header, cell) == "aws");
    on_aws.map(|cell| cell_usd(header, cell, assumed_ms)).sum()
}

fn cell_usd(header: &Header, cell: &CellRecord, assumed_ms: f64) -> f64 {
    let target = header.targets.iter().find(|target| target.name == cell.target);
    target.map_or(0.0, |target| {
        let (_, invocations) = counts(header, cell);
        f64::from(invocations) * invocation(&header.prices, target.architecture, cell.memory_mb, assumed_ms)
    })
}

fn kind<'a>(header: &'a Header, cell: &CellRecord) -> &'a str {
    let target = header.targets.iter().find(|target| target.name == cell.target);
    target.map_or("", |target| target.kind.as_str())
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
        let cost = cell_usd(header, cell, assumed_ms);
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
    let on_aws = expected_usd(header, assumed_ms);
    let said = if on_aws > 0.0 {
        format!(
            "at most {all} invocations. On AWS, at {assumed_ms} ms billed for each (--assume MS),\nthey cost {} USD",
            usd(on_aws)
        )
    } else {
        format!(
            "{all} invocations; on this machine they cost nothing. On Lambda, at {assumed_ms} ms billed for each \
             (--assume MS),\nthey would cost {} USD",
            usd(total)
        )
    };
    let _ = writeln!(text, "\n{said} ({}).", header.prices.source);
    text
}

/// What is changed on AWS for the time of the measurement, in sentences.
#[must_use]
pub fn changes(matrix: &Matrix, sources: &[Box<dyn Source>]) -> String {
    let mut text = String::new();
    for (plan, source) in matrix.targets.iter().zip(sources) {
        let Some(configured) = source.configured_mb() else { continue };
        let sizes: Vec<String> = plan.memory.iter().map(|memory| format!("{memory} MB")).collect();
        let place = &source.record().place;
        let change = if plan.memory == [configured] && matrix.cold == 0 {
            "its configuration is not changed".to_owned()
        } else {
            format!(
                "its memory is set to {}, the variable LAMBDA_METER in its environment forces cold starts, and \
                 afterwards it has {configured} MB and its environment again",
                sizes.join(", ")
            )
        };
        let _ = writeln!(text, "{place}: {change}.");
    }
    text
}

/// Samples, and the invocations that they take, warm-up included.
fn counts(header: &Header, cell: &CellRecord) -> (u32, u32) {
    match cell.start {
        Start::Cold => (header.cold, header.cold),
        Start::Warm => {
            let kind = kind(header, cell);
            let warmup = header.warmup.max(u32::from(kind != "endpoint"));
            // On AWS one function is all cells in turn: its sandbox may be gone each time.
            let again = if kind == "aws" && is_shared(header, cell) { header.runs } else { 0 };
            (header.runs, header.runs + warmup + again)
        }
    }
}

/// Whether another cell of the same target needs another configuration.
fn is_shared(header: &Header, cell: &CellRecord) -> bool {
    let others = header.cells.iter().filter(|other| other.target == cell.target);
    others.into_iter().any(|other| other.memory_mb != cell.memory_mb || other.start == Start::Cold)
}
