//! Takes samples: cold ones in new sandboxes, warm ones in one warmed sandbox for each cell.

use super::plan::Plan;
use super::verify::Verifier;
use crate::clock;
use crate::error::Error;
use crate::matrix::{Cell, Matrix, Start, Step};
use crate::results::{Failure, Sample, millis};
use crate::subject::{Cause, FunctionError, Invocation, Source, Target};
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

/// Attempts at a warm sample, which finds a cold sandbox after a crash, for example.
const ATTEMPTS: u32 = 3;

/// The open targets and warm sandboxes.
pub struct Sampler {
    matrix: Matrix,
    cells: Vec<Cell>,
    sources: Vec<Box<dyn Source>>,
    /// The warm sandboxes, by cell.
    warm: HashMap<usize, Box<dyn Target>>,
    verifier: Verifier,
}

impl Sampler {
    /// A sampler for a plan.
    #[must_use]
    pub fn new(Plan { matrix, sources }: Plan) -> Self {
        let known = matrix.events.iter().map(|event| event.sha256.as_deref());
        let verifier = Verifier::new(matrix.check, known);
        Self { cells: matrix.cells(), matrix, sources, warm: HashMap::new(), verifier }
    }

    /// Takes the answers in samples of an earlier run as correct.
    pub fn learn(&mut self, earlier: &[Sample]) {
        for sample in earlier.iter().filter(|sample| sample.failure.is_none()) {
            let cell = self.cells[sample.cell];
            let target = &self.matrix.targets[cell.target].name;
            self.verifier.learn(cell.event, target, sample.digest.as_deref());
        }
    }

    /// Takes a sample.
    ///
    /// # Errors
    ///
    /// When the tool fails or the function cannot be started. A function that fails gives a sample
    /// with the failure.
    pub fn sample(&mut self, step: Step) -> Result<Sample, Error> {
        let cell = self.cells[step.cell];
        let begin = Instant::now();
        let invocation = match cell.start {
            Start::Cold => self.sources[cell.target]
                .open(cell.memory, cell.start)?
                .invoke(&self.matrix.events[cell.event].bytes)?,
            Start::Warm => self.invoke_warm(step.cell)?,
        };
        let wall = begin.elapsed();
        let (digest, failure) = self.judge(cell, &invocation);
        Ok(Sample {
            cell: step.cell,
            round: step.round,
            at: clock::timestamp(SystemTime::now()),
            duration_ms: millis(invocation.duration),
            billed_duration_ms: millis(invocation.billed_duration),
            extension_overhead_ms: invocation.extension_overhead.map(millis),
            init_duration_ms: invocation.init_duration.map(millis),
            max_memory_used_mb: invocation.max_memory_used,
            wall_ms: millis(wall),
            digest,
            failure,
        })
    }

    /// The end of the log of a step's function.
    #[must_use]
    pub fn last_words(&self, step: Step) -> String {
        self.sources[self.cells[step.cell].target].last_words()
    }

    /// Invokes the cell's sandbox until an invocation is warm.
    fn invoke_warm(&mut self, index: usize) -> Result<Invocation, Error> {
        let cell = self.cells[index];
        let event = &self.matrix.events[cell.event].bytes;
        if !self.warm.contains_key(&index) {
            let mut target = self.sources[cell.target].open(cell.memory, cell.start)?;
            // The first invocation of a new sandbox is always cold.
            let least = u32::from(self.sources[cell.target].is_cold_forced());
            for _ in 0..self.matrix.warmup.max(least) {
                target.invoke(event)?;
            }
            self.warm.insert(index, target);
        }
        let target = self.warm.get_mut(&index).expect("it was just inserted");
        let mut invocation = target.invoke(event)?;
        for _ in 1..ATTEMPTS {
            if invocation.init_duration.is_none() {
                break;
            }
            invocation = target.invoke(event)?;
        }
        Ok(invocation)
    }

    fn judge(&mut self, cell: Cell, invocation: &Invocation) -> (Option<String>, Option<Failure>) {
        if let Some(error) = &invocation.function_error {
            return (None, Some(function_failure(error)));
        }
        let failure = |kind: &str, message| Some(Failure { kind: kind.to_owned(), message });
        if cell.start == Start::Warm && invocation.init_duration.is_some() {
            let message = "no sandbox survives an invocation, so no sample is warm".to_owned();
            return (None, failure("not_warm", message));
        }
        let target = &self.matrix.targets[cell.target].name;
        match self.verifier.verify(cell.event, target, &invocation.payload) {
            Ok(digest) => (digest, None),
            Err(message) => (None, failure("wrong_answer", message)),
        }
    }
}

fn function_failure(error: &FunctionError) -> Failure {
    let kind = match error.cause {
        Cause::Reported => "function_error",
        Cause::ResponseTooLarge => "too_large",
        Cause::Truncated => "truncated",
        Cause::Exited => "crash",
        Cause::TimedOut => "timeout",
    };
    let message = format!("{}: {}", error.error_type, error.error_message);
    Failure { kind: kind.to_owned(), message: crate::shorten::shorten(message.as_bytes()) }
}

/// Estimates the time of the remaining samples.
#[derive(Debug, Default)]
pub struct Estimate {
    by_cell: HashMap<usize, (Duration, u32)>,
}

impl Estimate {
    /// Takes a sample's time into account.
    pub fn learn(&mut self, cell: usize, wall: Duration) {
        let (sum, count) = self.by_cell.entry(cell).or_default();
        *sum += wall;
        *count += 1;
    }

    /// The time for `steps`: the mean of each step's cell, or of all cells where that is unknown.
    #[must_use]
    pub fn remaining(&self, steps: &[Step]) -> Option<Duration> {
        let known = self.by_cell.values();
        let (sum, count) = known.fold((Duration::ZERO, 0), |all, cell| (all.0 + cell.0, all.1 + cell.1));
        let mean = sum.checked_div(count)?;
        let of = |step: &Step| self.by_cell.get(&step.cell).map_or(mean, |(sum, count)| *sum / *count);
        Some(steps.iter().map(of).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_cells_count_as_slow() {
        let mut estimate = Estimate::default();
        let steps = [0, 1, 2].map(|cell| Step { cell, round: 1 });
        assert_eq!(estimate.remaining(&steps), None);
        estimate.learn(0, Duration::from_secs(9));
        estimate.learn(1, Duration::from_secs(1));
        assert_eq!(estimate.remaining(&steps), Some(Duration::from_secs(9 + 1 + 5)));
        assert_eq!(estimate.remaining(&[]), Some(Duration::ZERO));
    }
}
