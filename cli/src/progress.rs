//! A bar on standard error for what takes longer than a second.

use crate::args::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr, stdout};
use std::time::{Duration, Instant};

/// What takes no longer needs no bar.
const SILENCE: Duration = Duration::from_secs(1);

/// Shows how far the digits are, unless nobody looks or they can be seen coming.
pub(crate) struct Progress {
    bar: ProgressBar,
    total: u64,
    start: Instant,
    wanted: bool,
}

impl Progress {
    /// Nothing is drawn before the first second has passed.
    pub(crate) fn new(args: &Args) -> Self {
        let digits_on_screen = args.output.is_none() && !args.digest && stdout().is_terminal();
        let style = ProgressStyle::with_template("{human_pos} of {human_len} digits {wide_bar} {elapsed}");
        let bar = ProgressBar::with_draw_target(Some(args.digits.get()), ProgressDrawTarget::hidden());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            total: args.digits.get(),
            start: Instant::now(),
            wanted: stderr().is_terminal() && !digits_on_screen,
        }
    }

    pub(crate) fn update(&mut self, remaining: u64) {
        if self.wanted && self.start.elapsed() >= SILENCE {
            self.wanted = false;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(self.total - remaining);
    }

    /// Leaves the terminal as it was.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
