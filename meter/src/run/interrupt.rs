//! Ctrl-C and its relatives: the series ends, and what was measured stays.

use crate::error::Error;
use crate::interrupt::Interrupts;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Builder;

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
        let mut interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        let theirs = flag.clone();
        std::thread::spawn(move || {
            runtime.block_on(interrupts.next());
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
