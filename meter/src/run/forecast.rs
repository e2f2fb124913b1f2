//! The invocations, the cost and the changes on AWS that a plan leads to.

use super::plan::Plan;
use crate::cost::invocation;
use crate::export::{Align, Table, usd};
use crate::matrix::{Goal, Start};
use crate::results::{CellRecord, Header};
use std::fmt::Write;

/// The header with the largest numbers of samples that `goal` may lead to.
pub(super) fn highest(header: &Header, goal: Option<Goal>) -> Header {
    let most = goal.map_or(0, |goal| goal.max_runs);
    let bound = |planned: u32| if planned == 0 { 0 } else { planned.max(most) };
    Header { runs: bound(header.runs), cold: bound(header.cold), ..header.clone() }
}

/// Upper bound on the cost of the invocations on AWS, at `assumed_ms` billed for each.
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

/// The plan as a table, with its cost on Lambda at `assumed_ms` billed for each invocation.
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
            "at most {all} invocations. On AWS, at {assumed_ms} ms billed for each (--assume MS),\nthey \
             cost {} USD",
            usd(on_aws)
        )
    } else {
        format!(
            "{all} invocations; on this machine they cost nothing. On Lambda, at {assumed_ms} ms billed \
             for each \
             (--assume MS),\nthey would cost {} USD",
            usd(total)
        )
    };
    let _ = writeln!(text, "\n{said} ({}).", header.prices.source);
    text
}

/// Temporary changes to functions on AWS, in sentences.
#[must_use]
pub fn changes(plan: &Plan) -> String {
    let mut text = String::new();
    for (target, source) in plan.matrix.targets.iter().zip(&plan.sources) {
        let Some(configured) = source.configured_mb() else { continue };
        let sizes: Vec<String> = target.memory.iter().map(|memory| format!("{memory} MB")).collect();
        let place = &source.record().place;
        let change = if target.memory == [configured] && plan.matrix.cold == 0 {
            "its configuration is not changed".to_owned()
        } else {
            format!(
                "its memory is set to {}, the variable LAMBDA_METER in its environment forces cold \
                 starts, and \
                 afterwards it has {configured} MB and its environment again",
                sizes.join(", ")
            )
        };
        let _ = writeln!(text, "{place}: {change}.");
    }
    text
}

/// Number of samples, and of invocations including the warm-up.
fn counts(header: &Header, cell: &CellRecord) -> (u32, u32) {
    match cell.start {
        Start::Cold => (header.cold, header.cold),
        Start::Warm => {
            let kind = kind(header, cell);
            let warmup = header.warmup.max(u32::from(kind != "endpoint"));
            // On AWS all cells share one function, so each sample may find a new sandbox.
            let again = if kind == "aws" && is_shared(header, cell) { header.runs } else { 0 };
            (header.runs, header.runs + warmup + again)
        }
    }
}

/// True when another cell of the same target needs another configuration.
fn is_shared(header: &Header, cell: &CellRecord) -> bool {
    let others = header.cells.iter().filter(|other| other.target == cell.target);
    others.into_iter().any(|other| other.memory_mb != cell.memory_mb || other.start == Start::Cold)
}
