//! `lambda-meter report`: tables and charts of a saved measurement.

use crate::error::Error;
use crate::export::{self, ExportArgs};
use crate::results;
use crate::run::PriceArgs;
use clap::Args;
use std::path::PathBuf;

/// The options of `lambda-meter report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// A file that `lambda-meter run` wrote
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,

    /// Prices that replace those of the measurement.
    #[command(flatten)]
    pub prices: PriceArgs,

    /// Destinations of the reports.
    #[command(flatten)]
    pub export: ExportArgs,
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter report results.json
  lambda-meter report results.json --html report.html --csv samples.csv
  lambda-meter report results.json --markdown - --price-tier 3
  lambda-meter report results.json --price x86_64=0.0000195 --price request=0.00000023";

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When the results cannot be read, or a report cannot be written.
pub fn run(args: &ReportArgs) -> Result<u8, Error> {
    let mut results = results::load(&args.results)?;
    if let Some(prices) = args.prices.given() {
        results.header.prices = prices;
    }
    export::write(&results, &args.export)?;
    Ok(0)
}
