//! The command line.

use crate::compare::{self, CompareArgs};
use crate::redraw::{self, ReportArgs};
use crate::run::{self, RunArgs};
use crate::shell::{self, CompletionsArgs, ManArgs};
use crate::target::Configuration;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

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
    #[command(after_help = EXAMPLES, after_long_help = LONG_HELP)]
    Invoke(InvokeArgs),

    /// Measure targets, events, memory sizes, cold and warm starts, and say what they cost
    #[command(after_help = run::EXAMPLES)]
    Run(Box<RunArgs>),

    /// Draw the tables and charts of a measurement again
    #[command(after_help = redraw::EXAMPLES)]
    Report(ReportArgs),

    /// Say what changed between two measurements, and whether it is more than noise
    #[command(after_help = compare::EXAMPLES)]
    Compare(CompareArgs),

    /// Print a completion script for a shell
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),

    /// Print a manual page
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(ManArgs),
}

/// The options of `lambda-meter invoke`.
#[derive(Debug, Clone, Args)]
pub struct InvokeArgs {
    /// The function's executable, usually called `bootstrap`
    #[arg(long, value_name = "PATH")]
    pub binary: PathBuf,

    /// The event: a file, or - for standard input
    ///
    /// Any bytes are delivered, JSON or not. Given several times, the events are invoked one
    /// after the other in one sandbox: the first finds a cold start, the others a warm process.
    #[arg(long = "event", value_name = "FILE", required = true)]
    pub events: Vec<String>,

    /// Invoke the events N times over in the same sandbox
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,

    /// Memory of the function in MB, 128 to 10240
    ///
    /// The function and the REPORT line are told; neither CPU nor memory is limited yet.
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = clap::value_parser!(u64).range(128..=10_240))]
    pub memory: u64,

    /// Seconds that an invocation may take, 1 to 900
    ///
    /// The default is the longest that Lambda allows, so that a measurement is not cut off;
    /// a new function on Lambda has 3.
    #[arg(long, value_name = "S", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub timeout: u64,

    /// Write the bytes of the response to standard output, and nothing else
    #[arg(long)]
    pub raw: bool,

    /// Name of the function [default: the binary's name]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub function_name: Option<String>,

    /// The handler, in the function's variable `_HANDLER`
    #[arg(long, value_name = "HANDLER", default_value = "bootstrap")]
    pub handler: String,

    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
}

impl InvokeArgs {
    /// The function that these options describe.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        let mut configuration = Configuration::new(&self.binary);
        configuration.memory_size = self.memory;
        configuration.timeout = Duration::from_secs(self.timeout);
        configuration.handler.clone_from(&self.handler);
        configuration.variables.clone_from(&self.env);
        if let Some(name) = &self.function_name {
            configuration.function_name.clone_from(name);
        }
        configuration
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, as in RUST_LOG=debug".to_owned()),
    }
}

const EXAMPLES: &str = "\
Examples:
  lambda-meter invoke --binary ./bootstrap --event events/digits-1000.json
  echo '{\"digits\": 50}' | lambda-meter invoke --binary ./bootstrap --event - --raw
  lambda-meter invoke --binary ./bootstrap --event a.json --event b.json --repeat 3

Exit codes: 0 success, 1 function error, 2 usage,
            3 tool error, crash or timeout (see --help)";

const LONG_HELP: &str = "\
Output:
  Responses go to standard output, one after the other; on a terminal long
  strings are cut in the middle. The log goes to standard error in Lambda's
  order: START, what the function wrote, END, and a REPORT line in CloudWatch's
  format. All figures are measured:
    Init Duration    from the start of the process to its first request
    Duration         from the event's delivery to the complete response
    Billed Duration  the sum, rounded up to a millisecond; INIT is billed since
                     August 2025
    Max Memory Used  the most that was resident (VmHWM of the process), in MB,
                     rounded up
  They are wall time of this machine: Lambda's CPU share and the start of its
  microVM are not emulated yet.

Exit codes:
    0  every invocation succeeded
    1  the function answered with an error, or with more than 6 MB
    2  wrong usage
    3  an error of the tool; or the function could not be started, crashed or
       timed out
  130  interrupted; the function's processes are killed in any case
  Of several invocations the gravest counts. A crash or a timeout does not end
  the series: the next event finds a new sandbox, as on Lambda.

Examples:
  Ten thousand digits of pi, and what they take:
    lambda-meter invoke --binary ./bootstrap --event events/digits-10000.json

  An event from standard input, the response to another program:
    echo '{\"digits\": 50}' \\
      | lambda-meter invoke --binary ./bootstrap --event - --raw | jq .pi

  Cold, then warm, with a log level for the function:
    lambda-meter invoke --binary ./bootstrap --event event.json --repeat 3 \\
      --env AWS_LAMBDA_LOG_LEVEL=DEBUG

  As a new function on Lambda is configured:
    lambda-meter invoke --binary ./bootstrap --event event.json --timeout 3";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn variables_need_a_name_and_keep_their_equal_signs() {
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        assert!(variable("=b").unwrap_err().contains("NAME=VALUE"));
        assert!(variable("A").is_err());
    }
}
