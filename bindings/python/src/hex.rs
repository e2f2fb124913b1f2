//! Hexadecimal digits at any position, whole or in parts. A part is a tuple `(formula, bit, start, end)`.

use crate::arguments::{self, NamedFormula, integer, refused};
use crate::task::Place;
use pi_spigot::pi::hex::{
    Formula, MAX_COUNT, Part, PartialSum, Sum, bit_of, hex_digits as digits, split, squarings,
};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use std::thread::available_parallelism;

/// A part as Python has it.
type Fields = (String, u64, u64, u64);
/// A part and its sum.
type SumFields = (String, u64, u64, u64, u128);

/// The most parts of a plan: each takes a few hundred bytes in Python.
const MOST_PARTS: u64 = 1_000_000;

/// A tuple of Python's. Integers that no part has are a `ValueError` as all other mistakes.
fn extracted<T: for<'a> FromPyObject<'a, 'a, Error = PyErr>>(value: &Bound<'_, PyAny>) -> PyResult<T> {
    value.extract().map_err(|error: PyErr| {
        let range = "a part is a formula's name, a bit and two terms; use those of hex_plan: ";
        let overflow = error.is_instance_of::<PyOverflowError>(value.py());
        if overflow { refused(format!("{range}{}", error.value(value.py()))) } else { error }
    })
}

fn part_of((name, bit, start, end): &Fields) -> PyResult<Part> {
    Part::new(arguments::formula(name)?, *bit, *start..*end).map_err(|error| refused(error.to_string()))
}

fn fields(part: &Part) -> Fields {
    let terms = part.terms();
    (part.formula().name().to_owned(), part.bit(), terms.start, terms.end)
}

fn whole(formula: Formula, position: &Bound<'_, PyAny>) -> PyResult<Part> {
    let position = integer(position, "position", 1, Part::MAX_BIT / 4)?;
    let bit = bit_of(position).map_err(|error| refused(error.to_string()))?;
    Part::whole(formula, bit).map_err(|error| refused(error.to_string()))
}

/// Return `n` hexadecimal digits of pi from `position` on, upper case, without those before.
///
///     >>> pi_spigot.hex_digits(1, 16)
///     '243F6A8885A308D3'
///
/// `position` is 1, the digit behind the point, to 288,230,376,151,711,744; `n` is 1 to 10,000, and each
/// further 16 to 26 digits take as long as the first. `formula` is "bellard" or "bbp", the check. Position
/// 1,000,000,000 takes about 12 s on a core with AVX-512.
///
/// Raises ValueError for anything else, and KeyboardInterrupt within a tenth of a second of Ctrl-C.
#[pyfunction]
#[pyo3(signature = (position, n = None, formula = NamedFormula::default(), threads = None),
       text_signature = "(position, n=16, formula='bellard', threads=None)")]
pub(crate) fn hex_digits(
    py: Python<'_>,
    position: &Bound<'_, PyAny>,
    n: Option<&Bound<'_, PyAny>>,
    formula: NamedFormula,
    threads: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let n = n.map_or(Ok(16), |n| integer(n, "n", 1, MAX_COUNT))?;
    let work = squarings(&whole(formula.0, position)?) * n.div_ceil(16) as f64;
    let position = position.extract::<u64>()?;
    let place = Place::for_squarings(work);
    let detect = || if place == Place::Worker { available_parallelism().map_or(1, usize::from) } else { 1 };
    let threads = arguments::threads(threads)?.unwrap_or_else(detect);
    place.run(py, || digits(formula.0, position, n, threads))?.map_err(|error| refused(error.to_string()))
}

/// The parts of the sum for a position, of nearly equal cost.
#[pyfunction]
pub(crate) fn hex_plan(
    position: &Bound<'_, PyAny>,
    parts: &Bound<'_, PyAny>,
    formula: NamedFormula,
) -> PyResult<Vec<Fields>> {
    let whole = whole(formula.0, position)?;
    let parts = integer(parts, "parts", 1, MOST_PARTS)?;
    Ok(split(&whole, parts).iter().map(fields).collect())
}

/// The expected number of modular squarings of a part.
#[pyfunction]
pub(crate) fn hex_cost(part: &Bound<'_, PyAny>) -> PyResult<f64> {
    Ok(squarings(&part_of(&extracted(part)?)?))
}

/// The sum of a part, a fraction in units of `2^-128`.
#[pyfunction]
pub(crate) fn hex_part(
    py: Python<'_>,
    part: &Bound<'_, PyAny>,
    threads: &Bound<'_, PyAny>,
) -> PyResult<u128> {
    let part = part_of(&extracted(part)?)?;
    let threads = arguments::threads(Some(threads))?.unwrap_or(1);
    let sum = Place::for_squarings(squarings(&part)).run(py, || part.sum(threads))?;
    Ok(sum.sum())
}

/// Position, value, error in units of `2^-128`, and certain digits of a complete sum.
#[pyfunction]
pub(crate) fn hex_sum(sums: &Bound<'_, PyAny>) -> PyResult<(u64, u128, u128, String)> {
    let sums = extracted::<Vec<SumFields>>(sums)?.into_iter().map(|(name, bit, start, end, sum)| {
        part_of(&(name, bit, start, end)).map(|part| PartialSum::new(part, sum))
    });
    let sums = sums.collect::<PyResult<Vec<_>>>()?;
    let sum = Sum::merge(&sums).map_err(|error| refused(error.to_string()))?;
    Ok((sum.bit() / 4 + 1, sum.value(), sum.error(), sum.digits()))
}
