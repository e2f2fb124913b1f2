//! One peer at one size, in a process of its own: peak memory belongs to that peer,
//! and no peer profits from the warm heap of another.

use crate::golden;
use crate::peer::Peer;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The standard output of a run.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Run {
    pub seconds: f64,
    /// Growth of the process's peak memory; `None` where the system does not tell.
    pub bytes: Option<u64>,
    /// M(N): seconds of one product of two numbers of as many digits; `None` for a program.
    pub product: Option<f64>,
}

/// The end of a run.
pub enum Outcome {
    Done(Run),
    /// Stopped at the time limit.
    TooSlow,
}

/// The child's side: computes, checks, prints a [`Run`].
///
/// # Errors
/// If the digits are wrong.
pub fn run(peer: Peer, digits: usize, seconds: f64) -> Result<(), String> {
    let before = peak_memory();
    let mut time = timed(peer, digits)?;
    let bytes = peak_memory().zip(before).map(|(after, before)| after - before);
    if seconds > 0.0 {
        time = warm(peer, digits, Duration::from_secs_f64(seconds))?;
    }
    let run = Run { seconds: time.as_secs_f64(), bytes, product: Some(peer.product_seconds(digits)) };
    println!("{}", serde_json::to_string(&run).map_err(|error| error.to_string())?);
    Ok(())
}

fn timed(peer: Peer, digits: usize) -> Result<Duration, String> {
    let start = Instant::now();
    let text = peer.digits(digits);
    let time = start.elapsed();
    golden::check(digits, &text).map_err(|why| format!("{peer}: {why}"))?;
    Ok(time)
}

/// The median of as many runs as fit `span`, at least three.
fn warm(peer: Peer, digits: usize, span: Duration) -> Result<Duration, String> {
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || start.elapsed() < span {
        times.push(timed(peer, digits)?);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Peak memory of this process so far, in bytes (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| 1024 * kib)
}

/// The parent's side: starts this program again and waits for its [`Run`].
///
/// # Errors
/// If the child cannot start, or fails: then its digits are wrong.
pub fn start(
    peer: Peer,
    digits: usize,
    warm: f64,
    level: Option<&str>,
    limit: f64,
) -> Result<Outcome, String> {
    let program =
        std::env::current_exe().map_err(|error| format!("this program cannot find itself: {error}"))?;
    let mut command = Command::new(program);
    command.args(["cell", &peer.argument(), &digits.to_string(), &warm.to_string()]);
    if let Some(level) = level {
        command.env("PI_SIMD", level);
    }
    let child = command.stdout(Stdio::piped()).spawn();
    let child = child.map_err(|error| format!("a run of {peer} cannot start: {error}"))?;
    finish(child, Duration::from_secs_f64(limit + warm))
        .map_err(|why| format!("{peer}, {digits} digits: {why}"))
}

fn finish(mut child: Child, limit: Duration) -> Result<Outcome, String> {
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if start.elapsed() > limit {
            // An error means that the child has just ended by itself.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(Outcome::TooSlow);
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut text = String::new();
    let pipe = child.stdout.as_mut().ok_or("no standard output")?;
    pipe.read_to_string(&mut text).map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("the run failed ({status}); see its message above"));
    }
    serde_json::from_str(&text)
        .map(Outcome::Done)
        .map_err(|error| format!("unreadable result {text:?}: {error}"))
}
