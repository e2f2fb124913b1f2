//! Digits as text: at once, or block by block.

use crate::arguments::{Named, Options, count, integer, within_reach};
use crate::memory;
use crate::stream::{Buffer, Digits};
use crate::task::Place;
use pi_spigot::pi::{DigitCount, Text};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyString};
use std::sync::{Mutex, PoisonError};

/// The digits `from..from + n`, checked, with what it takes to compute them.
struct Range {
    from: DigitCount,
    n: DigitCount,
    options: Options,
    last: DigitCount,
}

impl Range {
    fn new(from: DigitCount, n: DigitCount, options: Options) -> PyResult<Self> {
        let last = within_reach(options.algorithm, (from.get() - 1).saturating_add(n.get()))?;
        Ok(Self { from, n, options, last })
    }

    fn place(&self) -> Place {
        Place::for_time(self.options.algorithm.reference_time(self.last))
    }

    /// The text, not yet computed. Python's copy of it is another byte for each digit.
    fn text(&self) -> PyResult<Text> {
        let threads = memory::threads(&self.options, self.from.get(), self.n.get(), 1)?;
        Ok(Text::range(self.options.algorithm, self.from, self.n).with_threads(threads))
    }

    fn compute(&self, py: Python<'_>) -> PyResult<String> {
        let text = self.text()?;
        self.place().run(py, || text.into_string())
    }
}

/// A copy of `text` without the interpreter's lock.
fn to_bytes<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    /// Copying so many bytes takes as long as a handover of the lock.
    const LONG: usize = 1 << 20;
    if text.len() < LONG {
        return Ok(PyBytes::new(py, text.as_bytes()));
    }
    PyBytes::new_with(py, text.len(), |bytes| {
        py.detach(|| bytes.copy_from_slice(text.as_bytes()));
        Ok(())
    })
}

/// Return the text of the first `n` digits: "3" for one, else "3." and `n - 1` decimals.
///
///     >>> pi_spigot.digits(10)
///     '3.141592653'
///
/// `n` is 1 to 1,000,000,000,000. `algorithm` is "chudnovsky", the fastest, "gosper" or "gibbons", the
/// independent references. `threads` is 1 to 1024, by default one for each processor that the process may
/// use, or fewer if memory is short. Truncated, never rounded. The interpreter's lock is free meanwhile,
/// except for the making of the text's object; for more than some million digits prefer `digits_bytes`.
///
/// Raises ValueError for anything else; MemoryError, before the computation, if the digits do not fit;
/// KeyboardInterrupt within a tenth of a second of Ctrl-C.
#[pyfunction]
#[pyo3(signature = (n, algorithm = Named::default(), threads = None),
       text_signature = "(n, algorithm='chudnovsky', threads=None)")]
pub(crate) fn digits<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyString>> {
    let range = Range::new(DigitCount::MIN, count(n, "n")?, Options::new(algorithm, threads)?)?;
    Ok(PyString::new(py, &range.compute(py)?))
}

/// Return the text of the first `n` digits as ASCII: `digits(n).encode()`, faster.
///
/// Takes and raises the same as `digits`.
#[pyfunction]
#[pyo3(signature = (n, algorithm = Named::default(), threads = None),
       text_signature = "(n, algorithm='chudnovsky', threads=None)")]
pub(crate) fn digits_bytes<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let range = Range::new(DigitCount::MIN, count(n, "n")?, Options::new(algorithm, threads)?)?;
    to_bytes(py, &range.compute(py)?)
}

/// Return the `n` digits from `position` on, where the leading 3 has position 1.
///
///     >>> pi_spigot.digits_from(1_000_000, 5)
///     '12106'
///
/// The text has a point only if it begins with the leading 3. All digits before are computed too:
/// `position + n - 1` is 1,000,000,000,000 at most, and time and memory are those of so many digits.
///
/// Raises the same as `digits`.
#[pyfunction]
#[pyo3(signature = (position, n, algorithm = Named::default(), threads = None),
       text_signature = "(position, n, algorithm='chudnovsky', threads=None)")]
pub(crate) fn digits_from<'py>(
    py: Python<'py>,
    position: &Bound<'py, PyAny>,
    n: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyString>> {
    let from = count(position, "position")?;
    let range = Range::new(from, count(n, "n")?, Options::new(algorithm, threads)?)?;
    Ok(PyString::new(py, &range.compute(py)?))
}

/// Return the `n` digits from `position` on as ASCII: `digits_from(position, n).encode()`, faster.
///
/// Takes and raises the same as `digits_from`.
#[pyfunction]
#[pyo3(signature = (position, n, algorithm = Named::default(), threads = None),
       text_signature = "(position, n, algorithm='chudnovsky', threads=None)")]
pub(crate) fn digits_from_bytes<'py>(
    py: Python<'py>,
    position: &Bound<'py, PyAny>,
    n: &Bound<'py, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let from = count(position, "position")?;
    let range = Range::new(from, count(n, "n")?, Options::new(algorithm, threads)?)?;
    to_bytes(py, &range.compute(py)?)
}

/// Characters that a call of the library brings, at least.
const FETCHED: usize = 1 << 16;

/// The text to come.
enum Source {
    /// The text of the first digits, whose number is known.
    Known { place: Place, buffer: Mutex<Buffer<Text>> },
    /// The text of all digits, and the number of its characters that were given.
    Endless { digits: Digits, given: Mutex<u64> },
}

/// The text of the first digits, or of all digits, block by block.
#[pyclass(frozen, module = "pi_spigot")]
pub(crate) struct Blocks {
    size: usize,
    source: Source,
}

#[pymethods]
impl Blocks {
    #[new]
    #[pyo3(signature = (n, size, algorithm, threads))]
    fn new(
        n: Option<&Bound<'_, PyAny>>,
        size: &Bound<'_, PyAny>,
        algorithm: Named,
        threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let size = integer(size, "size", 1, 1 << 30)? as usize;
        let options = Options::new(algorithm, threads)?;
        let source = if let Some(n) = n {
            let range = Range::new(DigitCount::MIN, count(n, "n")?, options)?;
            let text = range.text()?.early();
            Source::Known { place: range.place(), buffer: Mutex::new(Buffer::new(text)) }
        } else {
            Source::Endless { digits: Digits::with(options), given: Mutex::new(0) }
        };
        Ok(Self { size, source })
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        match &self.source {
            Source::Known { place, buffer } => {
                let buffer = &mut *buffer.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
                if buffer.len() < self.size {
                    let fetched = self.size.max(FETCHED);
                    place.run(py, || {
                        buffer.fill(self.size, |text| text.next_block_of(fetched).map(str::as_bytes));
                    })?;
                }
                let block = buffer.take(self.size);
                Ok((!block.is_empty()).then(|| PyBytes::new(py, block)))
            }
            Source::Endless { digits, given } => {
                let given = &mut *given.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
                let block = match (*given, self.size) {
                    (0, 2..) => pointed(&digits.portion(py, self.size as u64 - 1)?),
                    // The point is a block of its own.
                    (1, _) => PyBytes::new(py, b"."),
                    _ => digits.portion(py, self.size as u64)?,
                };
                *given += self.size as u64;
                Ok(Some(block))
            }
        }
    }
}

/// The first digits with the point behind the 3.
fn pointed<'py>(digits: &Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
    let (first, rest) = digits.as_bytes().split_at(1);
    PyBytes::new(digits.py(), &[first, b".", rest].concat())
}
