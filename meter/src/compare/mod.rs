//! `lambda-meter compare`: tells a change between measurements from noise.
//!
//! A file is one run. Runs differ by more than their samples show, since a machine drifts between
//! them, so the unit of a comparison between files is the run: the medians of at least two files on
//! each side are compared by a t-test. Within one file ([`compare_targets`], for `lambda-meter ab`)
//! the samples of one round are pairs, which share the drift. Both correct for the number of cells.

mod cells;
mod differences;
mod verdict;

pub use verdict::{Change, Overall, Verdict};

use crate::analysis::times;
use crate::error::Error;
use crate::export::{Align, Table, millis, plain_ratio};
use crate::results::{CellRecord, Results, load};
use crate::say::say;
use clap::Args;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

/// The options of `lambda-meter compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// One measurement before, and one after: prints both, but cannot tell a change from drift
    #[arg(value_name = "FILE", num_args = 2, required_unless_present = "before", conflicts_with = "before")]
    pub files: Vec<PathBuf>,

    /// Measurements before, at least two for a verdict
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "after")]
    pub before: Vec<PathBuf>,

    /// Measurements after, at least two for a verdict
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "before")]
    pub after: Vec<PathBuf>,

    /// Options of the verdict.
    #[command(flatten)]
    pub verdict: VerdictArgs,
}

/// Options of a verdict and its output.
#[derive(Debug, Clone, Args)]
pub struct VerdictArgs {
    /// Smallest change in percent that counts
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    pub threshold: f64,

    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,

    /// Exit with 1 when a cell, or all cells together, are slower by at least PERCENT [default: 5]
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, default_missing_value = "5")]
    pub fail_if_slower: Option<f64>,
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter compare --before old-1.json old-2.json old-3.json \\
    --after new-1.json new-2.json new-3.json --fail-if-slower 5
  lambda-meter compare before.json after.json

A cell is faster or slower when a t-test between the medians of the files finds
a change at 5 %, corrected for the number of cells (Holm), and the change reaches
--threshold. The row of all cells compares the files' means over their cells: a
change that all cells share shows with fewer files. --fail-if-slower asks in one
direction, which needs fewer files than a verdict: four or five a side. Cells are
matched by target, event, memory and start; with one target in each file its
name may differ.
`lambda-meter ab OLD NEW` needs only one run: it measures both binaries
interleaved.

Exit codes: 0 compared, 1 slower with --fail-if-slower, 2 usage, 3 tool error";

/// A comparison of all common cells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The change of each cell.
    pub changes: Vec<Change>,
    /// The change of all cells together, between several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall: Option<Overall>,
    /// Differences between the measurements beside the change, in sentences.
    pub remarks: Vec<String>,
}

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When a measurement cannot be read.
pub fn run(args: &CompareArgs) -> Result<u8, Error> {
    let (before, after) = match &args.files[..] {
        [before, after] => (std::slice::from_ref(before), std::slice::from_ref(after)),
        _ => (&args.before[..], &args.after[..]),
    };
    let read = |paths: &[PathBuf]| paths.iter().map(|path| load(path)).collect::<Result<Vec<_>, _>>();
    show(&compare(&read(before)?, &read(after)?, args.verdict.threshold), &args.verdict)
}

/// Prints a comparison and returns the exit code.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn show(comparison: &Comparison, args: &VerdictArgs) -> Result<u8, Error> {
    let text = if args.json { json(comparison) } else { text(comparison) };
    crate::export::to_stdout(&text)?;
    let Some(percent) = args.fail_if_slower else { return Ok(0) };
    let slower = comparison.slower_by(percent);
    for one in &slower {
        say(&format!("--fail-if-slower {percent}: {one}"));
    }
    Ok(u8::from(!slower.is_empty()))
}

impl Comparison {
    /// True when a cell, or all cells together, are slower by at least `percent`.
    #[must_use]
    pub fn is_slower_by(&self, percent: f64) -> bool {
        !self.slower_by(percent).is_empty()
    }

