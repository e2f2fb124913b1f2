//! Where sandboxes come from.

use super::Target;
use crate::cost::Budget;
use crate::error::Error;
use crate::matrix::Start;
use crate::results::TargetRecord;
use std::cell::RefCell;
use std::rc::Rc;

/// A function that can be had in any memory size, and cold.
pub trait Source {
    /// What it is, for the record.
    fn record(&self) -> &TargetRecord;

    /// The function with this much memory, in MB.
    ///
    /// When [`is_cold_forced`](Self::is_cold_forced), the first invocation of one that is opened
    /// cold finds a new sandbox.
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    fn open(&mut self, memory_mb: u64, start: Start) -> Result<Box<dyn Target>, Error>;

    /// Whether a new sandbox can be had when one is wanted.
    fn is_cold_forced(&self) -> bool;

    /// The memory size that it is configured for, where there is such a thing.
    fn configured_mb(&self) -> Option<u64> {
        None
    }

    /// The end of its log, when something went wrong.
    fn last_words(&self) -> String {
        String::new()
    }
}

/// What invocations on AWS may cost, shared by all functions there.
#[derive(Debug, Clone)]
pub struct Spending {
    /// The limit, and what is spent of it.
    pub budget: Rc<RefCell<Budget>>,
    /// The billed duration that an invocation is expected to have before one is known, in ms.
    pub assumed_ms: f64,
}
