//! The options of `lambda-meter run`.

use crate::cost::{Budget, PriceChange, Prices};
use crate::error::Error;
use crate::event;
use crate::export::ExportArgs;
use crate::matrix::{Check, Draft, DraftEvent, DraftTarget, Matrix, MatrixError, read_file};
use crate::sandbox::Limits;
use crate::subject::Spending;
use clap::{Args, ValueEnum};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The options of `lambda-meter run`.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArgs {
    /// A matrix in TOML: targets, events, memory sizes and runs; options override it
    #[arg(value_name = "MATRIX")]
    pub file: Option<PathBuf>,

    /// A function's executable on this machine; may be repeated
    #[arg(long = "binary", value_name = "[NAME=]PATH", value_parser = named)]
    pub binaries: Vec<Named>,

    /// A container image, unpacked by docker; may be repeated
    #[arg(long = "image", value_name = "[NAME=]IMAGE", value_parser = named)]
    pub images: Vec<Named>,

    /// An endpoint of the Lambda Invoke API (RIE, cargo lambda); may be repeated
    #[arg(long = "endpoint", value_name = "[NAME=]URL", value_parser = named)]
    pub endpoints: Vec<Named>,

    /// A function on AWS, by name or ARN; may be repeated; costs money, see --max-usd
    #[arg(long = "function", value_name = "[NAME=]FUNCTION[:QUALIFIER]", value_parser = named)]
    pub functions: Vec<Named>,

    /// Measure the functions on AWS that the matrix names, instead of its local targets
    #[arg(long)]
    pub aws: bool,

    /// Account and place of functions.
    #[command(flatten)]
    pub aws_account: AwsArgs,

    /// Budget of all invocations on AWS; the measurement ends before it is exceeded
    #[arg(long, value_name = "USD", default_value_t = 1.0, value_parser = dollars)]
    pub max_usd: f64,

    /// Events, memory sizes and samples.
    #[command(flatten)]
    pub samples: SampleArgs,

    /// Also measure each binary without its extensions and layers, as NAME-bare
    #[arg(long)]
    pub bare: bool,

    /// Invocations of a sandbox before its first warm sample [default: 1]
    #[arg(long, value_name = "N")]
    pub warmup: Option<u32>,

    /// Timeout of an invocation in seconds, 1 to 900 [default: 900]
    #[arg(long, value_name = "S")]
    pub timeout: Option<u64>,

    /// The target that ratios refer to [default: the first]
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,

    /// The part that must be equal in all responses to an event [default: digits]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub check: Option<Check>,

    /// Expected SHA-256 of the digits in every response
    #[arg(long, value_name = "HEX")]
    pub expect_sha256: Option<String>,

    /// Continue the measurement in this file with the samples that are missing
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub resume: Option<PathBuf>,

    /// Print the plan and its cost on Lambda, without measuring
    #[arg(long)]
    pub dry_run: bool,

    /// Expected billed duration in ms, for --dry-run and --max-usd
    #[arg(long, value_name = "MS", default_value_t = 1_000.0)]
    pub assume: f64,

    /// Prices.
    #[command(flatten)]
    pub prices: PriceArgs,

    /// Destinations of the reports.
    #[command(flatten)]
    pub export: ExportArgs,
}

/// The options that `run` and `ab` share: events, memory sizes, samples, limits and the file.
#[derive(Debug, Clone, Default, Args)]
pub struct SampleArgs {
    /// An event: a file, - for standard input, or JSON that begins with {; may be repeated
    #[arg(long = "event", value_name = "FILE|JSON")]
    pub events: Vec<String>,

    /// Memory sizes in MB, 128 to 10240 [default: 128; on AWS, the configured size]
    #[arg(long, value_name = "MB,...", value_delimiter = ',')]
    pub memory: Option<Vec<u64>>,

    /// Warm samples of each cell [default: 10]
    #[arg(long, value_name = "N")]
    pub runs: Option<u32>,

    /// Cold samples of each cell, each in a new sandbox [default: 10; 0 with --runs, and on AWS]
    #[arg(long, value_name = "N")]
    pub cold: Option<u32>,

    /// Precision for which more samples are taken.
    #[command(flatten)]
    pub goal: GoalArgs,

