//! Where sandboxes come from.

use super::Target;
use super::endpoint::EndpointSource;
use super::local::LocalSource;
use crate::cost::Budget;
use crate::error::Error;
#[cfg(not(feature = "aws"))]
use crate::matrix::TargetPlan;
use crate::matrix::{Matrix, Place, Start};
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

/// The sources of all targets of a matrix, in their order; memory sizes that nobody gave are
/// filled in.
///
/// # Errors
///
/// When a binary cannot be read, or a function on AWS cannot be asked.
pub fn sources(matrix: &mut Matrix, spending: &Spending) -> Result<Vec<Box<dyn Source>>, Error> {
    let mut clouds = Clouds::new(spending);
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    for plan in &matrix.targets {
        sources.push(match &plan.place {
            Place::Binary(path) => Box::new(LocalSource::binary(plan, path, matrix)?),
            Place::Image(reference) => Box::new(LocalSource::image(plan, reference, matrix)?),
            Place::Endpoint(url) => Box::new(EndpointSource::new(plan, url.clone(), matrix.timeout)?),
            Place::Function(_) => clouds.source(plan)?,
        });
    }
    for (plan, source) in matrix.targets.iter_mut().zip(&sources).filter(|(plan, _)| plan.memory.is_empty()) {
        plan.memory.extend(source.configured_mb());
    }
    Ok(sources)
}

#[cfg(feature = "aws")]
use super::aws::Clouds;

/// Says how to get what is missing.
#[cfg(not(feature = "aws"))]
struct Clouds;

#[cfg(not(feature = "aws"))]
impl Clouds {
    fn new(_: &Spending) -> Self {
        Self
    }

    fn source(&mut self, _: &TargetPlan) -> Result<Box<dyn Source>, Error> {
        Err(Error::WithoutAws)
    }
}
