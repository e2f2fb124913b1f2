//! A line of progress on standard error for computations that take longer than a second.
//!
//! The fast algorithms return all digits at the end, so a thread shows the elapsed time until then.

use crate::args::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pi_spigot::pi::Algorithm;
use std::io::{IsTerminal, stderr, stdout};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Computations up to this long show nothing.
const SILENCE: Duration = Duration::from_secs(1);
/// Time between two drawings.
const INTERVAL: Duration = Duration::from_millis(100);

/// Shows the number of finished digits, if standard error is a terminal that does not show the digits.
pub(crate) struct Progress {
    total: u64,
    /// None if nothing is shown: even a hidden bar takes memory and time at the start.
    line: Option<Line>,
}

struct Line {
    bar: ProgressBar,
    thread: JoinHandle<()>,
    /// Dropping the sender ends the thread.
    stop: Sender<()>,
}

impl Progress {
    pub(crate) fn start(args: &Args, total: u64) -> Self {
        Self { total, line: wanted(args).then(|| show(total)).flatten() }
    }

    pub(crate) fn update(&mut self, remaining: u64) {
        if let Some(line) = &self.line {
            line.bar.set_position(self.total - remaining);
        }
    }

    /// Clears the line.
    pub(crate) fn finish(&mut self) {
        if let Some(Line { bar, thread, stop }) = self.line.take() {
            drop(stop);
            // A panic of that thread has been printed, and the digits do not depend on it.
            let _ = thread.join();
            bar.finish_and_clear();
        }
    }
}

/// True if a user may wait for longer than [`SILENCE`] without seeing digits.
fn wanted(args: &Args) -> bool {
    // These take less than a second on any machine: save the start of a thread.
    let quick = args.computed().get() < 50_000 && args.algorithm != Algorithm::Gibbons;
    let digits_on_screen = args.output_file().is_none() && !args.digest && stdout().is_terminal();
    !quick && !digits_on_screen && stderr().is_terminal()
}

/// Starts the thread; without one there is no progress to see.
fn show(total: u64) -> Option<Line> {
    let shown = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    let (stop, stopped) = mpsc::channel();
    let bar = shown.clone();
    let goes_on = move |time| stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    let draw = move || {
        if !goes_on(SILENCE) {
            return;
        }
        bar.set_style(style("computing {human_len} digits  {elapsed}"));
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.tick();
        while bar.position() == 0 && goes_on(INTERVAL) {
            bar.tick();
        }
        bar.set_style(style("{human_pos} of {human_len} digits {wide_bar} {elapsed}"));
        while goes_on(INTERVAL) {
            bar.tick();
        }
    };
    let thread = thread::Builder::new().name("progress".to_owned()).spawn(draw).ok()?;
    Some(Line { bar: shown, thread, stop })
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
