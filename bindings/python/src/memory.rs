//! `MemoryError` before a computation that has no room, in the words of the package `guard`.

use crate::arguments::Options;
use pi_spigot::pi::{Algorithm, DigitCount};
use pi_spigot_guard::{Request, Words};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

/// Digits below which the memory is not worth a question: less than 10 MB.
const WORTH_ASKING: u64 = 100_000;

/// The number of threads to compute `digits` digits with from position `from` on, if there is memory for
/// them and for `kept` bytes beside each.
///
/// # Errors
/// `MemoryError`, which says how many digits fit.
pub(crate) fn threads(options: &Options, from: u64, digits: u64, kept: u64) -> PyResult<usize> {
    let request = Request {
        algorithm: options.algorithm,
        threads: options.threads,
        from,
        digits,
        kept_per_digit: kept,
        words: Words { one_thread: "use threads=1", anyway: None },
    };
    if from + digits < WORTH_ASKING {
        return Ok(request.most_threads());
    }
    request.threads_that_fit().map_err(PyMemoryError::new_err)
}

/// Bytes by which an unbounded stream needs more for each digit than a computation that knows its end.
pub(crate) fn unbounded_surplus(algorithm: Algorithm, last: DigitCount) -> u64 {
    let known = algorithm.memory_required(last, 1);
    algorithm.unbounded_peak(last).saturating_sub(known) / last.get() + 1
}

/// Return memory that is kept for later computations to the operating system.
///
/// Long numbers reuse the memory of those before. A program that computes rarely may prefer a small process.
#[pyfunction]
pub(crate) fn release_memory(py: Python<'_>) {
    py.detach(pi_spigot::fft::release_memory);
}
