//! `lambda-meter ab`: two binaries interleaved in one run, and the verdict on the change.

use crate::compare::{VerdictArgs, compare_targets, show};
use crate::error::Error;
use crate::matrix::Goal;
use crate::run::{Ending, GoalArgs, RunArgs, record};
use crate::sandbox::Limits;
use clap::Args;
use std::path::PathBuf;

/// The options of `lambda-meter ab`.
#[derive(Debug, Clone, Args)]
pub struct AbArgs {
    /// The executable before
    #[arg(value_name = "OLD")]
    pub old: String,

    /// The executable after
    #[arg(value_name = "NEW")]
    pub new: String,

    /// An event: a file, - for standard input, or JSON that begins with {; may be repeated
    #[arg(long = "event", value_name = "FILE|JSON", required = true)]
    pub events: Vec<String>,

    /// Memory sizes in MB, 128 to 10240 [default: 128]
    #[arg(long, value_name = "MB,...", value_delimiter = ',')]
    pub memory: Option<Vec<u64>>,

    /// Warm samples of each binary, event and memory size [default: 20]
    #[arg(long, value_name = "N")]
    pub runs: Option<u32>,

    /// Cold samples of each binary, event and memory size [default: 20]
    #[arg(long, value_name = "N")]
    pub cold: Option<u32>,

    /// Precision for which more samples are taken.
    #[command(flatten)]
    pub goal: GoalArgs,

    /// Limit the binaries to their memory and Lambda's share of a vCPU [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub limits: Option<Limits>,

    /// The file that saves each sample as soon as it is taken [default: lambda-meter-DATE.json]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace the file of --output if it exists
    #[arg(long, requires = "output")]
    pub overwrite: bool,

    /// Options of the verdict.
    #[command(flatten)]
    pub verdict: VerdictArgs,
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter ab old/bootstrap new/bootstrap --event '{\"digits\": 1000}'
  lambda-meter ab ./old ./new --event event.json --memory 128,1769 --fail-if-slower 5

Samples of both binaries alternate, and those of one round are compared as a
pair, so drift of the machine cancels. A cell is faster or slower when Wilcoxon's
signed-rank test finds a change at 5 %, corrected for the number of cells (Holm),
and the change reaches --threshold.

Exit codes: 0 compared, 1 slower with --fail-if-slower, 2 usage, 3 tool error,
            130 interrupted";

/// Default number of samples of a cell.
const SAMPLES: u32 = 20;
/// Names of the two targets.
const NAMES: [&str; 2] = ["old", "new"];

/// Measures both binaries, prints the comparison and returns the exit code.
///
/// # Errors
///
/// When a binary cannot be started, an event cannot be read, or the results cannot be written.
pub fn run(args: &AbArgs) -> Result<u8, Error> {
    let (recording, ending) = record(&args.run_args()?)?;
    let path = recording.path().display();
    if ending? == Ending::Interrupted {
        eprintln!("lambda-meter: interrupted; the samples so far are in {path}");
        return Ok(130);
    }
    eprintln!("lambda-meter: {} samples are in {path}", recording.results().samples.len());
    let [old, new] = NAMES;
    show(&compare_targets(recording.results(), old, new, args.verdict.threshold), &args.verdict)
}

impl AbArgs {
    /// The same measurement as options of `lambda-meter run`.
    fn run_args(&self) -> Result<RunArgs, Error> {
        let [old, new] = NAMES;
        let is_fixed = self.runs.is_some() || self.cold.is_some();
        let precision = self.goal.precision.or((!is_fixed).then_some(Goal::PERCENT));
        Ok(RunArgs {
            binaries: vec![(old, self.old.as_str()).into(), (new, self.new.as_str()).into()],
            events: self.events.clone(),
            memory: self.memory.clone(),
            runs: self.runs.or(Some(SAMPLES)),
            cold: self.cold.or(Some(SAMPLES)),
            goal: GoalArgs { precision, ..self.goal },
            limits: self.limits,
            output: self.output.clone(),
            overwrite: self.overwrite,
            ..RunArgs::default()
        })
    }
}
