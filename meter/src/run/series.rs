//! Takes all samples in order, saving each before the next; then rounds until medians are precise.

use super::plan::Plan;
use super::progress::Progress;
use super::recording::Recording;
use super::sampler::Sampler;
use crate::error::Error;
use crate::matrix::{Limit, Next, Step};
use crate::results::Sample;
use crate::say::print;
use std::time::Instant;

/// The end of a series without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every sample is taken.
    Complete,
    /// A limit ended the series although some median is not as precise as the goal.
    Limited(Limit),
    /// A signal ended the series; the samples so far are saved.
    Interrupted,
}

/// Takes the missing samples of `plan`, then rounds until its goal or a limit is reached.
///
/// Every function has been stopped when this returns.
///
/// # Errors
///
/// The first error of the tool; the samples before the error are saved.
pub fn take_samples(
    plan: Plan,
    recording: &mut Recording,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Ending, Error> {
    let begin = Instant::now();
    let goal = plan.matrix.goal;
    let planned = plan.matrix.planned(&plan.matrix.cells());
    let cells = recording.results().header.cells.clone();
    let mut steps = recording.missing(&plan.matrix.steps(&plan.matrix.cells()));
    let mut sampler = Sampler::new(plan);
    sampler.learn(&recording.results().samples);
    let mut progress = Progress::new(&cells, steps.len());
    let ending = loop {
        let save = &mut |sample| recording.add(sample);
        if measure(&mut sampler, &steps, &mut progress, is_interrupted, save)? == Ending::Interrupted {
            break Ending::Interrupted;
        }
        let samples = &recording.results().samples;
        match goal.map_or(Next::Precise, |goal| goal.next(&planned, samples, begin.elapsed())) {
            Next::Precise => break Ending::Complete,
            Next::Limited(limit) => break Ending::Limited(limit),
            Next::Round(round) => steps = round,
        }
        progress.extend(steps.len());
    };
    progress.clear();
    Ok(ending)
}

/// Takes the samples of `steps` and passes each to `save`.
///
/// # Errors
///
/// The first error of the tool; the samples before the error are saved.
pub fn measure(
    sampler: &mut Sampler,
    steps: &[Step],
    progress: &mut Progress<'_>,
    is_interrupted: &dyn Fn() -> bool,
    save: &mut dyn FnMut(Sample) -> Result<(), Error>,
) -> Result<Ending, Error> {
    for (index, step) in steps.iter().enumerate() {
        if is_interrupted() {
            return Ok(Ending::Interrupted);
        }
        progress.show(&steps[index..]);
        match sampler.sample(*step) {
            Ok(sample) => {
                progress.learn(&sample);
                save(sample)?;
            }
            Err(Error::Interrupted) => return Ok(Ending::Interrupted),
            Err(error) => {
                progress.clear();
                let log = sampler.last_words(*step);
                if !log.is_empty() {
                    print(&format!("{}\n", log.trim_end()));
                }
                return Err(error);
            }
        }
    }
    Ok(Ending::Complete)
}
