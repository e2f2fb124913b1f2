//! Takes all samples in order, saving each before the next.

use super::progress::Progress;
use super::sampler::Sampler;
use crate::error::Error;
use crate::matrix::Step;
use crate::results::Sample;

/// The end of a series without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every sample is taken.
    Complete,
    /// A signal ended the series; the samples so far are saved.
    Interrupted,
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
                    eprintln!("{}", log.trim_end());
                }
                return Err(error);
            }
        }
    }
    progress.clear();
    Ok(Ending::Complete)
}
