//! A flag that a signal sets, so that the series ends and its samples stay.

use crate::error::Error;
use crate::interrupt::Interrupts;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Builder;

/// The flag, set by SIGINT, SIGTERM or SIGHUP.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts to listen, in a thread.
    ///
    /// # Errors
    ///
    /// When the operating system is out of resources.
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

    /// True after a signal.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
