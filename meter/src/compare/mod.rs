//! `lambda-meter compare`: tells a change between measurements from noise.

mod verdict;

pub use verdict::{Change, Verdict, change};

use crate::analysis::times;
use crate::error::Error;
use crate::export::{Align, Table, millis, ratio};
use crate::results::{CellRecord, Header, Results, load};
use crate::statistics::Sorted;
use clap::Args;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

/// The options of `lambda-meter compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// The measurement before
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,

    /// The measurement after
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,

    /// Changes below this many per cent count as none
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    pub threshold: f64,

    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,

    /// Exit with 1 when a cell is slower
    #[arg(long)]
    pub fail_if_slower: bool,
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter compare before.json after.json
  lambda-meter compare main.json branch.json --threshold 3 --fail-if-slower

A cell is faster or slower when the 95 % interval of the ratio of its medians
leaves out 1 and the change reaches --threshold. Cells are matched by target,
event, memory and start; with one target in each file its name may differ.

Exit codes: 0 compared, 1 slower with --fail-if-slower, 2 usage, 3 tool error";

/// A comparison of all cells that both measurements have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What changed, cell by cell.
    pub changes: Vec<Change>,
    /// What else is different between the two, in sentences.
    pub remarks: Vec<String>,
}

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When one of the measurements cannot be read.
pub fn run(args: &CompareArgs) -> Result<u8, Error> {
    let comparison = compare(&load(&args.before)?, &load(&args.after)?, args.threshold);
    let text = if args.json { json(&comparison) } else { text(&comparison) };
    crate::export::to_stdout(&text)?;
    let is_slower = comparison.changes.iter().any(|change| change.verdict == Verdict::Slower);
    Ok(u8::from(args.fail_if_slower && is_slower))
}

/// Compares two measurements; changes below `threshold` per cent count as none.
#[must_use]
pub fn compare(before: &Results, after: &Results, threshold: f64) -> Comparison {
    let single = before.header.targets.len() == 1 && after.header.targets.len() == 1;
    let mut remarks = differences(&before.header, &after.header);
    let mut changes = Vec::new();
    for (index, cell) in after.header.cells.iter().enumerate() {
        let is_same = |other: &CellRecord| {
            let target = if single { &other.target } else { &cell.target };
            *other == CellRecord { target: target.clone(), ..cell.clone() }
        };
        let Some(earlier) = before.header.cells.iter().position(is_same) else {
            remarks.push(format!(
                "{}, {}, {} MB, {} is new.",
                cell.target, cell.event, cell.memory_mb, cell.start
            ));
            continue;
        };
        changes.extend(change(cell, &times(before, earlier), &times(after, index), threshold));
    }
    let matched = changes.len();
    let (old, new) = (before.header.cells.len(), after.header.cells.len());
    if matched == 0 {
        remarks.push(format!(
            "No cell is in both ({old} before, {new} after): they are matched by target, event, memory \
             and start."
        ));
    } else if old > matched {
        remarks.push(format!("{} cells of the measurement before have no match.", old - matched));
    }
    Comparison { changes, remarks }
}

/// What makes two measurements incomparable, or explains a change.
fn differences(before: &Header, after: &Header) -> Vec<String> {
    let (then, now) = (&before.environment, &after.environment);
    let pairs = [
        ("processors", &then.cpu, &now.cpu),
        ("kernels", &then.kernel, &now.kernel),
        ("versions of the tool", &before.tool, &after.tool),
    ];
    let differing = pairs.iter().filter(|(_, then, now)| then != now);
    let mut remarks: Vec<String> = differing
        .map(|(what, then, now)| format!("The {what} differ: {then} before, {now} after."))
        .collect();
    for event in &after.events {
        let other = before.events.iter().find(|other| other.name == event.name);
        if other.is_some_and(|other| other.sha256 != event.sha256) {
            remarks.push(format!("The event {} is not the same in both.", event.name));
        }
    }
    for target in after.targets.iter().filter(|target| target.sha256.is_some()) {
        let other = before.targets.iter().find(|other| other.name == target.name);
        if other.is_some_and(|other| other.sha256 == target.sha256) {
            remarks.push(format!("{} is the same binary in both.", target.name));
        }
    }
    for (when, environment) in [("before", then), ("after", now)] {
        if environment.is_busy() {
            remarks.push(format!("The machine was busy {when} (load {:.1}).", environment.load));
        }
    }
    remarks
}

fn json(comparison: &Comparison) -> String {
    serde_json::to_string_pretty(comparison).expect("plain data has a JSON form") + "\n"
}

/// The comparison as a table that reads without colour.
#[must_use]
pub fn text(comparison: &Comparison) -> String {
    let mut table = Table::new(&[
        ("target", Align::Left),
        ("event", Align::Left),
        ("memory", Align::Right),
        ("start", Align::Left),
        ("before", Align::Right),
        ("after", Align::Right),
        ("after/before", Align::Right),
        ("", Align::Left),
    ]);
    for change in &comparison.changes {
        let CellRecord { target, event, memory_mb, start } = &change.cell;
        table.row(vec![
            target.clone(),
            event.clone(),
            format!("{memory_mb} MB"),
            start.to_string(),
            millis(change.before_ms),
            millis(change.after_ms),
            ratio(&change.ratio),
            change.to_string(),
        ]);
    }
    let mut out = if comparison.changes.is_empty() { String::new() } else { table.plain() + "\n" };
    for remark in &comparison.remarks {
        let _ = writeln!(out, "- {remark}");
    }
    out
}

fn median(samples: &[f64]) -> Option<f64> {
    Sorted::new(samples).map(|sorted| sorted.median())
}
