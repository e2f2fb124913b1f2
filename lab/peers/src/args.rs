//! The command line.

use crate::golden;
use crate::peer::Peer;
use crate::program::Program;
use clap::{Parser, Subcommand, ValueEnum};
use pi_spigot::cpu::Level;
use std::path::PathBuf;

/// Digits of pi and raw products: ours beside malachite, GMP, dashu and num-bigint.
#[derive(Parser)]
#[command(version)]
pub struct Args {
    /// Sizes of the table of digits; each needs a golden digest.
    #[arg(long, value_delimiter = ',', value_parser = count, default_value = "1e4,1e5,1e6,1e7")]
    pub digits: Vec<usize>,
    /// Sizes of the table of products, in limbs of 64 bits.
    #[arg(long, value_delimiter = ',', value_parser = count, default_value = "50,500,5e3,5e4,5e5,5e6")]
    pub limbs: Vec<usize>,
    /// Runs of each cell; the table shows medians.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub runs: usize,
    /// Peers to measure. "plain" is our integers under the peers' series.
    #[arg(
        long,
        value_delimiter = ',',
        value_enum,
        default_value = "ours,plain,malachite,rug,dashu,num-bigint"
    )]
    pub peers: Vec<Peer>,
    /// A program as a peer in the table of digits: it prints the digits to standard output.
    /// `{digits}` stands for their number; threads are the program's own affair.
    #[arg(long = "program", value_name = "NAME=COMMAND")]
    pub programs: Vec<Program>,
    /// Tables to print.
    #[arg(long, value_enum, default_value = "both")]
    pub table: Table,
    /// SIMD level of ours, as in `PI_SIMD`: baseline, avx2, avx512, neon.
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// A peer that takes longer than this at one size sits out that size and those above.
    #[arg(long, default_value_t = 60.0, value_name = "SECONDS")]
    pub limit: f64,
    /// Keep the results in this file too, for lab/records/.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The tables.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// Seconds and memory for N digits of pi.
    Digits,
    /// Nanoseconds per limb of n x n products.
    Products,
    Both,
}

/// Commands that the program calls itself with.
#[derive(Subcommand)]
pub enum Command {
    /// One run of one peer in a process of its own.
    #[command(hide = true)]
    Cell {
        peer: Peer,
        digits: usize,
        /// Seconds of repeating in this process after a warm-up; 0 is one cold run.
        seconds: f64,
    },
}

impl Args {
    /// Refuses options that would fail later.
    pub fn check(&self) -> Result<(), String> {
        if self.runs == 0 {
            return Err("--runs 0 measures nothing: use 1 or more".into());
        }
        if let Some(level) = &self.level {
            Level::from_name(level).map_err(|error| format!("--level {level}: {error}"))?;
        }
        self.digits.iter().try_for_each(|&n| golden::digest(n).map(drop))
    }
}

/// `10000`, `10_000` or `1e4`.
fn count(text: &str) -> Result<usize, String> {
    let plain = text.replace('_', "");
    let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
    let number = mantissa.parse::<usize>().ok().zip(exponent.parse().ok());
    let number = number.and_then(|(mantissa, exponent)| 10usize.checked_pow(exponent)?.checked_mul(mantissa));
    number.filter(|&n| n > 0).ok_or_else(|| format!("{text:?} is not a size: use for example 10000 or 1e4"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!((count("1e4"), count("5e0"), count("10_000")), (Ok(10_000), Ok(5), Ok(10_000)));
        assert!(
            count("1e-4").is_err() && count("0").is_err() && count("1e99").is_err() && count("").is_err()
        );
    }
}
