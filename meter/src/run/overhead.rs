//! The tool's own overhead, measured with a function that does nothing.

use super::plan::Plan;
use crate::error::Error;
use crate::log::Log;
use crate::matrix::{Place, TargetPlan};
use crate::nothing;
use crate::results::{Overhead, millis};
use crate::sandbox::Limits;
use crate::statistics::Sorted;
use crate::subject::{Configuration, LocalBinary, Target};
use std::path::Path;
use std::time::Instant;

/// Number of cold starts and of warm invocations.
const COLD: u32 = 3;
const WARM: u32 = 30;

/// Measures the tool, unless all targets are endpoints or on AWS, whose figures exclude it.
///
/// # Errors
///
/// When the function that does nothing cannot be started, or Ctrl-C was pressed.
pub(super) fn measure(plan: &Plan) -> Result<Option<Overhead>, Error> {
    let is_local = |target: &TargetPlan| matches!(target.place, Place::Binary(_) | Place::Image(_));
    if !plan.matrix.targets.iter().any(is_local) {
        return Ok(None);
    }
    match std::env::current_exe() {
        Ok(tool) => calibrate(&tool, plan.matrix.limits).map(Some),
        Err(_) => Ok(None),
    }
}

/// Measures `tool`, the executable of lambda-meter, as a function that does nothing.
fn calibrate(tool: &Path, limits: Limits) -> Result<Overhead, Error> {
    let mut configuration = Configuration::new(tool);
    configuration.memory_size = 1_769;
    configuration.limits = limits;
    configuration.variables = vec![(nothing::VARIABLE.to_owned(), "1".to_owned())];
    let (mut inits, mut durations, mut around) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..COLD {
        let log = Log::new(Box::new(std::io::sink()));
        let mut target = LocalBinary::new(configuration.clone(), log)?;
        inits.extend(target.invoke(b"{}")?.init_duration.map(millis));
        for _ in 0..WARM / COLD {
            let begin = Instant::now();
            let invocation = target.invoke(b"{}")?;
            around.push(millis(begin.elapsed().saturating_sub(invocation.duration)));
            durations.push(millis(invocation.duration));
        }
    }
    // Rounded as every sample is, so that a figure reads back from the file as it was.
    let rounded = |ms: f64| (ms * 1e3).round() / 1e3;
    let median = |samples: &[f64]| Sorted::new(samples).map_or(0.0, |sorted| rounded(sorted.median()));
    Ok(Overhead {
        init_ms: median(&inits),
        duration_ms: median(&durations),
        around_ms: median(&around),
        samples: WARM,
    })
}
