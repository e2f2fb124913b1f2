//! Digits as text: at once, or block by block.

use crate::arguments::{Named, Options, count, integer, within_reach};
use crate::memory;
use crate::stream::Buffer;
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

/// The text of the first digits, block by block.
#[pyclass(frozen, module = "pi_spigot")]
pub(crate) struct Blocks {
    size: usize,
    place: Place,
    buffer: Mutex<Buffer<Text>>,
}

/// Characters that a call of the library brings, at least.
const FETCHED: usize = 1 << 16;

#[pymethods]
impl Blocks {
    #[new]
    #[pyo3(signature = (n, size, algorithm, threads))]
    fn new(
        n: &Bound<'_, PyAny>,
        size: &Bound<'_, PyAny>,
        algorithm: Named,
        threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let size = integer(size, "size", 1, 1 << 30)? as usize;
        let range = Range::new(DigitCount::MIN, count(n, "n")?, Options::new(algorithm, threads)?)?;
        let text = range.text()?.early();
        Ok(Self { size, place: range.place(), buffer: Mutex::new(Buffer::new(text)) })
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let buffer = &mut *self.buffer.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if buffer.len() < self.size {
            let fetched = self.size.max(FETCHED);
            self.place
                .run(py, || buffer.fill(self.size, |text| text.next_block_of(fetched).map(str::as_bytes)))?;
        }
        let block = buffer.take(self.size);
        Ok((!block.is_empty()).then(|| PyBytes::new(py, block)))
    }
}
