//! Python's values as the library's types.
//!
//! A value of a wrong type is a `TypeError` in Python's words; one out of range is a `ValueError` that
//! says what is allowed.

use pi_spigot::pi::hex::{Formula, UnknownFormula};
use pi_spigot::pi::{Algorithm, DigitCount};
use pi_spigot_guard::Grouped;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use std::borrow::Cow;

/// The largest number of threads that may be asked for.
const MOST_THREADS: u64 = 1024;

/// A `ValueError` with these words.
pub(crate) fn refused(words: impl Into<String>) -> PyErr {
    PyValueError::new_err(words.into())
}

/// An integer from `least` to `most`, of any Python type that is one.
pub(crate) fn integer(value: &Bound<'_, PyAny>, name: &str, least: u64, most: u64) -> PyResult<u64> {
    match value.extract::<u64>() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        Err(error) if !error.is_instance_of::<PyOverflowError>(value.py()) => Err(error),
        _ => {
            let [least, most] = [least, most].map(Grouped);
            let given = value.str().map_or_else(|_| "a longer number".to_owned(), |text| text.to_string());
            Err(refused(format!("{name} must be an integer from {least} to {most}, not {given}")))
        }
    }
}

/// A number of digits, or the position of one: an integer from 1 on.
pub(crate) fn count(value: &Bound<'_, PyAny>, name: &str) -> PyResult<DigitCount> {
    let n = integer(value, name, 1, DigitCount::MAX.get())?;
    DigitCount::new(n).map_err(|error| refused(format!("{name}: {error}")))
}

/// Checks that `algorithm` can compute digits up to position `last`.
pub(crate) fn within_reach(algorithm: Algorithm, last: u64) -> PyResult<DigitCount> {
    let most = algorithm.max_digits();
    match DigitCount::new(last) {
        Ok(last) if last <= most => Ok(last),
        _ => {
            let [last, most] = [last, most.get()].map(Grouped);
            Err(refused(format!(
                "{algorithm} computes digits up to position {most}, not {last}: ask for fewer"
            )))
        }
    }
}

/// An algorithm by its name, a `str`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named(pub(crate) Algorithm);

impl<'a, 'py> FromPyObject<'a, 'py> for Named {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let name: Cow<'_, str> = object.extract()?;
        name.parse().map(Self).map_err(|error| refused(format!("{name:?}: {error}")))
    }
}

/// A formula by its name, a `str`.
#[derive(Clone, Copy, Default)]
pub(crate) struct NamedFormula(pub(crate) Formula);

impl<'a, 'py> FromPyObject<'a, 'py> for NamedFormula {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        formula(&object.extract::<Cow<'_, str>>()?).map(Self)
    }
}

/// The formula of this name.
pub(crate) fn formula(name: &str) -> PyResult<Formula> {
    name.parse().map_err(|error: UnknownFormula| refused(error.to_string()))
}

/// The number of threads, if one is given.
pub(crate) fn threads(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let Some(value) = value else { return Ok(None) };
    Ok(Some(integer(value, "threads", 1, MOST_THREADS)? as usize))
}

/// The options that functions of digits share.
pub(crate) struct Options {
    pub(crate) algorithm: Algorithm,
    pub(crate) threads: Option<usize>,
}

impl Options {
    pub(crate) fn new(Named(algorithm): Named, given: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self { algorithm, threads: threads(given)? })
    }
}
