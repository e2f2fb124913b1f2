//! `lambda-meter hex`: hexadecimal digits of pi by many invocations, with the cost before and the proof
//! after.
//!
//! ```text
//! plan      two sums in parts of equal time, by the function's own measurement; refused above --max-usd
//! parts     each part one invocation, kept in a file; or a state machine that does the same on AWS
//! proof     the sums, the digits on which both agree, the cost
//! ```
//!
//! The tool knows the function by its operations `hex-plan`, `hex-part`, `hex-sum` and `hex-compare`
//! alone, so that any program with them can be driven.

mod args;
mod kept;
#[cfg(feature = "aws")]
mod machine;
mod parts;
mod plan;
mod progress;
mod proof;
mod service;

pub use args::{EXAMPLES, HELP, HexArgs};

use crate::error::Error;
use crate::say::print;
use kept::Kept;
use plan::Plan;
use service::Service;

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When the function or the state machine cannot be reached, the plan is too expensive, a part fails for
/// good, or the sums disagree.
pub fn run(args: &HexArgs) -> Result<u8, Error> {
    let service = Service::open(args)?;
    let kept = if args.state_machine.is_some() { Kept::nothing() } else { Kept::read(args.file())? };
    let plan = Plan::make(&service, args, &kept)?;
    print(&plan.words(args));
    if args.dry_run {
        return Ok(0);
    }
    plan.allow(args.max_usd)?;
    let proof = match &args.state_machine {
        Some(machine) => by_machine(&service, args, &plan, machine)?,
        None => parts::run(&service, args, &plan, kept)?,
    };
    proof::write(&proof, &plan, args.json)?;
    Ok(0)
}

#[cfg(feature = "aws")]
fn by_machine(
    service: &Service,
    args: &HexArgs,
    plan: &Plan,
    machine: &str,
) -> Result<serde_json::Value, Error> {
    machine::run(service, args, plan, machine)
}

#[cfg(not(feature = "aws"))]
fn by_machine(_: &Service, _: &HexArgs, _: &Plan, _: &str) -> Result<serde_json::Value, Error> {
    Err(Error::WithoutAws)
}

/// An error of a computation of digits.
fn failed(problem: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::Hex { problem: problem.into(), hint: hint.into() }
}
