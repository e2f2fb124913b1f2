//! Parts done, the time left and USD so far, on standard error.

use super::plan::in_words;
use crate::export::usd;
use crate::say::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// The time between two lines where there is no terminal.
const LINES: Duration = Duration::from_secs(30);

/// A bar on a terminal; else a line every half minute.
pub(super) struct Progress {
    bar: ProgressBar,
    total: u64,
    /// Done before this run.
    before: u64,
    start: Instant,
    line: Option<Instant>,
}

impl Progress {
    /// `done` of `total` parts are done.
    pub(super) fn new(done: u64, total: u64) -> Self {
        let terminal = stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} parts  {msg}") {
            bar.set_style(style);
        }
        bar.set_position(done);
        Self { bar, total, before: done, start: Instant::now(), line: (!terminal).then(Instant::now) }
    }

    /// Shows `done` parts, which cost so much.
    pub(super) fn show(&mut self, done: u64, spent: f64) {
        let left = left(
            self.start.elapsed().as_secs_f64(),
            done.saturating_sub(self.before),
            self.total - done.min(self.total),
        );
        let message = format!("{left}, {} USD so far", usd(spent));
        self.bar.set_position(done);
        self.bar.set_message(message.clone());
        if self.line.is_some_and(|line| line.elapsed() >= LINES) {
            say(&format!("{done} of {} parts, {message}", self.total));
            self.line = Some(Instant::now());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The time left by that of the parts of this run.
#[expect(clippy::cast_precision_loss, reason = "at most 200,000 parts")]
fn left(elapsed: f64, done: u64, left: u64) -> String {
    match (done, left) {
        (_, 0) => "the end".to_owned(),
        (0, _) => "no part yet".to_owned(),
        _ => format!("{} left", in_words(elapsed / done as f64 * left as f64)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_time_left_is_that_of_the_parts_done() {
        let left = super::left;
        assert_eq!(left(10.0, 5, 10), "about 20 s left");
        assert_eq!((left(10.0, 0, 10), left(10.0, 5, 0)), ("no part yet".to_owned(), "the end".to_owned()));
    }
}
