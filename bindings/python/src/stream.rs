//! `Digits`: the digits one by one or in portions, without end.

use crate::arguments::{Named, Options, integer};
use crate::memory;
use crate::task::Place;
use pi_spigot::pi::{self, Algorithm, DigitCount};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyBytes;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

/// Bytes that a source has given and Python has not taken.
pub(crate) struct Buffer<S> {
    source: S,
    bytes: Vec<u8>,
    out: usize,
}

impl<S> Buffer<S> {
    pub(crate) const fn new(source: S) -> Self {
        Self { source, bytes: Vec::new(), out: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.out
    }

    /// Adds blocks of the source until there are `len` bytes or the source ends.
    pub(crate) fn fill(&mut self, len: usize, next: impl Fn(&mut S) -> Option<&[u8]>) {
        self.bytes.drain(..self.out);
        self.out = 0;
        while self.bytes.len() < len
            && let Some(block) = next(&mut self.source)
        {
            self.bytes.extend_from_slice(block);
        }
    }

    /// The next bytes, at most `most` of them.
    pub(crate) fn take(&mut self, most: usize) -> &[u8] {
        let start = self.out;
        self.out += self.len().min(most);
        &self.bytes[start..self.out]
    }
}

impl Buffer<pi::Digits> {
    /// Fills `target`: all of it or, if this unwinds, nothing that counts.
    fn read(&mut self, target: &mut [u8]) {
        let (first, rest) = target.split_at_mut(self.len().min(target.len()));
        self.source.fill_ascii(rest);
        first.copy_from_slice(self.take(first.len()));
    }

    /// Replaces bytes that are out by the next `count` digits.
    fn refill(&mut self, count: usize) {
        let mut bytes = vec![0; count];
        self.source.fill_ascii(&mut bytes);
        (self.bytes, self.out) = (bytes, 0);
    }
}

/// The digits of pi without end: an iterator over the integers 3, 1, 4, 1, ..., and a file of digits.
///
///     >>> pi = pi_spigot.Digits()
///     >>> next(pi), next(pi), pi.read(4)
///     (3, 1, b'4159')
///
/// No precision is needed in advance: the stream doubles what it has. A digit costs 50 ns by `next` and a
/// nanosecond by `read`, beside its computation. An exception, that of Ctrl-C too, takes no digit: the next
/// call goes on where the stream was. Threads may share the object; each digit goes to one of them.
///
/// `algorithm` and `threads` are those of `digits`; by default one thread for each processor. Memory grows
/// with the digits, to 26 bytes for each, and to 48 while the stream doubles. The object does not pickle.
///
/// Raises ValueError for another algorithm or number of threads; later MemoryError, if the next digits do not
/// fit.
#[pyclass(frozen, module = "pi_spigot")]
pub(crate) struct Digits {
    options: Options,
    state: Mutex<State>,
}

struct State {
    buffer: Buffer<pi::Digits>,
    /// Digits that Python has taken.
    position: u64,
}

/// The number of digits to fetch behind position `last`. A series has blocks, so that copies are all there is
/// to save; the spigot computes each digit, so that a digit too many costs time.
fn portion(algorithm: Algorithm, last: u64) -> u64 {
    match algorithm {
        Algorithm::Gibbons => 50,
        _ => (last / 8).clamp(500, 1 << 20),
    }
}

impl Digits {
    /// The stream with these options; without a number of threads, one for each processor.
    pub(crate) fn with(mut options: Options) -> Self {
        let threads = options.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        options.threads = Some(threads);
        let buffer = Buffer::new(pi::Digits::new(options.algorithm).with_threads(threads));
        Self { options, state: Mutex::new(State { buffer, position: 0 }) }
    }

    /// The next `n` digits: all of them or, after an exception, none.
    pub(crate) fn portion<'py>(&self, py: Python<'py>, n: u64) -> PyResult<Bound<'py, PyBytes>> {
        let state = &mut *self.state(py);
        let here = n <= state.buffer.len() as u64;
        let place = if here {
            Place::Attached
        } else {
            self.place(state.position, state.position.saturating_add(n))?
        };
        let bytes = PyBytes::new_with(py, n as usize, |target| place.run(py, || state.buffer.read(target)))?;
        state.position += n;
        Ok(bytes)
    }

    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// The place for a computation that goes on from position `from` to `last`, if there is memory.
    fn place(&self, from: u64, last: u64) -> PyResult<Place> {
        let algorithm = self.options.algorithm;
        let last = crate::arguments::within_reach(algorithm, last)?;
        memory::threads(&self.options, 1, last.get(), memory::unbounded_surplus(algorithm, last))?;
        // A block of a series goes to twice the digits.
        let (from, to) = match algorithm {
            Algorithm::Gibbons => (DigitCount::new(from).unwrap_or(DigitCount::MIN), last),
            _ => (DigitCount::MIN, DigitCount::new(2 * last.get()).unwrap_or(DigitCount::MAX)),
        };
        Ok(Place::for_time(algorithm.reference_time(to).saturating_sub(algorithm.reference_time(from))))
    }
}

#[pymethods]
impl Digits {
    #[new]
    #[pyo3(signature = (algorithm = Named::default(), threads = None),
           text_signature = "(algorithm='chudnovsky', threads=None)")]
    fn new(algorithm: Named, threads: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::with(Options::new(algorithm, threads)?))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<u8> {
        let state = &mut *self.state(py);
        if state.buffer.len() == 0 {
            let count = portion(self.options.algorithm, state.position);
            let place = self.place(state.position, state.position + count)?;
            place.run(py, || state.buffer.refill(count as usize))?;
        }
        state.position += 1;
        Ok(state.buffer.take(1)[0] - b'0')
    }

    /// Return the next `n` digits as ASCII without a point; all of them, or none if this raises.
    ///
    /// Raises ValueError if `n` is negative or above 1,000,000,000,000, and MemoryError.
    #[pyo3(text_signature = "($self, n)")]
    fn read<'py>(&self, py: Python<'py>, n: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        self.portion(py, integer(n, "n", 0, DigitCount::MAX.get())?)
    }

    /// The number of digits that were taken.
    #[getter]
    fn position(&self, py: Python<'_>) -> u64 {
        self.state(py).position
    }

    /// The name of the algorithm.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.options.algorithm.name()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<pi_spigot.Digits by {} at position {}>", self.options.algorithm, self.position(py))
    }
}
