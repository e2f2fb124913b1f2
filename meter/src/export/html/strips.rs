//! Strip charts: a dot for each sample, cold above warm, with the median and its interval.

use super::scale::Scale;
use super::svg::{Escaped, axis, axis_title, short_time, vertical_grid};
use crate::analysis::counted;
use crate::export::millis;
use crate::matrix::Start;
use crate::results::{CellRecord, Results, Sample};
use crate::statistics::Summary;
use std::fmt::Write;

/// Height of one lane, in pixels.
const LANE: u32 = 26;

/// A chart of one value of every sample; `None` when no sample has the value.
pub(super) fn strips(
    results: &Results,
    event: &str,
    title: &str,
    value: fn(&Sample) -> Option<f64>,
) -> Option<String> {
    let cells = &results.header.cells;
    let values = |index: usize| -> Vec<f64> { counted(results, index).filter_map(value).collect() };
    let of_event = |index: &usize| cells[*index].event == event && !values(*index).is_empty();
    let shown: Vec<usize> = (0..cells.len()).filter(of_event).collect();
    let scale = Scale::of(shown.iter().flat_map(|index| values(*index)));
    shown.first()?;
    let kind = if scale.is_log() { "logarithmic axis" } else { "axis from 0" };
    let mut out = format!(
        "<figure><figcaption>{} <small>{kind}; a dot is a sample, the line the median, the bar its 95 % \
         interval\
         </small></figcaption>{}",
        Escaped(title),
        legend(&shown, cells)
    );
    for row in rows(&shown, cells) {
        let first = &cells[row[0]];
        let _ = write!(
            out,
            r#"<div class="row"><div class="name">{} <small>{} MB</small></div>"#,
            Escaped(&first.target),
            first.memory_mb
        );
        let lanes: Vec<(Start, Vec<f64>)> =
            row.iter().map(|index| (cells[*index].start, values(*index))).collect();
        out += &strip(&lanes, &scale);
        out += "</div>";
    }
    let _ = write!(
        out,
        r#"<div class="row"><div class="name"></div><div>{}</div></div></figure>"#,
        axis(&scale.ticks(), &scale, short_time) + &axis_title(&title.to_lowercase())
    );
    Some(out)
}

fn legend(shown: &[usize], cells: &[CellRecord]) -> String {
    let has = |start| shown.iter().any(|index| cells[*index].start == start);
    let mut out = r#"<p class="legend">"#.to_owned();
    for start in [Start::Cold, Start::Warm].into_iter().filter(|start| has(*start)) {
        let _ = write!(out, r#"<span class="{start}">{start}</span> "#);
    }
    out + "</p>"
}

/// The cells of each row: those with the same target and memory.
fn rows(shown: &[usize], cells: &[CellRecord]) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for &index in shown {
        let is_beside = |row: &&mut Vec<usize>| {
            let first = &cells[row[0]];
            first.target == cells[index].target && first.memory_mb == cells[index].memory_mb
        };
        match rows.iter_mut().find(is_beside) {
            Some(row) => row.push(index),
            None => rows.push(vec![index]),
        }
    }
    rows
}

fn strip(lanes: &[(Start, Vec<f64>)], scale: &Scale) -> String {
    let height = LANE * u32::try_from(lanes.len()).unwrap_or(1);
    let mut out = format!(r#"<svg class="strip" height="{height}" role="img" aria-label=""#);
    for (start, values) in lanes {
        if let Some(summary) = Summary::of(values) {
            let _ = write!(out, "{start}: median {}; ", millis(summary.median));
        }
    }
    out += r#"">"#;
    vertical_grid(&mut out, scale);
    for (lane, (start, values)) in (0..).zip(lanes) {
        draw_lane(&mut out, scale, *start, values, LANE * lane + LANE / 2);
    }
    out + "</svg>"
}

fn draw_lane(out: &mut String, scale: &Scale, start: Start, values: &[f64], y: u32) {
    let Some(summary) = Summary::of(values) else { return };
    let (low, high) = (scale.percent(summary.interval.low), scale.percent(summary.interval.high));
    let median = scale.percent(summary.median);
    let _ = write!(
        out,
        "<g class=\"{start}\"><rect class=\"interval\" x=\"{low:.2}%\" y=\"{}\" width=\"{:.2}%\" \
         height=\"14\" rx=\"3\"/>",
        y - 7,
        (high - low).max(0.2)
    );
    for value in values {
        let _ = write!(
            out,
            r#"<circle class="dot" cx="{:.2}%" cy="{y}" r="4"><title>{start}: {}</title></circle>"#,
            scale.percent(*value),
            millis(*value)
        );
    }
    let _ = write!(
        out,
        "<line class=\"median\" x1=\"{median:.2}%\" x2=\"{median:.2}%\" y1=\"{}\" y2=\"{}\">\
         <title>{start}, median: {}</title></line></g>",
        y - 10,
        y + 10,
        millis(summary.median)
    );
}
