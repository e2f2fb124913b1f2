//! Facts that JavaScript asks for before and after computations.

use crate::engine::{algorithm_of, count};
use crate::{jobs, stream};
use napi::{Error, Result, Status};
use napi_derive::napi;
use pi_spigot::cpu::Level;
use pi_spigot::pi::hex::Formula;
use pi_spigot::pi::{Algorithm, DigitCount};
use pi_spigot_guard::{Request, Words};

pub(crate) fn invalid(words: &str) -> Error {
    Error::new(Status::InvalidArg, words)
}

/// Unfinished jobs of the process, and streams that hold memory.
#[napi(object)]
pub struct Counters {
    /// Jobs that wait or run.
    pub jobs: u32,
    /// Open streams.
    pub streams: u32,
}

/// The number of digits that a text denotes.
///
/// # Errors
/// The words that say why it denotes none.
#[napi]
pub fn parse_count(text: String) -> Result<f64> {
    let count: DigitCount = text.parse().map_err(|error| invalid(&format!("{error}")))?;
    Ok(count.get() as f64)
}

/// The number of threads with which digits fit into memory; 0 for the default, as given.
///
/// # Errors
/// The words that say how much memory the digits need, what is in the way, and how many digits fit.
#[napi]
pub fn threads_that_fit(algorithm: u32, from: f64, n: f64, threads: u32) -> Result<u32> {
    let request = Request {
        algorithm: algorithm_of(algorithm)?,
        threads: (threads > 0).then_some(threads as usize),
        from: count(from)?.get(),
        digits: count(n)?.get(),
        // The text is a copy of the digits.
        kept_per_digit: 1,
        words: Words { one_thread: "use the option threads: 1", anyway: None },
    };
    let fitting = request.threads_that_fit().map_err(|words| invalid(&words))?;
    Ok(if fitting == request.most_threads() { threads } else { fitting as u32 })
}

/// Bytes that a computation needs at its peak, an eighth above the estimate, which interpolates.
///
/// # Errors
/// If a number is out of range.
#[napi]
pub fn memory_required(algorithm: u32, n: f64, threads: u32) -> Result<f64> {
    let threads = if threads == 0 { jobs::cpus() } else { threads as usize };
    Ok(algorithm_of(algorithm)?.memory_required(count(n)?, threads) as f64 * 1.125)
}

/// The largest last position of an algorithm.
///
/// # Errors
/// If there is no such algorithm.
#[napi]
pub fn max_digits(algorithm: u32) -> Result<f64> {
    Ok(algorithm_of(algorithm)?.max_digits().get() as f64)
}

/// The names of all algorithms, whose places in the list are their numbers.
#[napi]
#[must_use]
pub fn algorithms() -> Vec<&'static str> {
    Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect()
}

/// The names of all formulas for hexadecimal digits.
#[napi]
#[must_use]
pub fn formulas() -> Vec<&'static str> {
    Formula::ALL.iter().map(|formula| formula.name()).collect()
}

/// The vector instructions in use.
///
/// # Errors
/// If the variable `PI_SIMD` names no level of this processor.
#[napi]
pub fn level() -> Result<String> {
    Level::from_env()
        .map(|level| level.to_string())
        .map_err(|error| invalid(&format!("{}: {error}", Level::VARIABLE)))
}

/// Returns memory that is kept for the next computations to the operating system.
#[napi]
pub fn release_memory() {
    pi_spigot::fft::release_memory();
}

/// The version of the package that the addon was built from.
#[napi]
#[must_use]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Counts what must be nothing when all is done, for tests.
#[napi]
#[must_use]
pub fn counters() -> Counters {
    Counters { jobs: jobs::pending() as u32, streams: stream::open_streams() as u32 }
}
