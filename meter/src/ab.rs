//! `lambda-meter ab`: two binaries interleaved in one run, and the verdict on the change.

use crate::compare::{VerdictArgs, compare_targets, show};
use crate::error::Error;
use crate::matrix::Goal;
use crate::run::{Ending, GoalArgs, RunArgs, SampleArgs, record};
use crate::say::say;
use clap::Args;

/// The options of `lambda-meter ab`.
#[derive(Debug, Clone, Args)]
pub struct AbArgs {
    /// The executable before
    #[arg(value_name = "OLD")]
    pub old: String,

    /// The executable after
    #[arg(value_name = "NEW")]
    pub new: String,

    /// Events, memory sizes and samples.
    #[command(flatten)]
    pub samples: SampleArgs,

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
and the change reaches --threshold. --fail-if-slower asks in one direction, at 5 %.

Exit codes: 0 compared, 1 slower with --fail-if-slower, 2 usage, 3 tool error,
            130 interrupted";

/// Help for options that mean something else than in `lambda-meter run`.
pub const RUNS_HELP: &str = "Warm samples of each binary, event and memory size [default: 20]";
/// As [`RUNS_HELP`], for cold samples.
pub const COLD_HELP: &str = "Cold samples of each binary, event and memory size [default: 20]";

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
    let (recording, ending) = record(&args.run_args())?;
    let path = recording.path().display();
    if ending? == Ending::Interrupted {
        say(&format!("interrupted; the samples so far are in {path}"));
        return Ok(130);
    }
    say(&format!("{} samples are in {path}", recording.results().samples.len()));
    let [old, new] = NAMES;
    show(&compare_targets(recording.results(), old, new, args.verdict.threshold), &args.verdict)
}

impl AbArgs {
    /// The same measurement as options of `lambda-meter run`.
    fn run_args(&self) -> RunArgs {
        let [old, new] = NAMES;
        let samples = &self.samples;
        let is_fixed = samples.runs.is_some() || samples.cold.is_some();
        let precision = samples.goal.precision.or((!is_fixed).then_some(Goal::PERCENT));
        let samples = SampleArgs {
            runs: samples.runs.or(Some(SAMPLES)),
            cold: samples.cold.or(Some(SAMPLES)),
            goal: GoalArgs { precision, ..samples.goal },
            ..samples.clone()
        };
        let binaries = vec![(old, self.old.as_str()).into(), (new, self.new.as_str()).into()];
        RunArgs { binaries, samples, ..RunArgs::default() }
    }
}
