//! The options of `lambda-meter hex`.

use crate::cost::Architecture;
use crate::run::{AwsArgs, PriceArgs};
use clap::Args;
use std::path::PathBuf;

/// The options of `lambda-meter hex`.
#[derive(Debug, Clone, Args)]
pub struct HexArgs {
    /// The hexadecimal position, as in 1e9 or 1000; the digit behind the point has position 1
    pub position: String,

    /// The function on AWS, by name or ARN; costs money, see --max-usd
    #[arg(
        long,
        value_name = "FUNCTION[:QUALIFIER]",
        required_unless_present = "endpoint",
        conflicts_with = "endpoint"
    )]
    pub function: Option<String>,

    /// An endpoint of the Lambda Invoke API, as that of `lambda-meter serve`, in the place of --function
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,

    /// The state machine of app/hex, which drives the function; without it this program does
    #[arg(long, value_name = "ARN", requires = "function", conflicts_with = "endpoint")]
    pub state_machine: Option<String>,

    /// Account and place of the function.
    #[command(flatten)]
    pub aws: AwsArgs,

    /// Budget: a plan above it is refused, and no part begins that could exceed it
    #[arg(long, value_name = "USD", default_value_t = 1.0, value_parser = crate::run::dollars)]
    pub max_usd: f64,

    /// Print the plan with its cost and its time, and compute nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Seconds of a part, 1 to 600 [default: 120]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: Option<u64>,

    /// The number of parts of each sum, in the place of --seconds
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub parts: Option<u64>,

    /// Invocations at a time; a new account may have a limit of 10
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub concurrency: u32,

    /// The file that keeps the parts; the same command goes on from it [default: hex-POSITION.jsonl]
    #[arg(long, value_name = "FILE", conflicts_with = "state_machine")]
    pub state: Option<PathBuf>,

    /// The architecture whose price counts for an endpoint [default: this machine's]
    #[arg(long, value_enum, requires = "endpoint")]
    pub architecture: Option<Architecture>,

    /// Print the proof as JSON
    #[arg(long)]
    pub json: bool,

    /// Prices.
    #[command(flatten)]
    pub prices: PriceArgs,
}

impl HexArgs {
    /// The file that keeps the parts.
    pub(super) fn file(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| PathBuf::from(format!("hex-{}.jsonl", self.position)))
    }
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter hex 1e9 --function pi-hex --dry-run
  lambda-meter hex 1e12 --function pi-hex --concurrency 100 --max-usd 2
  lambda-meter hex 1e12 --function pi-hex --state-machine ARN --concurrency 100 --max-usd 2
  lambda-meter hex 1e7 --endpoint http://127.0.0.1:9107 --concurrency 2

Exit codes: 0 proven digits, 2 usage, 3 error or above the budget, 130 interrupted; parts are kept";

/// The long help, printed below the options.
pub const HELP: &str = "\
Two sums of different terms are computed: Bellard's formula from the position on,
and that of Bailey, Borwein and Plouffe from eight digits before. The digits on
which both agree are printed, with both sums as the proof.

The function needs the operations hex-plan, hex-part, hex-sum and hex-compare (pi
with the feature hex: make zip-hex). Its own measurement gives time and cost of
the plan; hex-plan is invoked twice, with --dry-run too.

Without --state-machine each part is an invocation of this program, which tries
again what may pass, and keeps each sum in a file. With it Step Functions does
all that, and its table keeps the sums; this program starts the execution, shows
the progress of its maps, and stops it on Ctrl-C. The same command goes on in
both cases: no part that is kept is computed again.

Examples:
  The cost of the digits at 10^12:
    lambda-meter hex 1e12 --function pi-hex --dry-run

  On this machine, without AWS:
    lambda-meter serve --binary ./bootstrap --memory 1769 --timeout 900 --port 9107 &
    lambda-meter hex 1e7 --endpoint http://127.0.0.1:9107 --concurrency 2

Exit codes:
    0  digits on which both sums agree
    2  wrong usage
    3  an error, a plan above --max-usd, or sums that disagree
  130  interrupted; parts that are done are kept";
