//! A computation without the interpreter's lock, which Ctrl-C and other signals stop.
//!
//! ```text
//! Attached   some microseconds: handing over the lock would take longer
//! Detached   some milliseconds: other Python threads run meanwhile
//! Worker     anything longer: a thread computes under a token, and this one looks for signals
//! ```
//! Python handles signals on the main thread only, by calls of `check_signals`. A handler that raises,
//! as that of Ctrl-C does, cancels the token: the computation unwinds and its memory is free before the
//! exception is seen.

use pi_spigot::pi::cancel::{Cancelled, Token};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Time between two looks for signals. A look takes the interpreter's lock for a microsecond.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(10);

/// The place where a computation runs, by its expected time on the reference machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Attached,
    Detached,
    Worker,
}

impl Place {
    /// The place for a computation of about this time.
    pub(crate) const fn for_time(time: Duration) -> Self {
        /// A waiting Python thread may keep the lock for 5 ms, so that a handover costs more than it gives.
        const SHORT: u128 = 100;
        const LONG: u128 = 5_000;
        match time.as_micros() {
            ..SHORT => Self::Attached,
            SHORT..LONG => Self::Detached,
            _ => Self::Worker,
        }
    }

    /// The place for so many modular squarings, a nanosecond each at worst.
    pub(crate) const fn for_squarings(squarings: f64) -> Self {
        Self::for_time(Duration::from_nanos(squarings as u64))
    }

    /// Runs `work`.
    ///
    /// # Errors
    /// The exception of a signal's handler, or `RuntimeError` with the words of a panic.
    pub(crate) fn run<T: Send>(self, py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
        match self {
            Self::Attached => catch_unwind(AssertUnwindSafe(work)).map_err(exception),
            Self::Detached => py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(exception),
            Self::Worker => py.detach(|| on_worker(work)),
        }
    }
}

fn on_worker<T: Send>(work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let token = Token::default();
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let computing = token.clone();
        let compute = move || {
            let result = catch_unwind(AssertUnwindSafe(|| computing.run(work)));
            // The receiver lives until this thread has ended.
            let _ = sender.send(result);
        };
        thread::Builder::new().spawn_scoped(scope, compute).map_err(|error| {
            PyRuntimeError::new_err(format!("no thread could be started: {error}; end others"))
        })?;
        let mut interruption = None;
        loop {
            match receiver.recv_timeout(BETWEEN_SIGNALS) {
                Ok(result) => return interruption.map_or_else(|| result.map_err(exception), Err),
                Err(RecvTimeoutError::Timeout) if interruption.is_none() => {
                    interruption = signalled();
                    if interruption.is_some() {
                        token.cancel();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PyRuntimeError::new_err("the thread was lost"));
                }
            }
        }
    })
}

/// The exception of a signal's handler that has run. An interpreter that is ending takes no calls.
fn signalled() -> Option<PyErr> {
    let looked = Python::try_attach(|py| {
        let raised = py.check_signals();
        raised.err()
    });
    match looked {
        Some(raised) => raised,
        None => Some(PyKeyboardInterrupt::new_err("the interpreter is ending")),
    }
}

/// The exception for a computation that unwound.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn exception(payload: Box<dyn Any + Send>) -> PyErr {
    if payload.is::<Cancelled>() {
        return PyKeyboardInterrupt::new_err(());
    }
    let words = payload.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| payload.downcast_ref::<&str>().copied());
    PyRuntimeError::new_err(words.unwrap_or("the computation failed").to_owned())
}
