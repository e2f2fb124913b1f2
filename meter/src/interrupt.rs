//! Signals that end the tool.

use crate::error::Error;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receiver of SIGINT, SIGTERM and SIGHUP. A signal between two invocations is kept.
#[derive(Debug)]
pub struct Interrupts([Signal; 3]);

impl Interrupts {
    /// Starts to listen. Call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When a signal handler cannot be installed.
    pub fn listen() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Returns when a signal arrives, or has arrived since the last call.
    pub async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => (), _ = hangup.recv() => () }
    }
}

/// A runtime of one thread, for one wait at a time. Ctrl-C ends a wait.
#[derive(Debug)]
pub struct Waiting {
    runtime: Runtime,
    interrupts: RefCell<Interrupts>,
}

impl Waiting {
    /// Starts to listen to signals.
    ///
    /// # Errors
    ///
    /// When the operating system is out of resources.
    pub fn begin() -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        let interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        Ok(Self { runtime, interrupts: RefCell::new(interrupts) })
    }

    /// Waits for `future` or for Ctrl-C.
    ///
    /// # Errors
    ///
    /// That of `future`, or [`Error::Interrupted`].
    #[expect(clippy::await_holding_refcell_ref, reason = "one thread, and one wait at a time")]
    pub fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(async {
            tokio::select! {
                result = future => result,
                () = async { self.interrupts.borrow_mut().next().await } => Err(Error::Interrupted),
            }
        })
    }

    /// Waits for `future` without listening to signals.
    pub fn insist<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}
