//! The exports: terminal, Markdown, HTML, CSV and JSON.

mod args;
mod csv;
mod format;
mod html;
mod json;
mod markdown;
mod table;
mod terminal;

pub(crate) use args::to_stdout;
pub use args::{ExportArgs, write};
pub use csv::csv;
pub use format::{interval, millis, plain_number, plain_ratio, ratio, short_number, usd};
pub use html::{Escaped, html};
pub use json::json;
pub use markdown::markdown;
pub use table::{Align, Table};
pub use terminal::{Paint, terminal};
pub(crate) use terminal::{origin, published_table};

use crate::analysis::CellFigures;

/// The main table of every tabular export.
#[must_use]
pub(crate) fn main_table(cells: &[&CellFigures]) -> Table {
    let mut table = Table::new(&[
        ("target", Align::Left),
        ("memory", Align::Right),
        ("start", Align::Left),
        ("n", Align::Right),
        ("init", Align::Right),
        ("duration", Align::Right),
        ("time ± MAD", Align::Right),
        ("95 % interval", Align::Right),
        ("p95", Align::Right),
        ("p99", Align::Right),
        ("used", Align::Right),
        ("USD/million", Align::Right),
        ("ratio", Align::Right),
    ]);
    cells.iter().for_each(|figures| table.row(main_row(figures)));
    table.without_empty_columns()
}

fn main_row(figures: &CellFigures) -> Vec<String> {
    let time = figures.time_ms.as_ref();
    // Without init, time and duration are equal.
    let duration = figures.init_duration_ms.as_ref().and(figures.duration_ms.as_ref());
    // A percentile needs samples beyond it: 20 for p95, 100 for p99.
    let tail = |least: usize, value: fn(&crate::statistics::Summary) -> f64| {
        time.filter(|summary| summary.count >= least).map_or_else(String::new, |it| millis(value(it)))
    };
    let failed = if figures.failures > 0 { format!(" + {} failed", figures.failures) } else { String::new() };
    vec![
        figures.cell.target.clone(),
        format!("{} MB", figures.cell.memory_mb),
        figures.cell.start.to_string(),
        format!("{}{failed}", figures.samples),
        figures.init_duration_ms.as_ref().map_or_else(String::new, |init| millis(init.median)),
        duration.map_or_else(String::new, |duration| millis(duration.median)),
        time.map_or_else(String::new, |it| format!("{} ± {}", millis(it.median), millis(it.mad))),
        time.map_or_else(String::new, |it| interval(&it.interval)),
        tail(20, |summary| summary.p95),
        tail(100, |summary| summary.p99),
        figures.max_memory_used_mb.map_or_else(String::new, |used| format!("{used} MB")),
        figures.usd_per_million.map_or_else(String::new, usd),
        figures.ratio.as_ref().map_or_else(String::new, ratio),
    ]
}