    /// An external extension, started beside each binary; may be repeated
    #[arg(long = "extension", value_name = "PATH")]
    pub extensions: Vec<PathBuf>,

    /// A layer, a folder or a zip, at /opt of each binary; its extensions are started; may be repeated
    #[arg(long = "layer", value_name = "FOLDER|ZIP")]
    pub layers: Vec<PathBuf>,

    /// Limit local functions to their memory and Lambda's share of a vCPU [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub limits: Option<Limits>,

    /// The file that saves each sample as soon as it is taken [default: lambda-meter-DATE.json]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace the file of --output if it exists
    #[arg(long, requires = "output")]
    pub overwrite: bool,
}

/// Options for the precision of medians.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct GoalArgs {
    /// Continue after the samples of --runs and --cold until the 95 % interval of every median is
    /// within ± PERCENT; 0 is off [default: 5; 0 if --runs or --cold is given, and on AWS]
    #[arg(long, value_name = "PERCENT")]
    pub precision: Option<f64>,

    /// Samples of a cell at which --precision gives up [default: 50]
    #[arg(long, value_name = "N")]
    pub max_runs: Option<u32>,

    /// Seconds after which --precision begins no further round [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub max_time: Option<u64>,
}

/// Options for functions on AWS.
#[derive(Debug, Clone, Default, Args)]
pub struct AwsArgs {
    /// The default AWS region of functions [default: `AWS_REGION`, or the profile's]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// The profile of ~/.aws/config [default: `AWS_PROFILE`]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// Options for prices.
#[derive(Debug, Clone, Default, Args)]
pub struct PriceArgs {
    /// Tier of monthly usage: 1, 2 (10 % cheaper) or 3 (20 %) [default: 1]
    #[arg(long, value_name = "TIER", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub price_tier: Option<u8>,

    /// A price of another region, per GB-second or per request; may be repeated
    #[arg(long = "price", value_name = "x86_64|arm64|request=USD")]
    pub changes: Vec<PriceChange>,
}

impl PriceArgs {
    /// The price table.
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices::of_tier(self.price_tier.unwrap_or(1)).changed(&self.changes)
    }

    /// The price table, if an option is given.
    #[must_use]
    pub fn given(&self) -> Option<Prices> {
        (self.price_tier.is_some() || !self.changes.is_empty()).then(|| self.prices())
    }
}

/// `NAME=VALUE`, or a value alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    name: Option<String>,
    value: String,
}

impl From<(&str, &str)> for Named {
    fn from((name, value): (&str, &str)) -> Self {
        Self { name: Some(name.to_owned()), value: value.to_owned() }
    }
}

pub(crate) fn dollars(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(usd) if usd >= 0.0 && f64::is_finite(usd) => Ok(usd),
        _ => Err("expected USD, as in 0.50".to_owned()),
    }
}

fn named(text: &str) -> Result<Named, String> {
    let (name, value) = match text.split_once('=') {
        // An equal sign after a slash belongs to the path or the address.
        Some((name, value)) if !name.contains('/') => (Some(name.to_owned()), value),
        _ => (None, text),
    };
    if value.is_empty() || name.as_ref().is_some_and(String::is_empty) {
        return Err("expected NAME=VALUE or VALUE, as in rust=target/release/bootstrap".to_owned());
    }
    Ok(Named { name, value: value.to_owned() })
}

impl RunArgs {
    /// The matrix of the file, with the options.
    ///
    /// # Errors
    ///
    /// When the file or an event cannot be read, or the matrix is invalid.
    pub fn matrix(&self) -> Result<Matrix, Error> {
        let file = self.file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        if self.binaries.is_empty() && self.samples.extensions.len() + self.samples.layers.len() > 0 {
            return Err(MatrixError::missing(
                "--extension and --layer belong to binaries on the command line, and there is none",
                "--binary PATH; in a matrix file, extensions = [\"PATH\"] in [[target]]",
            )
            .into());
        }
        let mut draft = file.merge(self.draft());
        if self.bare {
            draft = draft.with_bare()?;
        }
        if let Some(digest) = &self.expect_sha256 {
            draft.events.iter_mut().for_each(|event| event.sha256 = Some(digest.clone()));
        }
        draft.plan()
    }

