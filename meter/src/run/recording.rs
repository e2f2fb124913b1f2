//! The results of a measurement in memory, and the file that saves each sample at once.

use crate::error::Error;
use crate::matrix::Step;
use crate::results::{Header, Overhead, Results, ResultsError, Sample, Store, TargetRecord, load};
use std::collections::HashSet;
use std::path::Path;

/// Results and their file.
#[derive(Debug)]
pub struct Recording {
    store: Store,
    results: Results,
}

impl Recording {
    /// Creates the file at `path`; `overhead` measures the tool once the file can be written.
    ///
    /// # Errors
    ///
    /// When the file exists and may not be replaced, or the overhead cannot be measured; no empty
    /// file is left.
    pub fn create(
        path: &Path,
        overwrite: bool,
        header: Header,
        overhead: impl FnOnce() -> Result<Option<Overhead>, Error>,
    ) -> Result<Self, Error> {
        let mut store = Store::create(path, overwrite)?;
        let header = match overhead() {
            Ok(overhead) => Header { overhead, ..header },
            Err(error) => {
                store.discard();
                return Err(error);
            }
        };
        store.begin(&header)?;
        Ok(Self { store, results: Results { header, samples: Vec::new() } })
    }

    /// Continues the file at `path` under `header`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or belongs to another plan.
    pub fn resume(path: &Path, header: &Header) -> Result<Self, Error> {
        let results = continued(path, load(path)?, header, None)?;
        Ok(Self { store: Store::resume(path, &results)?, results })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// Everything so far.
    #[must_use]
    pub fn results(&self) -> &Results {
        &self.results
    }

    /// Saves a sample.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn add(&mut self, sample: Sample) -> Result<(), Error> {
        self.store.add(&sample)?;
        self.results.samples.push(sample);
        Ok(())
    }

    /// The steps that have no sample yet.
    pub(super) fn missing(&self, steps: &[Step]) -> Vec<Step> {
        let taken = self.results.samples.iter().map(|sample| Step { cell: sample.cell, round: sample.round });
        let taken: HashSet<Step> = taken.collect();
        steps.iter().copied().filter(|step| !taken.contains(step)).collect()
    }
}

/// The results of an earlier run under the header of this run, if both have the same plan.
///
/// The numbers of samples may differ, so that more samples can be taken.
///
/// # Errors
///
/// When a function, an event, a cell or the processor differs.
pub fn continued(
    path: &Path,
    earlier: Results,
    now: &Header,
    overhead: Option<Overhead>,
) -> Result<Results, ResultsError> {
    let then = &earlier.header;
    let identity = |target: &TargetRecord| {
        (target.name.clone(), target.kind.clone(), target.sha256.clone(), target.extensions.clone())
    };
    let functions = |header: &Header| header.targets.iter().map(identity).collect::<Vec<_>>();
    let figures = |header: &Header| header.targets.iter().map(|it| it.figures.clone()).collect::<Vec<_>>();
    let differences = [
        (functions(then) != functions(now), "a function or an extension differs, or was rebuilt"),
        (figures(then) != figures(now), "figures are scaled differently; see --limits"),
        (then.events != now.events, "the events differ"),
        (then.cells != now.cells, "the targets, memory sizes or starts differ"),
        (then.environment.cpu != now.environment.cpu, "the processor differs"),
        (then.check != now.check, "the compared part of the responses differs"),
    ];
    if let Some((_, difference)) = differences.iter().find(|(differs, _)| *differs) {
        return Err(ResultsError::OtherPlan { path: path.to_owned(), difference: (*difference).to_owned() });
    }
    let Results { header: then, samples } = earlier;
    let header = Header {
        created: then.created,
        overhead: then.overhead.or(overhead),
        environment: then.environment,
        ..now.clone()
    };
    Ok(Results { header, samples })
}
