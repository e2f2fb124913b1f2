//! Trends: medians over periods of time with their intervals, cold beside warm, time above cost.
//!
//! Only measurements that a schedule repeats have trends, and a run that lasts longer than an hour. All
//! samples of a scheduled measurement have its time, where each sample of a run has a time of its own.

use super::super::short_number;
use super::curves::{colour, legend};
use super::scale::Scale;
use super::svg::{Escaped, axis, axis_title, horizontal_grid, short_time};
use crate::analysis::counted;
use crate::cost::{self, MILLION};
use crate::matrix::Start;
use crate::results::{CellRecord, Results, Sample};
use crate::statistics::Summary;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Most labels below a chart.
const LABELS: usize = 3;

/// The time axis of all charts of an event.
struct Calendar {
    /// Seconds of a period: a minute, an hour, a day or a week.
    period: i64,
    /// Start of the first period, in seconds since 1970.
    first: i64,
    scale: Scale,
}

/// The samples of a cell in one period, by the middle of the period.
type Periods = BTreeMap<i64, Vec<f64>>;

/// One figure for each memory size; `None` when all samples are of one period.
pub(super) fn trends(results: &Results, event: &str, targets: &[&str]) -> Option<String> {
    let cells: Vec<(usize, &CellRecord)> =
        results.header.cells.iter().enumerate().filter(|(_, cell)| cell.event == event).collect();
    let times = cells.iter().flat_map(|(index, _)| counted(results, *index)).map(|sample| sample.at.as_str());
    let calendar = Calendar::of(times)?;
    let mut sizes: Vec<u64> = cells.iter().map(|(_, cell)| cell.memory_mb).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut out = String::new();
    for memory_mb in sizes {
        let of_size: Vec<_> = cells.iter().copied().filter(|(_, cell)| cell.memory_mb == memory_mb).collect();
        let _ = write!(
            out,
            "<figure><figcaption>Trend at {memory_mb} MB <small>a mark is the median of {}, its bar the 95 % \
             interval</small></figcaption>{}<div class=\"pair\">",
            calendar.period_name(),
            legend(targets, |name| of_size.iter().any(|(_, cell)| cell.target == name))
        );
        for (title, value, label) in measures(results) {
            for start in [Start::Cold, Start::Warm] {
                let cells = of_size.iter().filter(|(_, cell)| cell.start == start);
                let lines: Vec<(&str, Periods)> = cells
                    .map(|(index, cell)| (cell.target.as_str(), calendar.periods(results, *index, &value)))
                    .filter(|(_, periods)| !periods.is_empty())
                    .collect();
                if !lines.is_empty() {
                    out += &chart(&calendar, &format!("{title}, {start}"), &lines, targets, label);
                }
            }
        }
        out += "</div></figure>";
    }
    Some(out)
}

/// A title, the value of a sample, and the label of a value.
type Measure<'a> = (&'static str, Value<'a>, fn(f64) -> String);
/// A value of a sample, in the memory size of its cell.
type Value<'a> = Box<dyn Fn(&CellRecord, &Sample) -> f64 + 'a>;

/// Title, value and label of time and cost.
fn measures(results: &Results) -> [Measure<'_>; 2] {
    let cost = |cell: &CellRecord, sample: &Sample| {
        let target = results.header.targets.iter().find(|target| target.name == cell.target);
        target.map_or(0.0, |target| {
            let (prices, billed) = (&results.header.prices, sample.billed_duration_ms);
            MILLION * cost::invocation(prices, target.architecture, cell.memory_mb, billed)
        })
    };
    [
        ("time (init + duration)", Box::new(|_, sample| sample.time_ms()), short_time),
        ("USD for a million invocations", Box::new(cost), short_number),
    ]
}

fn second(time: &str) -> Option<i64> {
    Some(time.parse::<Timestamp>().ok()?.as_second())
}

impl Calendar {
    /// The periods of the times of samples; `None` when there are fewer than two.
    fn of<'a>(samples: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut times, mut count) = (BTreeSet::new(), 0);
        for time in samples {
            times.insert(time);
            count += 1;
        }
        let is_scheduled = 2 * times.len() <= count;
        let seconds_of = || times.iter().filter_map(|time| second(time));
        let (low, high) = (seconds_of().min()?, seconds_of().max()?);
        let period = match high - low {
            span if span < MINUTE => return None,
            span if span < HOUR => is_scheduled.then_some(MINUTE)?,
            span if span <= 3 * DAY => HOUR,
            span if span <= 120 * DAY => DAY,
            _ => 7 * DAY,
        };
        let first = low - low.rem_euclid(period);
        let scale = Scale::linear(seconds(high - first + period));
        Some(Self { period, first, scale })
    }

    fn period_name(&self) -> &'static str {
        match self.period {
            MINUTE => "a minute",
            HOUR => "an hour",
            DAY => "a day",
            _ => "a week",
        }
    }

    /// The values of a cell's samples by period.
    fn periods(&self, results: &Results, index: usize, value: &Value<'_>) -> Periods {
        let cell = &results.header.cells[index];
        let mut periods = Periods::new();
        for sample in counted(results, index) {
            let Some(second) = second(&sample.at) else { continue };
            let start = (second - self.first).div_euclid(self.period) * self.period;
            periods.entry(start + self.period / 2).or_default().push(value(cell, sample));
        }
        periods
    }

    /// Position of a time since the first period, from 0 to 100.
    fn percent(&self, time: i64) -> f64 {
        self.scale.percent(seconds(time))
    }

    /// The date of a time since the first period, the hour where periods are hours or minutes.
    fn label(&self, time: i64) -> String {
        let form = match self.period {
            MINUTE => "%H:%M",
            HOUR => "%m-%d %H:%M",
            _ => "%Y-%m-%d",
        };
        let start = self.first + time - time.rem_euclid(self.period);
        Timestamp::from_second(start).map_or_else(|_| String::new(), |time| time.strftime(form).to_string())
    }
}

