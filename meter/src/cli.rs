//! The command line.

use crate::compare::{self, CompareArgs};
use crate::completions::{self, CompletionsArgs, ManArgs};
use crate::invoke::{self, InvokeArgs};
use crate::report::{self, ReportArgs};
use crate::run::{self, RunArgs};
use crate::serve::{self, ServeArgs};
use clap::{Parser, Subcommand};

/// What an AWS Lambda function costs and how long it takes, measured.
#[derive(Debug, Parser)]
#[command(name = "lambda-meter", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invoke a function's binary on this machine, as Lambda would, and print what it took
    #[command(after_help = invoke::EXAMPLES, after_long_help = invoke::HELP)]
    Invoke(InvokeArgs),

    /// Measure targets, events, memory sizes, cold and warm starts, and say what they cost
    #[command(after_help = run::EXAMPLES)]
    Run(Box<RunArgs>),

    /// Draw the tables and charts of a measurement again
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArgs),

    /// Say what changed between two measurements, and whether it is more than noise
    #[command(after_help = compare::EXAMPLES)]
    Compare(CompareArgs),

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
