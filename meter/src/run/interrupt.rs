//! Ctrl-C and its relatives: the series ends, and what was measured stays.

use crate::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Set once somebody wants the series to end.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on, in a thread that sleeps.
    ///
    /// # Errors
    ///
    /// When the operating system has no resources left.
    pub fn listen() -> Result<Self, Error> {
        let flag = Self(Arc::new(AtomicBool::new(false)));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        let mut signals = runtime.block_on(async { signals() }).map_err(Error::RuntimeApi)?;
        let theirs = flag.clone();
        std::thread::spawn(move || {
            runtime.block_on(async {
                let [interrupt, terminate, hangup] = &mut signals;
                tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => (), _ = hangup.recv() => () }
            });
            theirs.0.store(true, Ordering::Relaxed);
        });
        Ok(flag)
    }

    /// Whether somebody does.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn signals() -> io::Result<[tokio::signal::unix::Signal; 3]> {
    Ok([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?])
}
