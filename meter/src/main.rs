//! `lambda-meter`: what an AWS Lambda function costs and how long it takes.

use clap::Parser;
use lambda_meter::cli::{Cli, Command};
use lambda_meter::{compare, empty, invoke, redraw, run, serve, shell};
use std::process::ExitCode;

fn main() -> ExitCode {
    if empty::is_wanted() {
        return if empty::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let result = match Cli::parse().command {
        Command::Invoke(args) => invoke::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Report(args) => redraw::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
        Command::Serve(args) => serve::run(&args),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("lambda-meter: error: {error}");
            error.exit_code().into()
        }
    }
}
