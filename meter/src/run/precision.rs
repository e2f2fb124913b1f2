//! The precision of a measurement in sentences.

use crate::matrix::{Goal, Limit};
use crate::results::Results;
use std::fmt::Write;

/// The condition under which a planned measurement ends early.
pub(super) fn planned(goal: &Goal) -> String {
    format!(
        "Counts are the highest: sampling ends as soon as the 95 % interval of every median is \
         within ± {} %\n\
         (--precision), or {} s have passed (--max-time).",
        goal.percent,
        goal.max_time.as_secs()
    )
}

/// The limit that ended a measurement, its option, and the cells that stay wide.
pub(super) fn limited(goal: &Goal, limit: Limit, results: &Results) -> String {
    let mut text = match limit {
        Limit::Runs => format!("stopped at --max-runs {}", goal.max_runs),
        Limit::Time => format!("stopped at --max-time {} s", goal.max_time.as_secs()),
    };
    let _ =
        write!(text, "; the 95 % interval of a median is wider than ± {} % (--precision) in:", goal.percent);
    let cells = &results.header.cells;
    for (index, percent) in goal.wide(cells.len(), &results.samples) {
        let cell = &cells[index];
        let (target, event, memory, start) = (&cell.target, &cell.event, cell.memory_mb, cell.start);
        let width = match percent.is_finite() {
            true => format!("± {percent:.1} %"),
            false => "too few successful samples".to_owned(),
        };
        let _ = write!(text, "\n  {target}, {event}, {memory} MB, {start}: {width}");
    }
    text
}
