//! `lambda-meter run`: a matrix of targets, events, memory sizes, cold and warm.

mod args;
mod forecast;
mod interrupt;
mod overhead;
mod plan;
mod precision;
mod progress;
mod recording;
mod sampler;
mod series;
mod verify;

pub(crate) use args::dollars;
pub use args::{AwsArgs, EXAMPLES, GoalArgs, PriceArgs, RunArgs, SampleArgs};
pub use forecast::{changes, describe, expected_usd};
pub use interrupt::Interrupt;
pub use plan::Plan;
pub use progress::Progress;
pub use recording::{Recording, continued};
pub use sampler::{Estimate, Sampler};
pub use series::{Ending, measure, take_samples};
pub use verify::Verifier;

use crate::clock;
use crate::error::Error;
use crate::export::{self, usd};
use crate::listed::listed;
use crate::matrix::Matrix;
use crate::results::{Environment, Header};
use crate::say::say;
use crate::subject::Spending;
use std::time::SystemTime;

/// Measures and shows, or only prints the plan; returns the exit code.
///
/// # Errors
///
/// When the matrix is invalid, a file cannot be written, or a function cannot be started.
pub fn run(args: &RunArgs) -> Result<u8, Error> {
    if args.dry_run {
        let (plan, header) = planned(args, &args.spending())?;
        let highest = forecast::highest(&header, plan.matrix.goal);
        print!("{}{}", describe(&highest, args.assume), changes(&plan));
        if let Some(goal) = plan.matrix.goal {
            println!("{}", precision::planned(&goal));
        }
        return Ok(0);
    }
    let (recording, ending) = record(args)?;
    show(args, &recording, ending)
}

/// Plans, opens, measures and saves; the end of the series may be an error or an interrupt.
///
/// # Errors
///
/// When the matrix is invalid, a file cannot be written, or a function cannot be started.
pub fn record(args: &RunArgs) -> Result<(Recording, Result<Ending, Error>), Error> {
    let spending = args.spending();
    let (plan, header) = planned(args, &spending)?;
    let goal = plan.matrix.goal;
    afford(&forecast::highest(&header, goal), args)?;
    args.export.check()?;
    let interrupt = Interrupt::listen()?;
    let mut recording = open(args, &plan, header)?;
    let ending = take_samples(plan, &mut recording, &|| interrupt.is_set());
    if let (Ok(Ending::Limited(limit)), Some(goal)) = (&ending, goal) {
        say(&precision::limited(&goal, *limit, recording.results()));
    }
    say_spent(&spending);
    Ok((recording, ending))
}

fn planned(args: &RunArgs, spending: &Spending) -> Result<(Plan, Header), Error> {
    let created = clock::timestamp(SystemTime::now());
    let plan = Plan::resolve(args.matrix()?, spending)?;
    say_left_out(&plan.matrix, args.aws);
    let header = plan.header(args.prices.prices(), created, Environment::here());
    Ok((plan, header))
}

fn open(args: &RunArgs, plan: &Plan, header: Header) -> Result<Recording, Error> {
    match &args.resume {
        Some(path) => Recording::resume(path, &header),
        None => {
            let path = args.output(&header.created);
            Recording::create(&path, args.samples.overwrite, header, || overhead::measure(plan))
        }
    }
}

/// Writes the reports of a complete measurement, names the results file, returns the exit code.
fn show(args: &RunArgs, recording: &Recording, ending: Result<Ending, Error>) -> Result<u8, Error> {
    let results = recording.results();
    let (path, count) = (recording.path().display(), results.samples.len());
    match ending {
        Ok(Ending::Complete | Ending::Limited(_)) => {}
        Ok(Ending::Interrupted) => {
            say(&format!("interrupted; {count} samples are in {path}, continue with --resume {path}"));
            return Ok(130);
        }
        Err(error) => {
            say(&format!("{count} samples are in {path}, continue with --resume {path}"));
            return Err(error);
        }
    }
    export::write(results, &args.export)?;
    say(&format!("{count} samples are in {path}; `lambda-meter report {path}` prints the tables"));
    Ok(u8::from(results.samples.iter().any(|sample| sample.failure.is_some())))
}

fn say_left_out(matrix: &Matrix, aws: bool) {
    if !matrix.left_out.is_empty() {
        let names = listed(&matrix.left_out);
        let why = if aws {
            "not on AWS (no `function` in [[target]])"
        } else {
            "on AWS (--aws measures functions on AWS)"
        };
        say(&format!("left out, because {why}: {names}"));
    }
}

fn say_spent(spending: &Spending) {
    let budget = spending.budget.borrow();
    if budget.invocations() > 0 {
        let spent = usd(budget.spent_usd());
        say(&format!("{} invocations on AWS cost about {spent} USD", budget.invocations()));
    }
}

/// Refuses a measurement on AWS whose expected cost exceeds the budget.
fn afford(header: &Header, args: &RunArgs) -> Result<(), Error> {
    let expected_usd = expected_usd(header, args.assume);
    if expected_usd <= args.max_usd {
        return Ok(());
    }
    Err(Error::TooExpensive { limit_usd: args.max_usd, expected_usd })
}
