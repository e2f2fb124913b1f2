//! A progress bar on the terminal; nothing without a terminal.

use super::sampler::Estimate;
use crate::matrix::Step;
use crate::results::{CellRecord, Sample};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;

/// The progress through a series.
pub struct Progress<'a> {
    cells: &'a [CellRecord],
    estimate: Estimate,
    bar: ProgressBar,
}

impl<'a> Progress<'a> {
    /// A bar for `total` samples of `cells`, on standard error if that is a terminal.
    ///
    /// # Panics
    ///
    /// Never, because the template is a constant.
    #[must_use]
    pub fn new(cells: &'a [CellRecord], total: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        if io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}").expect("it is valid");
            bar.set_style(style);
        }
        Self { cells, estimate: Estimate::default(), bar }
    }

    /// Shows the next sample, the first of `left`.
    pub fn show(&self, left: &[Step]) {
        let Some(next) = left.first() else { return };
        let CellRecord { target, event, memory_mb, start } = &self.cells[next.cell];
        let remaining = self.estimate.remaining(left).map(in_words).unwrap_or_default();
        self.bar.set_message(format!("{target} {event} {memory_mb} MB {start}  {remaining}"));
    }

    /// Counts a sample.
    pub fn learn(&mut self, sample: &Sample) {
        self.estimate.learn(sample.cell, Duration::from_secs_f64(sample.wall_ms.max(0.0) / 1e3));
        self.bar.inc(1);
    }

    /// Adds `more` samples to the total.
    pub fn extend(&self, more: usize) {
        self.bar.inc_length(more as u64);
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// `about 3 min left`, without false precision.
fn in_words(remaining: Duration) -> String {
    let seconds = remaining.as_secs_f64().round();
    match seconds {
        ..1.0 => "almost done".to_owned(),
        ..100.0 => format!("about {seconds} s left"),
        ..6_000.0 => format!("about {} min left", (seconds / 60.0).round()),
        _ => format!("about {:.1} h left", seconds / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        let said = [0.2, 1.0, 99.4, 150.0, 9_000.0].map(|seconds| in_words(Duration::from_secs_f64(seconds)));
        assert_eq!(
            said,
            ["almost done", "about 1 s left", "about 99 s left", "about 3 min left", "about 2.5 h left"]
        );
    }
}
