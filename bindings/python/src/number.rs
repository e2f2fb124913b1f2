//! Pi as an integer, in bytes that `int.from_bytes` takes: Python reads no decimal text.

use crate::arguments::{Named, Options, count, integer, within_reach};
use crate::memory;
use crate::task::Place;
use pi_spigot::bigint::Natural;
use pi_spigot::pi::{Algorithm, DigitCount};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// `floor(10^(n - 1) pi)` in bytes, the lowest first.
#[pyfunction]
pub(crate) fn decimal<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let n = count(n, "n")?;
    computed(py, n.get(), &Options::new(algorithm, threads)?, |algorithm, threads| {
        algorithm.decimal(n, threads)
    })
}

/// `floor(2^bits pi)` in bytes, the lowest first.
#[pyfunction]
pub(crate) fn binary<'py>(
    py: Python<'py>,
    bits: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let bits = integer(bits, "bits", 0, 3 * DigitCount::MAX.get())?;
    // A decimal digit is log2(10) bits.
    let digits = (u128::from(bits) * 30_103 / 100_000) as u64 + 1;
    computed(py, digits, &Options::new(algorithm, threads)?, |algorithm, threads| {
        algorithm.binary(bits, threads)
    })
}

/// The bytes of a number of about `digits` decimal digits.
fn computed<'py>(
    py: Python<'py>,
    digits: u64,
    options: &Options,
    compute: impl FnOnce(Algorithm, usize) -> Natural + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    let last = within_reach(options.algorithm, digits)?;
    let threads = memory::threads(options, 1, digits, 1)?;
    let place = Place::for_time(options.algorithm.reference_time(last));
    let bytes = place.run(py, || compute(options.algorithm, threads).to_bytes_le())?;
    Ok(PyBytes::new(py, &bytes))
}