    /// Sentences on the cells, and on all cells together, that are slower by at least `percent`.
    fn slower_by(&self, percent: f64) -> Vec<String> {
        let says = |name: String, ratio: f64, p_slower: f64| {
            format!("{name}: {:.1} % slower (one-sided p = {p_slower:.3})", (ratio - 1.0) * 100.0)
        };
        let overall = self.overall.iter().filter(|overall| overall.is_slower_by(percent));
        let overall = overall.map(|all| says(format!("all {} cells", all.cells), all.ratio, all.p_slower));
        let changes = self.changes.iter().filter(|change| change.is_slower_by(percent));
        let changes =
            changes.filter_map(|change| Some(says(name(&change.cell), change.ratio, change.p_slower?)));
        overall.chain(changes).collect()
    }
}

/// Compares files before with files after; changes below `threshold` percent count as none.
#[must_use]
pub fn compare(before: &[Results], after: &[Results], threshold: f64) -> Comparison {
    let mut remarks = differences::differences(before, after);
    let single = before.iter().chain(after).all(|results| results.header.targets.len() == 1);
    let (mut changes, mut matched) = (Vec::new(), Vec::new());
    let Some(newest) = after.first() else { return Comparison { changes, overall: None, remarks } };
    for cell in &newest.header.cells {
        let (old, new) = (samples(before, cell, single), samples(after, cell, single));
        if old.is_empty() {
            remarks.push(format!("{} is new.", name(cell)));
            continue;
        }
        changes.extend(cells::between_runs(cell, &old, &new));
        matched.push((old, new));
    }
    let mut overall = cells::overall(&matched, (before.len(), after.len()));
    cells::judge(&mut changes, overall.as_mut(), threshold);
    let matched = matched.len();
    let old = before.first().map_or(0, |results| results.header.cells.len());
    if matched == 0 {
        remarks.push("No cell is in both: cells match by target, event, memory and start.".to_owned());
    } else if old > matched {
        remarks.push(format!("{} cells of the measurement before have no match.", old - matched));
    }
    if changes.iter().any(|change| change.verdict == Verdict::OneRun) {
        remarks.push(ONE_RUN.to_owned());
    }
    Comparison { changes, overall, remarks }
}

const ONE_RUN: &str = "One file on a side does not show the variance between runs: give several files to \
                       --before and --after, or measure both binaries in one run with \
                       `lambda-meter ab OLD NEW`.";

/// Compares two targets of one file, whose samples of one round are pairs.
#[must_use]
pub fn compare_targets(results: &Results, old: &str, new: &str, threshold: f64) -> Comparison {
    let cells = &results.header.cells;
    let mut changes = Vec::new();
    for (after, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.target == new) {
        let counterpart = CellRecord { target: old.to_owned(), ..cell.clone() };
        let before = cells.iter().position(|other| *other == counterpart);
        changes.extend(before.and_then(|before| cells::within_run(results, before, after)));
    }
    cells::judge(&mut changes, None, threshold);
    Comparison { changes, overall: None, remarks: Vec::new() }
}

/// The times of a cell in each file that has the cell.
fn samples(side: &[Results], cell: &CellRecord, single: bool) -> Vec<Vec<f64>> {
    let is_same = |other: &CellRecord| {
        let target = if single { &other.target } else { &cell.target };
        *other == CellRecord { target: target.clone(), ..cell.clone() }
    };
    let of = |results: &Results| Some(times(results, results.header.cells.iter().position(is_same)?));
    side.iter().filter_map(of).collect()
}

fn name(CellRecord { target, event, memory_mb, start }: &CellRecord) -> String {
    format!("{target}, {event}, {memory_mb} MB, {start}")
}

fn json(comparison: &Comparison) -> String {
    serde_json::to_string_pretty(comparison).expect("plain data has a JSON form") + "\n"
}

/// The comparison as a table, readable without colour.
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
            plain_ratio(change.ratio, change.interval.as_ref()),
            change.to_string(),
        ]);
    }
    if let Some(overall) = &comparison.overall {
        let mut row = vec![format!("all {} cells", overall.cells)];
        row.resize(6, String::new());
        row.push(plain_ratio(overall.ratio, Some(&overall.interval)));
        row.push(overall.to_string());
        table.row(row);
    }
    let mut out = if comparison.changes.is_empty() { String::new() } else { table.plain() + "\n" };
    for remark in &comparison.remarks {
        let _ = writeln!(out, "- {remark}");
    }
    out
}
