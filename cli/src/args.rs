//! The command line.

use clap::builder::{ArgPredicate, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use pi_spigot::pi::hex::{self, MAX_COUNT};
use pi_spigot::pi::{Algorithm, DigitCount, ParseDigitCountError, Text};
use pi_spigot_guard::{Grouped, Request, Words};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

const EXAMPLES: &str = "\
Examples:
  pi 50                            3.1415926535897932384626433832795028841971693993751
  pi 1e6 --output pi.txt           write a file, with progress on the terminal
  pi 10_000 --digest               print the SHA-256 of the text, its beginning and its end
  pi 1e6 --digest --verify         prove the digits by a formula for the last bits
  pi 20 --from 1e6                 print 20 digits, the first of them the millionth
  pi 1e9 | head -c 100             stop as soon as the reader closes the pipe
  pi --hex 1e6 --count 14          26C65E52CB4593, without the digits before
  pi --hex 1e7 --state pi.state    go on where a stopped run ended; for positions that take hours";

const USAGE: &str = "pi [OPTIONS] <DIGITS>\n       pi [OPTIONS] --hex <POSITION>";

/// Print digits of pi.
///
/// The text is 3, a point and the decimals, truncated, never rounded. Digits appear as they are
/// computed.
#[derive(Debug, Parser)]
#[command(name = "pi", version, after_help = EXAMPLES, override_usage = USAGE)]
pub(crate) struct Args {
    /// Number of significant digits, counting the leading 3: `10000`, `10_000` and `1e4` are the same
    #[arg(value_name = "DIGITS", value_parser = parse_digits, allow_negative_numbers = true)]
    #[arg(default_value_if("hex", ArgPredicate::IsPresent, "1"))]
    pub(crate) digits: DigitCount,

    /// Position of the first digit to print; the leading 3 is at position 1
    #[arg(long, value_name = "POSITION", default_value = "1", hide_default_value = true)]
    #[arg(value_parser = parse_position, allow_negative_numbers = true)]
    pub(crate) from: DigitCount,

    /// Algorithm that computes the digits
    #[arg(short, long, value_name = "NAME", default_value_t, value_parser = algorithms())]
    pub(crate) algorithm: Algorithm,

    /// Number of threads; by default one for each CPU, or fewer if memory is short
    #[arg(short, long, value_name = "N", value_parser = parse_threads, allow_negative_numbers = true)]
    threads: Option<usize>,

    /// Write to FILE; an existing file is replaced once the new one is complete, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print the SHA-256 of the text with its first and last digits instead of the text
    #[arg(short, long)]
    pub(crate) digest: bool,

    /// Check the last bits against Bellard's formula, which needs none of the digits before them
    ///
    /// The result goes to standard error; a mismatch is an error. Takes about half the time again.
    #[arg(long)]
    pub(crate) verify: bool,

    /// Compute even if the digits need more memory than this process can get
    #[arg(long)]
    pub(crate) force: bool,

    /// Print hexadecimal digits from POSITION on, without the digits before; the one behind the point is at 1
    ///
    /// `--verify` computes them again by another formula. Takes memory for nothing but the answer.
    #[arg(long, value_name = "POSITION", value_parser = parse_hex_position, allow_negative_numbers = true)]
    #[arg(conflicts_with_all = ["digits", "from", "algorithm", "digest", "force"])]
    pub(crate) hex: Option<u64>,

    /// Number of hexadecimal digits, by default 16; each further 16 to 26 take as long as the first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_COUNT))]
    count: Option<u64>,

    /// Keep finished parts of the hexadecimal sum in FILE, and go on from it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Args {
    /// Parses the command line; prints help or an error and exits where there is nothing to compute.
    pub(crate) fn read() -> Self {
        if let Some(args) = Self::lone_count(std::env::args_os().skip(1)) {
            return args;
        }
        let args = Self::parse();
        if let Err(reason) = args.last().and(args.hex_options()) {
            Self::command().error(ErrorKind::ValueValidation, reason).exit();
        }
        args
    }

    /// `pi DIGITS` without options, the commonest command line. To build clap's parser, with all its help,
    /// takes longer than a thousand digits.
    fn lone_count(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let digits = arguments.next()?.to_str()?.parse().ok()?;
        if arguments.next().is_some() {
            return None;
        }
        let (from, algorithm) = (DigitCount::MIN, Algorithm::default());
        let (threads, output, hex, count, state) = (None, None, None, None, None);
        let (digest, verify, force) = (false, false, false);
        Some(Self { digits, from, algorithm, threads, output, digest, verify, force, hex, count, state })
    }

    /// Position of the last digit to print: an error beyond the largest count.
    fn last(&self) -> Result<DigitCount, String> {
        DigitCount::new(self.from.get() - 1 + self.digits.get()).map_err(|_| {
            let [digits, from, most] = [self.digits, self.from, DigitCount::MAX].map(|n| Grouped(n.get()));
            format!("{digits} digits from position {from} on end beyond position {most}; ask for fewer")
        })
    }

    /// Number of digits to compute: those before the first one printed count too.
    pub(crate) fn computed(&self) -> DigitCount {
        self.last().unwrap_or(DigitCount::MAX)
    }

    /// The text to compute: first digits early for a screen or a pipe, otherwise in the least time.
    ///
    /// `--verify` needs every digit, so [`Args::skipped`] characters come before the wanted ones.
    pub(crate) fn text(&self, threads: usize) -> Text {
        let from = if self.verify { DigitCount::MIN } else { self.from };
        let digits = if self.verify { self.computed() } else { self.digits };
        let text = Text::range(self.algorithm, from, digits).with_threads(threads);
        if self.digest || self.output_file().is_some() { text } else { text.early() }
    }

    /// Characters of [`Args::text`] before the first one to print.
    pub(crate) fn skipped(&self) -> u64 {
        match self.from.get() {
            1 => 0,
            // The leading 3, the point, and the decimals at positions 2 to from - 1.
            from if self.verify => from,
            _ => 0,
        }
    }

    /// The file to write; `None` is standard output.
    pub(crate) fn output_file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|&path| path != Path::new("-"))
    }

    /// The number of threads to compute with, or an error if the digits do not fit into memory.
    pub(crate) fn threads_that_fit(&self) -> Result<usize, String> {
        let request = Request {
            algorithm: self.algorithm,
            threads: self.threads,
            from: self.from.get(),
            digits: self.digits.get(),
            kept_per_digit: u64::from(self.verify),
            words: Words { one_thread: "use --threads 1", anyway: Some("try it anyway with --force") },
        };
        if self.force { Ok(request.most_threads()) } else { request.threads_that_fit() }
    }

    /// The options of `--hex` go with it only. Clap drops a `requires` beside a conflicting argument.
    fn hex_options(&self) -> Result<DigitCount, String> {
        let given = [("--count", self.count.is_some()), ("--state", self.state.is_some())];
        match given.into_iter().find(|&(_, given)| given && self.hex.is_none()) {
            Some((option, _)) => {
                Err(format!("{option} goes with --hex <POSITION> only; leave it out, or add --hex"))
            }
            None => Ok(self.digits),
        }
    }

    /// Number of hexadecimal digits to print.
    pub(crate) fn count(&self) -> u64 {
        self.count.unwrap_or(16)
    }

    /// Number of threads for a hexadecimal sum, whose parts need no memory.
    pub(crate) fn hex_threads(&self) -> usize {
        self.threads.unwrap_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// The file that keeps finished parts.
    pub(crate) fn state(&self) -> Option<&Path> {
        self.state.as_deref()
    }
}

