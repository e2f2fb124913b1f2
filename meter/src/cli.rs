//! The command line.

use crate::ab::{self, AbArgs};
use crate::compare::{self, CompareArgs};
use crate::completions::{self, CompletionsArgs, ManArgs};
use crate::hex::{self, HexArgs};
use crate::invoke::{self, InvokeArgs};
use crate::report::{self, ReportArgs};
use crate::run::{self, RunArgs};
use crate::serve::{self, ServeArgs};
use clap::{Parser, Subcommand};

/// Measure the duration and the cost of an AWS Lambda function
#[derive(Debug, Parser)]
#[command(name = "lambda-meter", version, about, propagate_version = true)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invoke a function's binary on this machine as Lambda would, and print its REPORT line
    #[command(after_help = invoke::EXAMPLES, after_long_help = invoke::HELP)]
    Invoke(InvokeArgs),

    /// Measure targets x events x memory sizes x cold and warm starts, with costs
    #[command(after_help = run::EXAMPLES)]
    Run(Box<RunArgs>),

    /// Draw the tables and charts of a saved measurement
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArgs),

    /// Compare measurements, and tell a change from noise
    #[command(after_help = compare::EXAMPLES)]
    Compare(CompareArgs),

    /// Measure two binaries interleaved in one run, and tell a change from noise
    #[command(after_help = ab::EXAMPLES)]
    #[command(mut_arg("events", |arg| arg.required(true)))]
    #[command(mut_arg("memory", |arg| arg.help("Memory sizes in MB, 128 to 10240 [default: 128]")))]
    #[command(mut_arg("runs", |arg| arg.help(ab::RUNS_HELP)))]
    #[command(mut_arg("cold", |arg| arg.help(ab::COLD_HELP)))]
    Ab(AbArgs),

    /// Compute hexadecimal digits of pi by many invocations, with their cost before and a proof after
    #[command(after_help = hex::EXAMPLES, after_long_help = hex::HELP)]
    Hex(Box<HexArgs>),

    /// Print a completion script for a shell
    #[command(after_help = completions::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),

    /// Print a manual page
    #[command(after_help = completions::MAN_EXAMPLES)]
    Man(ManArgs),

    /// Serve a function's binary by Lambda's Invoke API, for the aws CLI, the SDKs and cargo lambda
    #[command(after_help = serve::EXAMPLES, after_long_help = serve::HELP)]
    Serve(ServeArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