#[expect(clippy::cast_precision_loss, reason = "times of this century")]
fn seconds(time: i64) -> f64 {
    time as f64
}

fn chart(
    calendar: &Calendar,
    title: &str,
    lines: &[(&str, Periods)],
    targets: &[&str],
    label: fn(f64) -> String,
) -> String {
    let summaries: Vec<(&str, Vec<(i64, Summary)>)> = lines
        .iter()
        .map(|(target, periods)| {
            let points = periods.iter().filter_map(|(time, values)| Some((*time, Summary::of(values)?)));
            (*target, points.collect())
        })
        .collect();
    let all = || summaries.iter().flat_map(|(_, points)| points);
    let ends = all().flat_map(|(_, it)| [it.interval.low, it.median, it.interval.high]);
    let y = Scale::of(ends);
    let mut out = format!(
        "<div><p class=\"note\">{title}</p><svg class=\"plane\" role=\"img\" \
         aria-label=\"{title} over dates\">"
    );
    horizontal_grid(&mut out, &y, label);
    for (target, points) in &summaries {
        draw_line(&mut out, calendar, &y, (target, colour(targets, target)), points, label);
    }
    let mut times: Vec<i64> = all().map(|(time, _)| *time).collect();
    times.sort_unstable();
    times.dedup();
    let every = times.len().div_ceil(LABELS).max(1);
    let ticks: Vec<f64> = times.into_iter().step_by(every).map(seconds).collect();
    #[expect(clippy::cast_possible_truncation, reason = "times of this century")]
    let date = |tick: f64| calendar.label(tick as i64);
    out + "</svg>" + &axis(&ticks, &calendar.scale, date) + &axis_title("date (UTC)") + "</div>"
}

fn draw_line(
    out: &mut String,
    calendar: &Calendar,
    y: &Scale,
    (target, colour): (&str, usize),
    points: &[(i64, Summary)],
    label: fn(f64) -> String,
) {
    let top = |value: f64| 100.0 - y.percent(value);
    let _ = write!(out, r#"<g class="c{colour}">"#);
    for pair in points.windows(2) {
        let [(time1, one), (time2, two)] = pair else { continue };
        let _ = write!(
            out,
            r#"<line class="curve" x1="{:.2}%" y1="{:.2}%" x2="{:.2}%" y2="{:.2}%"/>"#,
            calendar.percent(*time1),
            top(one.median),
            calendar.percent(*time2),
            top(two.median)
        );
    }
    for (time, it) in points {
        let x = calendar.percent(*time);
        let _ = write!(
            out,
            "<line class=\"whisker\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{:.2}%\" y2=\"{:.2}%\"/>\
             <circle class=\"disc\" cx=\"{x:.2}%\" cy=\"{:.2}%\" r=\"4\"><title>{}, {}: {} ({} samples)\
             </title></circle>",
            top(it.interval.high),
            top(it.interval.low),
            top(it.median),
            Escaped(target),
            calendar.label(*time),
            Escaped(&label(it.median)),
            it.count
        );
    }
    *out += "</g>";
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_795_953_600;

    /// Times of samples: `count` at the start, and as many after `span` seconds.
    fn calendar(span: i64, count: usize) -> Option<Calendar> {
        let times = [START, START + span].map(|time| Timestamp::from_second(time).unwrap().to_string());
        Calendar::of(times.iter().flat_map(|time| std::iter::repeat_n(time.as_str(), count)))
    }

    #[test]
    fn periods_grow_with_the_span() {
        let names = [HOUR, 3 * DAY, 3 * DAY + 1, 120 * DAY, 121 * DAY]
            .map(|span| calendar(span, 1).unwrap().period_name());
        assert_eq!(names, ["an hour", "an hour", "a day", "a day", "a week"]);
        assert!(Calendar::of(std::iter::empty()).is_none());
    }

    #[test]
    fn less_than_an_hour_has_trends_where_samples_share_their_times() {
        assert!(calendar(HOUR - 1, 1).is_none(), "a run");
        assert_eq!(calendar(HOUR - 1, 2).unwrap().period_name(), "a minute");
        assert!(calendar(MINUTE - 1, 2).is_none(), "one period");
        assert_eq!(calendar(5 * MINUTE, 2).unwrap().label(2 * MINUTE + 30), "12:02");
    }

    #[test]
    fn labels_are_dates() {
        assert_eq!(calendar(10 * DAY, 1).unwrap().label(DAY + DAY / 2), "2026-11-30");
        assert_eq!(calendar(5 * HOUR, 1).unwrap().label(HOUR + HOUR / 2), "11-29 13:00");
    }
}