fn parse_digits(text: &str) -> Result<DigitCount, String> {
    text.parse::<DigitCount>()
        .map_err(|error| format!("{error}; give an integer from 1 to 1_000_000_000_000, for example 10_000"))
}

fn parse_position(text: &str) -> Result<DigitCount, String> {
    text.parse::<DigitCount>().map_err(|error| {
        let reason = match error {
            ParseDigitCountError::Zero => "it is zero, and the leading 3 is at position 1".to_owned(),
            other => other.to_string(),
        };
        format!("{reason}; give a position from 1 to 1_000_000_000_000, for example 1_000_000")
    })
}

fn parse_hex_position(text: &str) -> Result<u64, String> {
    hex::parse_position(text).map_err(|error| format!("{error}; for example 1e6"))
}

fn parse_threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    let reason = match text.parse::<DigitCount>() {
        Ok(n) => match usize::try_from(n.get()) {
            Ok(n) if n <= MOST => return Ok(n),
            _ => "too many".to_owned(),
        },
        Err(ParseDigitCountError::Zero) => "it is zero".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(format!("{reason}; give a number of threads from 1 to {MOST}, for example 4"))
}

/// The names that the help lists and an error repeats.
fn algorithms() -> impl TypedValueParser<Value = Algorithm> {
    let names = Algorithm::ALL.iter().map(|algorithm| algorithm.name());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Algorithm>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_lone_count_is_what_clap_makes_of_it() {
        let lone = |arguments: &[&str]| Args::lone_count(arguments.iter().map(OsString::from));
        for count in ["1", "50", "1000", "10_000", "1e6", "1_000_000_000_000"] {
            let parsed = Args::try_parse_from(["pi", count]).unwrap();
            assert_eq!(format!("{:?}", lone(&[count]).unwrap()), format!("{parsed:?}"));
        }
        let others: [&[&str]; 9] =
            [&[], &["-1"], &["0"], &["--help"], &["-V"], &["x"], &["5", "6"], &["5", "-d"], &["--", "5"]];
        for other in others {
            assert!(lone(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn the_first_example_of_the_help_is_true() {
        let n = DigitCount::new(50).unwrap();
        assert!(EXAMPLES.contains(&Algorithm::default().digits(n)));
    }
}
