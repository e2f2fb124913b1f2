//! SIGINT (Ctrl-C), SIGTERM and SIGHUP while a file is being written.

use super::replacement::{Pending, State};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};
use std::ffi::c_int;
use std::io::{self, IsTerminal, stderr};
use std::sync::Arc;
use std::{fs, thread};

/// Starts a thread that waits for a signal, removes the temporary, reports this, and ends the process.
///
/// The process dies by the same signal: a shell reports 130 or 143, and Ctrl-C ends a shell loop.
pub(super) fn watch(pending: &Arc<Pending>) -> io::Result<()> {
    let ignored = ignored_signals();
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let mut signals = Signals::new(wanted)?;
    let pending = Arc::clone(pending);
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            stop(&pending, signal);
        }
    })?;
    Ok(())
}

fn stop(pending: &Pending, signal: c_int) {
    let mut state = pending.lock();
    if stderr().is_terminal() {
        // Start a new line after the progress, or after the ^C that the terminal shows.
        eprintln!();
    }
    let name = signal_name(signal).unwrap_or("a signal");
    let path = pending.path.display();
    match std::mem::replace(&mut *state, State::Failed) {
        State::Incomplete(temporary) => {
            let old =
                if fs::exists(&pending.path).unwrap_or(false) { "is as it was" } else { "was not created" };
            match temporary.close() {
                Ok(()) => eprintln!("pi: stopped by {name}; {path} {old}, and the temporary file is removed"),
                Err(error) => {
                    eprintln!("pi: stopped by {name}; {path} {old}; a temporary file stays: {error}");
                }
            }
        }
        State::Complete => eprintln!("pi: stopped by {name}; {path} is complete, but not verified"),
        State::Failed => {}
    }
    // Keep the lock, so that the main thread cannot complete the file.
    if emulate_default_handler(signal).is_err() {
        std::process::exit(128 + signal);
    }
}

/// Bit mask of the signals that the parent process has set to be ignored, as nohup does with SIGHUP.
///
/// Only Linux has this list; other systems count as ignoring none.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
