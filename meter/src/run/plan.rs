//! The resolved plan of a measurement, and the header that its results begin with.

use crate::cost::Prices;
use crate::error::Error;
use crate::matrix::{Cell, EventPlan, Matrix};
use crate::results::{CellRecord, Environment, EventRecord, Header, SCHEMA, sha256};
use crate::subject::{Source, Spending, open};

/// A matrix whose targets are open, so that every memory size is known.
pub struct Plan {
    /// The matrix; each target has at least one memory size.
    pub matrix: Matrix,
    /// One source for each target of the matrix, in order.
    pub sources: Vec<Box<dyn Source>>,
}

impl Plan {
    /// Opens the targets of `matrix`.
    ///
    /// # Errors
    ///
    /// When a binary cannot be read, or AWS does not describe a function.
    pub fn resolve(matrix: Matrix, spending: &Spending) -> Result<Self, Error> {
        let sources = open(&matrix, spending)?;
        Ok(Self::new(matrix, sources))
    }

    /// The plan for `matrix` with these open targets; a target without a memory size gets the size
    /// that it is configured for.
    #[must_use]
    pub fn new(mut matrix: Matrix, sources: Vec<Box<dyn Source>>) -> Self {
        for (target, source) in matrix.targets.iter_mut().zip(&sources) {
            if target.memory.is_empty() {
                target.memory.extend(source.configured_mb());
            }
        }
        Self { matrix, sources }
    }

    /// The header of the results, without the tool's overhead.
    #[must_use]
    pub fn header(&self, prices: Prices, created: String, environment: Environment) -> Header {
        let matrix = &self.matrix;
        Header {
            schema: SCHEMA.to_owned(),
            tool: concat!("lambda-meter ", env!("CARGO_PKG_VERSION")).to_owned(),
            created,
            environment,
            overhead: None,
            prices,
            runs: matrix.runs,
            cold: matrix.cold,
            warmup: matrix.warmup,
            timeout_s: matrix.timeout.as_secs(),
            baseline: matrix.baseline.clone(),
            check: matrix.check,
            targets: self.sources.iter().map(|source| source.record().clone()).collect(),
            events: matrix.events.iter().map(event_record).collect(),
            cells: matrix.cells().iter().map(|cell| cell_record(matrix, cell)).collect(),
            published: matrix.published.clone(),
        }
    }
}

fn event_record(event: &EventPlan) -> EventRecord {
    EventRecord {
        name: event.name.clone(),
        size: event.bytes.len(),
        sha256: sha256(&event.bytes),
        expected: event.sha256.clone(),
    }
}

fn cell_record(matrix: &Matrix, cell: &Cell) -> CellRecord {
    CellRecord {
        target: matrix.targets[cell.target].name.clone(),
        event: matrix.events[cell.event].name.clone(),
        memory_mb: cell.memory,
        start: cell.start,
    }
}
