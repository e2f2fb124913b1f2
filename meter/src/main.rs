//! `lambda-meter`: what an AWS Lambda function costs and how long it takes.

use clap::Parser;
use lambda_meter::cli::{Cli, Command};
use lambda_meter::{invoke, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Invoke(args) => invoke::run(&args),
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
