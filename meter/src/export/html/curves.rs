//! Charts with two axes: cost against time, and both over memory.

use super::super::{millis, short_number, usd};
use super::labels::Labels;
use super::scale::Scale;
use super::svg::{Escaped, axis, axis_title, horizontal_grid, short_time, vertical_grid};
use crate::analysis::{Analysis, CellFigures};
use crate::cost::{Point, Tuning};
use crate::matrix::Start;
use crate::statistics::Interval;
use std::fmt::Write;

/// Number of colours; further targets repeat them.
const COLOURS: usize = 6;

/// Number of a target's colour.
pub(super) fn colour(targets: &[&str], target: &str) -> usize {
    targets.iter().position(|name| *name == target).unwrap_or(0) % COLOURS
}

/// The targets of a chart with their colours, which are those of the whole page.
pub(super) fn legend(targets: &[&str], is_shown: impl Fn(&str) -> bool) -> String {
    let mut out = r#"<p class="legend">"#.to_owned();
    for target in targets.iter().filter(|target| is_shown(target)) {
        let _ = write!(out, r#"<span class="c{}">{}</span> "#, colour(targets, target), Escaped(target));
    }
    out + "</p>"
}

/// Cost against time, with a mark for each cell.
pub(super) fn cost_against_time(analysis: &Analysis, event: &str, targets: &[&str]) -> Option<String> {
    let point = |figures: &CellFigures| Some((figures.time_ms.as_ref()?.median, figures.usd_per_million?));
    let marks: Vec<(&CellFigures, (f64, f64))> = analysis
        .cells
        .iter()
        .filter(|figures| figures.cell.event == event)
        .filter_map(|figures| Some((figures, point(figures)?)))
        .collect();
    if marks.len() < 2 {
        return None;
    }
    let x = Scale::of(marks.iter().map(|(_, point)| point.0));
    let y = Scale::of(marks.iter().map(|(_, point)| point.1));
    let mut out = format!(
        "<figure><figcaption>Cost against time <small>a ring is cold, a disc is warm; labels are memory \
         sizes; lower left is better</small></figcaption>{}<p class=\"note\">USD for a million \
         invocations</p><svg class=\"plane\" role=\"img\" aria-label=\"Cost against time, the \
         figures of the table above\">",
        legend(targets, |name| marks.iter().any(|(figures, _)| figures.cell.target == name))
    );
    vertical_grid(&mut out, &x);
    horizontal_grid(&mut out, &y, short_number);
    let place = |(time, cost): (f64, f64)| (x.percent(time), 100.0 - y.percent(cost));
    let mut labels = Labels::beside(marks.iter().map(|(_, point)| place(*point)).collect());
    let has_warm = marks.iter().any(|(figures, _)| figures.cell.start == Start::Warm);
    for (figures, (time, cost)) in marks {
        let cell = &figures.cell;
        let (left, top) = place((time, cost));
        let (ring, radius) = if cell.start == Start::Cold { ("ring", 7) } else { ("disc", 4) };
        let _ = write!(
            out,
            "<circle class=\"{ring} c{}\" cx=\"{left:.2}%\" cy=\"{top:.2}%\" r=\"{radius}\">\
             <title>{}, {} MB, {}: {}, {} USD</title></circle>",
            colour(targets, &cell.target),
            Escaped(&cell.target),
            cell.memory_mb,
            cell.start,
            millis(time),
            usd(cost)
        );
        // The cold and the warm mark of a size are close together: one label for both.
        if !has_warm || cell.start == Start::Warm {
            out += &labels.label(left, top, cell.memory_mb);
        }
    }
    out += "</svg>";
    out += &axis(&x.ticks(), &x, short_time);
    out += &axis_title("time (init + duration)");
    Some(out + "</figure>")
}

/// Time and cost over memory, beside each other.
pub(super) fn over_memory(analysis: &Analysis, event: &str, targets: &[&str]) -> Option<String> {
    let tunings: Vec<&Tuning> = analysis.tunings.iter().filter(|tuning| tuning.event == event).collect();
    if tunings.is_empty() {
        return None;
    }
    let mut out = format!(
        "<figure><figcaption>Memory <small>more memory brings more CPU at a higher price; bars are 95 % \
         intervals</small></figcaption>{}<div \
         class=\"pair\">",
        legend(targets, |name| tunings.iter().any(|tuning| tuning.target == name))
    );
    out += &curve(
        &tunings,
        targets,
        "time (init + duration)",
        |point| (point.time_ms, point.time_interval),
        short_time,
    );
    out += &curve(
        &tunings,
        targets,
        "USD for a million invocations",
        |point| (point.usd_per_million, point.usd_interval),
        short_number,
    );
    out += "</div>";
    for tuning in &tunings {
        let _ = write!(out, "<p class=\"note\">{}: {}.</p>", Escaped(&tuning.target), tuning.choice());
    }
    Some(out + "</figure>")
}

fn curve(
    tunings: &[&Tuning],
    targets: &[&str],
    title: &str,
    value: fn(&Point) -> (f64, Interval),
    label: fn(f64) -> String,
) -> String {
    let points = || tunings.iter().flat_map(|tuning| &tuning.curve);
    let mut sizes: Vec<u64> = points().map(|point| point.memory_mb).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let (first, last) = (as_number(sizes[0]), as_number(sizes[sizes.len() - 1]));
    let x = Scale::log(first / 1.6, last * 1.2);
    let ends = points().map(value).flat_map(|(value, interval)| [interval.low, value, interval.high]);
    let y = Scale::of(ends);
    let mut out = format!(
        "<div><p class=\"note\">{title}</p><svg class=\"plane\" role=\"img\" aria-label=\"{title} over \
         memory\">"
    );
    horizontal_grid(&mut out, &y, label);
    for tuning in tunings {
        let place =
            |point: &Point| (x.percent(as_number(point.memory_mb)), 100.0 - y.percent(value(point).0));
        let _ = write!(out, r#"<g class="c{}">"#, colour(targets, &tuning.target));
        for pair in tuning.curve.windows(2) {
            let ((x1, y1), (x2, y2)) = (place(&pair[0]), place(&pair[1]));
            let _ = write!(
                out,
                r#"<line class="curve" x1="{x1:.2}%" y1="{y1:.2}%" x2="{x2:.2}%" y2="{y2:.2}%"/>"#
            );
        }
        for point in &tuning.curve {
            let ((left, top), interval) = (place(point), value(point).1);
            let _ = write!(
                out,
                r#"<line class="whisker" x1="{left:.2}%" x2="{left:.2}%" y1="{:.2}%" y2="{:.2}%"/>"#,
                100.0 - y.percent(interval.high),
                100.0 - y.percent(interval.low)
            );
            let _ = write!(
                out,
                "<circle class=\"disc\" cx=\"{left:.2}%\" cy=\"{top:.2}%\" r=\"4\">\
                 <title>{}, {} MB: {}, {} USD</title></circle>",
                Escaped(&tuning.target),
                point.memory_mb,
                millis(point.time_ms),
                usd(point.usd_per_million)
            );
        }
        out += "</g>";
    }
    let ticks: Vec<f64> = sizes.into_iter().map(as_number).collect();
    out + "</svg>"
        + &axis(&apart(ticks, &x), &x, |memory| format!("{memory} MB"))
        + &axis_title("memory")
        + "</div>"
}

/// The ticks whose labels do not overlap.
fn apart(ticks: Vec<f64>, scale: &Scale) -> Vec<f64> {
    let mut kept: Vec<f64> = Vec::new();
    for tick in ticks {
        if kept.last().is_none_or(|last| scale.percent(tick) - scale.percent(*last) > 16.0) {
            kept.push(tick);
        }
    }
    kept
}

#[expect(clippy::cast_precision_loss, reason = "memory sizes are small")]
fn as_number(memory_mb: u64) -> f64 {
    memory_mb as f64
}
