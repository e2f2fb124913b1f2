//! All samples, one after the other, each saved before the next one is taken.

use super::progress::Progress;
use super::sampler::Sampler;
use crate::error::Error;
use crate::matrix::Step;
use crate::results::Sample;

/// How a series ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every sample was taken.
    Complete,
    /// Somebody wanted it to end; what was taken is saved.
    Interrupted,
}

/// Takes the samples of `steps` and gives each to `save`.
///
/// # Errors
///
/// The first error of the tool; the samples before it were saved.
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
