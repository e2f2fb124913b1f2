//! The tables for a terminal, readable without colour.

use super::{Align, Table, main_table, millis, short_number, usd};
use crate::analysis::{Analysis, PublishedRow};
use crate::cost::Tuning;
use crate::results::Results;
use std::fmt::Write;

/// Style of headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// Bold headings.
    Bold,
}

impl Paint {
    /// Bold on a terminal, unless `NO_COLOR` is set (no-color.org).
    #[must_use]
    pub fn choose(no_color: bool, terminal: bool) -> Self {
        if terminal && !no_color { Self::Bold } else { Self::Plain }
    }

    fn heading(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Bold => format!("\x1b[1m{text}\x1b[0m"),
        }
    }
}

/// All figures as text.
#[must_use]
pub fn terminal(results: &Results, analysis: &Analysis, paint: Paint) -> String {
    let mut out = String::new();
    for event in &results.header.events {
        let rows: Vec<_> = analysis.cells.iter().filter(|figures| figures.cell.event == event.name).collect();
        section(&mut out, paint, &event.name, &main_table(&rows));
    }
    for tuning in &analysis.tunings {
        let title = format!("memory: {}, {}", tuning.target, tuning.event);
        section(&mut out, paint, &title, &tuning_table(tuning));
    }
    if !analysis.published.is_empty() {
        section(&mut out, paint, "published, and measured here", &published_table(&analysis.published));
    }
    for remark in &analysis.remarks {
        let _ = writeln!(out, "- {remark}");
    }
    let _ = writeln!(out, "- {}", origin(results));
    out
}

fn section(out: &mut String, paint: Paint, title: &str, table: &Table) {
    let _ = write!(out, "{}\n\n{}\n", paint.heading(title), table.plain());
}

/// Origin of the figures: baseline, overhead, prices, tool and machine.
pub(crate) fn origin(results: &Results) -> String {
    let header = &results.header;
    let baseline = if header.targets.len() > 1 {
        format!("Ratios are of time to that of {}. ", header.baseline)
    } else {
        String::new()
    };
    let overhead = header.overhead.map_or_else(String::new, |own| {
        format!(
            "A function that does nothing: init {}, duration {}; overhead of the tool around an \
             invocation {}. ",
            millis(own.init_ms),
            millis(own.duration_ms),
            millis(own.around_ms)
        )
    });
    format!(
        "Time is init + duration, as median ± MAD (median absolute deviation). \
         {baseline}{overhead}Prices: {}. {} on {}, {}.",
        header.prices.source,
        header.tool,
        header.environment.describe(),
        header.created.get(..10).unwrap_or_default()
    )
}

pub(crate) fn tuning_table(tuning: &Tuning) -> Table {
    let mut table = Table::new(&[
        ("memory", Align::Right),
        ("time", Align::Right),
        ("USD/million", Align::Right),
        ("", Align::Left),
    ]);
    for point in &tuning.curve {
        table.row(vec![
            format!("{} MB", point.memory_mb),
            millis(point.time_ms),
            usd(point.usd_per_million),
            tuning.names(point.memory_mb).join(", "),
        ]);
    }
    table
}

pub(crate) fn published_table(rows: &[PublishedRow]) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("memory", Align::Right),
        ("published", Align::Right),
        ("measured", Align::Left),
        ("here", Align::Right),
        ("here/published", Align::Right),
        ("published init", Align::Right),
        ("init here", Align::Right),
    ]);
    // Published figures keep their own number of digits.
    let number = |value: f64| short_number((value * 1e3).round() / 1e3);
    let range = |range: Option<(f64, f64)>, unit: &str| {
        range.map_or_else(
            || "-".to_owned(),
            |(low, high)| format!("{} .. {} {unit}", number(low), number(high)),
        )
    };
    for row in rows {
        table.row(vec![
            row.published.row.clone(),
            format!("{} MB", row.published.memory),
            range(row.published.duration_s, "s"),
            row.published.target.clone().unwrap_or_else(|| "-".to_owned()),
            range(row.our_duration_s, "s"),
            row.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}")),
            range(row.published.init_ms, "ms"),
            range(row.our_init_ms, "ms"),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_of_people_who_want_it() {
        let chosen = [(true, true), (true, false), (false, true), (false, false)]
            .map(|(no_color, terminal)| Paint::choose(no_color, terminal));
        assert_eq!(chosen, [Paint::Plain, Paint::Plain, Paint::Bold, Paint::Plain]);
        assert_eq!(Paint::Plain.heading("x"), "x");
    }
}
