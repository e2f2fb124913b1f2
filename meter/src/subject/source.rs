//! The trait of everything that opens sandboxes.

use super::Target;
use crate::cost::Budget;
use crate::error::Error;
use crate::matrix::Start;
use crate::results::TargetRecord;
use std::cell::RefCell;
use std::rc::Rc;

/// A function whose sandboxes can be opened with a memory size.
pub trait Source {
    /// The function's entry in the results.
    fn record(&self) -> &TargetRecord;

    /// Opens the function with this much memory, in MB.
    ///
    /// If [`is_cold_forced`](Self::is_cold_forced), the first invocation of a target opened cold
    /// finds a new sandbox.
    ///
    /// # Errors
    ///
    /// When the function cannot be opened with this memory size.
    fn open(&mut self, memory_mb: u64, start: Start) -> Result<Box<dyn Target>, Error>;

    /// True when the source can force a new sandbox.
    fn is_cold_forced(&self) -> bool;

    /// The configured memory size in MB, for a function on AWS.
    fn configured_mb(&self) -> Option<u64> {
        None
    }

    /// The end of the function's log, for an error message.
    fn last_words(&self) -> String {
        String::new()
    }
}

/// The budget of all functions on AWS.
#[derive(Debug, Clone)]
pub struct Spending {
    /// The limit and the USD spent.
    pub budget: Rc<RefCell<Budget>>,
    /// Expected billed duration of an invocation before one is measured, in ms.
    pub assumed_ms: f64,
}
