//! The command line.

use crate::compare::{self, CompareArgs};
use crate::redraw::{self, ReportArgs};
use crate::run::{self, RunArgs};
use crate::sandbox::Limits;
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

    /// Serve a function's binary by Lambda's Invoke API, for the aws CLI, the SDKs and cargo lambda
    #[command(after_help = SERVE_EXAMPLES, after_long_help = SERVE_HELP)]
    Serve(ServeArgs),
}

/// The options of `lambda-meter invoke`.
#[derive(Debug, Clone, Args)]
pub struct InvokeArgs {
    /// The function.
    #[command(flatten)]
    pub function: FunctionArgs,

    /// The event: a file, or - for standard input
    ///
    /// Any bytes are delivered, JSON or not. Given several times, the events are invoked one
    /// after the other in one sandbox: the first finds a cold start, the others a warm process.
    #[arg(long = "event", value_name = "FILE", required = true)]
    pub events: Vec<String>,

    /// Invoke the events N times over in the same sandbox
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,

    /// Write the bytes of the response to standard output, and nothing else
    #[arg(long)]
    pub raw: bool,

    /// Take a streamed response as it comes, at Lambda's pace
    ///
    /// As `InvokeWithResponseStream` does: up to 200 MB, the first 6 MB at full speed, then 2 MB a
    /// second. Without it the response is put together, up to 6 MB, as Invoke does.
    #[arg(long)]
    pub stream: bool,
}

/// The options of `lambda-meter serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The function.
    #[command(flatten)]
    pub function: FunctionArgs,

    /// Port on 127.0.0.1; 0 for a free one, which is said
    #[arg(long, value_name = "PORT", default_value_t = 9000)]
    pub port: u16,

    /// Invocations at once, each in a sandbox of its own; beyond them a caller gets 429
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub concurrency: u16,
}

/// What describes a function on this machine.
#[derive(Debug, Clone, Args)]
pub struct FunctionArgs {
    /// The function's executable, usually called `bootstrap`
    #[arg(long, value_name = "PATH")]
    pub binary: PathBuf,

    /// Memory of the function in MB, 128 to 10240
    ///
    /// It gets a share of a CPU in proportion, all of one at 1769 MB, and is killed when it uses
    /// more memory; see --limits.
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = clap::value_parser!(u64).range(128..=10_240))]
    pub memory: u64,

    /// Seconds that an invocation may take, 1 to 900
    ///
    /// The default is the longest that Lambda allows, so that a measurement is not cut off;
    /// a new function on Lambda has 3.
    #[arg(long, value_name = "S", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub timeout: u64,

    /// Name of the function [default: the binary's name]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub function_name: Option<String>,

    /// The handler, in the function's variable `_HANDLER`
    #[arg(long, value_name = "HANDLER", default_value = "bootstrap")]
    pub handler: String,

    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,

    /// Hold the function to its memory and to the share of a CPU that Lambda gives with it
    ///
    /// By a cgroup of its own, which needs root or a delegated group. `auto` says when that is
    /// not possible, and `off` is for those who want the speed of this machine.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub limits: Limits,
}

impl FunctionArgs {
    /// The function that these options describe.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        let mut configuration = Configuration::new(&self.binary);
        configuration.memory_size = self.memory;
        configuration.timeout = Duration::from_secs(self.timeout);
        configuration.handler.clone_from(&self.handler);
        configuration.variables.clone_from(&self.env);
        configuration.limits = self.limits;
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

Limits (--limits auto):
  With --memory 128 the function gets 7.2 % of one CPU, in slices of a period of
  20 ms as on Lambda; the initialisation is not throttled; between two
  invocations not even a background thread runs; and one that uses more memory
  is killed. That takes a cgroup, version 1 or 2, and so root or a delegated
  group: systemd-run --user --scope -p Delegate=yes lambda-meter ...
  The last line says what was held, and what no local run can know: Lambda's
  processor, the start of its microVM, the fetch of code or image.

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

  The speed of this machine, for comparison:
    lambda-meter invoke --binary ./bootstrap --event event.json --limits off

  As a new function on Lambda is configured:
    lambda-meter invoke --binary ./bootstrap --event event.json --timeout 3";

const SERVE_EXAMPLES: &str = "\
Examples:
  lambda-meter serve --binary ./bootstrap --memory 128 --port 9000 --function-name pi
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json /dev/stdout";

const SERVE_HELP: &str = "\
Calls:
  Invoke                    RequestResponse, Event and DryRun; LogType Tail
  InvokeWithResponseStream  200 MB, the first 6 MB at full speed, then 2 MB/s
  Any account and credentials are accepted. The function is called by its name
  or by arn:aws:lambda:us-east-1:123456789012:function:NAME, with no qualifier
  or $LATEST. An asynchronous event is invoked once, without Lambda's retries.
  The log of all sandboxes goes to standard error. Ctrl-C ends the server and
  kills the function's processes.

Clients:
  export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json --log-type Tail /dev/stdout
  cargo lambda invoke pi --invoke-address 127.0.0.1 --invoke-port 9000 \\
    --data-file events/digits-1000.json
  curl http://127.0.0.1:9000/2015-03-31/functions/pi/invocations -d '{\"digits\": 50}'";

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
