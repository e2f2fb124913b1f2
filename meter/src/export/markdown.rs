//! The tables as Markdown, for a README or an issue.

use super::terminal::{origin, published_table, tuning_table};
use super::{Table, main_table};
use crate::analysis::Analysis;
use crate::results::Results;
use std::fmt::Write;

/// All figures as Markdown.
#[must_use]
pub fn markdown(results: &Results, analysis: &Analysis) -> String {
    let mut out = String::new();
    for event in &results.header.events {
        let rows: Vec<_> = analysis.cells.iter().filter(|figures| figures.cell.event == event.name).collect();
        section(&mut out, &event.name, &main_table(&rows));
    }
    for tuning in &analysis.tunings {
        section(&mut out, &format!("Memory: {}, {}", tuning.target, tuning.event), &tuning_table(tuning));
    }
    if !analysis.published.is_empty() {
        section(&mut out, "Published, and measured here", &published_table(&analysis.published));
    }
    for remark in &analysis.remarks {
        let _ = writeln!(out, "- {remark}");
    }
    let _ = writeln!(out, "- {}", origin(results));
    out
}

fn section(out: &mut String, title: &str, table: &Table) {
    let _ = write!(out, "### {title}\n\n{}\n", table.markdown());
}