    fn draft(&self) -> Draft {
        let binary = |named: &Named| DraftTarget {
            name: named.name.clone(),
            binary: Some(named.value.clone().into()),
            extensions: self.samples.extensions.clone(),
            layers: self.samples.layers.clone(),
            ..DraftTarget::default()
        };
        let image = |named: &Named| DraftTarget {
            name: named.name.clone(),
            image: Some(named.value.clone()),
            ..DraftTarget::default()
        };
        let endpoint = |named: &Named| DraftTarget {
            name: named.name.clone(),
            endpoint: Some(named.value.clone()),
            ..DraftTarget::default()
        };
        let function = |named: &Named| DraftTarget {
            name: named.name.clone(),
            function: Some(named.value.clone()),
            ..DraftTarget::default()
        };
        let event = |text: &String| match event::is_inline(text) {
            true => DraftEvent { json: Some(text.clone()), ..DraftEvent::default() },
            false => DraftEvent { file: Some(text.into()), ..DraftEvent::default() },
        };
        Draft {
            targets: (self.binaries.iter().map(binary))
                .chain(self.images.iter().map(image))
                .chain(self.endpoints.iter().map(endpoint))
                .chain(self.functions.iter().map(function))
                .collect(),
            events: self.samples.events.iter().map(event).collect(),
            memory: self.samples.memory.clone(),
            runs: self.samples.runs,
            cold: self.samples.cold,
            precision: self.samples.goal.precision,
            max_runs: self.samples.goal.max_runs,
            max_time: self.samples.goal.max_time,
            warmup: self.warmup,
            timeout: self.timeout,
            baseline: self.baseline.clone(),
            limits: self
                .samples
                .limits
                .and_then(|limits| Some(limits.to_possible_value()?.get_name().to_owned())),
            check: self.check,
            region: self.aws_account.region.clone(),
            profile: self.aws_account.profile.clone(),
            aws: self.aws || !self.functions.is_empty(),
            ..Draft::default()
        }
    }

    /// The budget of invocations on AWS.
    #[must_use]
    pub fn spending(&self) -> Spending {
        let budget = Budget::new(self.prices.prices(), self.max_usd);
        Spending { budget: Rc::new(RefCell::new(budget)), assumed_ms: self.assume }
    }

    /// The new results file.
    #[must_use]
    pub fn output(&self, now: &str) -> PathBuf {
        let stamp: String = now.chars().take(19).map(|c| if c == ':' { '-' } else { c }).collect();
        self.samples
            .output
            .clone()
            .unwrap_or_else(|| Path::new(&format!("lambda-meter-{stamp}.json")).to_owned())
    }
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter run --binary ./bootstrap --event event.json --runs 20 --cold 10
  lambda-meter run --binary ./bootstrap --event event.json --precision 2 --max-time 300
  lambda-meter run --binary new=./a --binary old=./b --event event.json --html report.html
  lambda-meter run --binary ./bootstrap --event event.json --memory 128,512,1769 --dry-run
  lambda-meter run --binary ./bootstrap --extension ./my-extension --bare --event event.json
  lambda-meter run --endpoint http://127.0.0.1:9000 --event event.json
  lambda-meter run --function pi-zip-arm64 --event event.json --cold 5 --dry-run
  lambda-meter run meter/matrices/published.toml --markdown -
  lambda-meter run meter/matrices/published.toml --aws --max-usd 0.50
  lambda-meter run matrix.toml --resume results.json

Exit codes: 0 every sample counts, 1 some failed or were wrong, 2 usage,
            3 tool error, 130 interrupted; samples are saved in any case";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_before_the_first_equal_sign() {
        let of = |text: &str| named(text).map(|named| (named.name, named.value));
        assert_eq!(of("new=./a"), Ok((Some("new".to_owned()), "./a".to_owned())));
        assert_eq!(of("./a=b/c"), Ok((None, "./a=b/c".to_owned())));
        assert_eq!(of("http://host/?a=b"), Ok((None, "http://host/?a=b".to_owned())));
        assert!(of("=x").is_err() && of("x=").is_err() && of("").is_err());
    }
}
