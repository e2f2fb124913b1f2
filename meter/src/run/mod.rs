//! `lambda-meter run`: a matrix of targets, events, memory sizes, cold and warm.

mod args;
mod interrupt;
mod overhead;
mod plan;
mod progress;
mod sampler;
mod series;
mod verify;

pub use args::{EXAMPLES, PriceArgs, RunArgs};
pub use interrupt::Interrupt;
pub use plan::{changes, continued, describe, expected_usd, header};
pub use progress::Progress;
pub use sampler::{Estimate, Sampler};
pub use series::{Ending, measure};
pub use verify::Verifier;

use crate::clock;
use crate::error::Error;
use crate::export::{self, usd};
use crate::matrix::{Matrix, Step};
use crate::results::{Environment, Header, Overhead, Results, Store, load};
use crate::sandbox::Limits;
use crate::subject::{Spending, sources};
use std::collections::HashSet;
use std::time::SystemTime;

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When the plan makes no sense, a file cannot be written, or a function cannot be started.
pub fn run(args: &RunArgs) -> Result<u8, Error> {
    let mut matrix = args.plan()?;
    let spending = args.spending();
    let sources = sources(&mut matrix, &spending)?;
    say_left_out(&matrix, args.aws);
    let created = clock::timestamp(SystemTime::now());
    let path = args.output(&created);
    let mut header = header(&matrix, &sources, args.prices.prices(), created, Environment::here());
    if args.dry_run {
        print!("{}{}", describe(&header, args.assume), changes(&matrix, &sources));
        return Ok(0);
    }
    afford(&header, args)?;
    args.export.check()?;
    let interrupt = Interrupt::listen()?;
    let (mut store, mut results) = match &args.resume {
        None => {
            let mut store = Store::create(&path, args.overwrite)?;
            header.overhead = match calibrate(&header, matrix.limits) {
                Ok(overhead) => overhead,
                Err(error) => {
                    store.discard();
                    return Err(error);
                }
            };
            store.begin(&header)?;
            (store, Results { header, samples: Vec::new() })
        }
        Some(path) => {
            let results = continued(path, load(path)?, &header, None)?;
            (Store::resume(path, &results)?, results)
        }
    };
    let steps = missing(&matrix.steps(&matrix.cells()), &results);
    let cells = results.header.cells.clone();
    let mut sampler = Sampler::new(&matrix, sources);
    sampler.learn(&results.samples);
    let ending = measure(
        &mut sampler,
        &steps,
        &mut Progress::new(&cells, steps.len()),
        &|| interrupt.is_set(),
        &mut |sample| {
            store.add(&sample)?;
            results.samples.push(sample);
            Ok(())
        },
    );
    // Before anything is printed: no function outlives the measurement.
    drop(sampler);
    say_spent(&spending);
    finish(args, &store, &results, ending)
}

fn say_left_out(matrix: &Matrix, aws: bool) {
    if !matrix.left_out.is_empty() {
        let names = matrix.left_out.join("; ");
        let why =
            if aws { "not on AWS (no function in [[target]])" } else { "on AWS (--aws measures there)" };
        eprintln!("lambda-meter: left out, since they are {why}: {names}");
    }
}

fn say_spent(spending: &Spending) {
    let budget = spending.budget.borrow();
    if budget.invocations() > 0 {
        let spent = usd(budget.spent_usd());
        eprintln!("lambda-meter: {} invocations on AWS cost about {spent} USD", budget.invocations());
    }
}

/// Refuses a measurement on AWS that is expected to cost more than it may.
fn afford(header: &Header, args: &RunArgs) -> Result<(), Error> {
    let expected_usd = expected_usd(header, args.assume);
    if expected_usd <= args.max_usd {
        return Ok(());
    }
    Err(Error::TooExpensive { limit_usd: args.max_usd, expected_usd })
}

/// Measures the tool itself, when its own time is part of the figures.
fn calibrate(header: &Header, limits: Limits) -> Result<Option<Overhead>, Error> {
    if header.targets.iter().all(|target| target.kind != "binary" && target.kind != "image") {
        return Ok(None);
    }
    match std::env::current_exe() {
        Ok(tool) => overhead::calibrate(&tool, limits).map(Some),
        Err(_) => Ok(None),
    }
}

/// The steps whose samples are not there yet.
fn missing(steps: &[Step], results: &Results) -> Vec<Step> {
    let taken: HashSet<Step> =
        results.samples.iter().map(|sample| Step { cell: sample.cell, round: sample.round }).collect();
    steps.iter().copied().filter(|step| !taken.contains(step)).collect()
}

fn finish(
    args: &RunArgs,
    store: &Store,
    results: &Results,
    ending: Result<Ending, Error>,
) -> Result<u8, Error> {
    let (path, count) = (store.path().display(), results.samples.len());
    let place = format!("{count} samples are in {path}; `lambda-meter report {path}` draws them again");
    match ending {
        Ok(Ending::Complete) => {}
        Ok(Ending::Interrupted) => {
            eprintln!(
                "lambda-meter: interrupted; {count} samples are in {path}, --resume {path} takes the others"
            );
            return Ok(130);
        }
        Err(error) => {
            eprintln!("lambda-meter: {count} samples are in {path}, --resume {path} takes the others");
            return Err(error);
        }
    }
    export::write(results, &args.export)?;
    eprintln!("lambda-meter: {place}");
    Ok(u8::from(results.samples.iter().any(|sample| sample.failure.is_some())))
}
