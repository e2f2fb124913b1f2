//! The command line.

use clap::Parser;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use pi_spigot::pi::{Algorithm, DigitCount, Text};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

const EXAMPLES: &str = "\
Examples:
  pi 50                            3.1415926535897932384626433832795028841971693993751
  pi 1_000_000 --output pi.txt     a file, with progress on the terminal
  pi 10_000 --digest               the SHA-256 of the text, and its ends
  pi 1_000_000 --digest --verify   the same, proved by a formula for the last bits
  pi 1_000_000_000 | head -c 100   the pipe ends it, and that is no error";

/// Digits of pi, as many as you like, as they come.
///
/// Writes 3, a point and the decimals to standard output, truncated, never rounded.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// How many significant digits, the leading 3 included; `_` may separate: `10_000`
    #[arg(value_name = "DIGITS", value_parser = parse_digits)]
    pub(crate) digits: DigitCount,

    /// What computes them
    #[arg(short, long, value_name = "NAME", default_value_t, value_parser = algorithms())]
    pub(crate) algorithm: Algorithm,

    /// How many threads to use; by default as many as the process may
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Write to FILE instead of standard output; an existing file is replaced
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Write the SHA-256 of the text and its first and last digits instead of the text
    #[arg(short, long)]
    pub(crate) digest: bool,

    /// Check the last bits of what was written against Bellard's formula, which needs none of the digits
    /// before; says so on standard error, and fails if they differ. About half the time again
    #[arg(long)]
    pub(crate) verify: bool,
}

impl Args {
    /// The text that is asked for: early on a screen or a pipe, otherwise fast.
    pub(crate) fn text(&self) -> Text {
        let text = if self.digest || self.output.is_some() {
            Text::new(self.algorithm, self.digits)
        } else {
            Text::new(self.algorithm, self.digits).early()
        };
        text.with_threads(self.threads())
    }

    /// As many as asked for, or as this process may use.
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or_else(threads_to_use, NonZeroUsize::get)
    }
}

/// As many as this process may use.
fn threads_to_use() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

fn parse_digits(text: &str) -> Result<DigitCount, String> {
    text.parse::<DigitCount>()
        .map_err(|error| format!("{error}; give an integer from 1 to 1_000_000_000_000, for example 10_000"))
}

/// Names that the help lists and an error repeats.
fn algorithms() -> impl TypedValueParser<Value = Algorithm> {
    let names = Algorithm::ALL.iter().map(|algorithm| algorithm.name());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Algorithm>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_first_example_of_the_help_is_true() {
        let n = DigitCount::new(50).unwrap();
        assert!(EXAMPLES.contains(&Algorithm::default().digits(n)));
    }
}
