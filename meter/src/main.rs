//! `lambda-meter`: measures the duration and the cost of an AWS Lambda function.

#![warn(clippy::print_stderr)]

use clap::{CommandFactory, Parser};
use lambda_meter::cli::{Cli, Command};
use lambda_meter::error::Error;
use lambda_meter::say::say;
use lambda_meter::{ab, compare, completions, hex, invoke, nothing, report, run, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    // To measure its own overhead, the tool starts itself as a function that does nothing.
    if nothing::is_wanted() {
        return nothing::main();
    }
    match execute(Cli::parse().command) {
        Ok(code) => code.into(),
        Err(error) => {
            say(&format!("error: {error}"));
            error.exit_code().into()
        }
    }
}

fn execute(command: Command) -> Result<u8, Error> {
    match command {
        Command::Invoke(args) => invoke::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Ab(args) => ab::run(&args),
        Command::Hex(args) => hex::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Completions(args) => completions::completions(&args, Cli::command()),
        Command::Man(args) => completions::man(&args, Cli::command()),
    }
}
