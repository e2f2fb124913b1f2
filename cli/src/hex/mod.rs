//! `pi --hex`: hexadecimal digits at any position, in parts that a state file keeps.

mod state;

use crate::args::Args;
use crate::failure::Failure;
use crate::output::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pi_spigot::pi::hex::{Formula, Part, PartialSum, Sum, hex_digits_by, split, squarings};
use state::State;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// Modular squarings in a part for each thread: one to two seconds in vectors of eight, ten without vectors.
const PART: f64 = 1e10;

/// Prints the digits that `--hex` asks for.
pub(crate) fn run(args: &Args, position: u64) -> Result<(), Failure> {
    let mut output = Output::open(args)?;
    let mut sums = Sums { state: State::open(args.state())?, threads: args.hex_threads() };
    let digits = sums.digits(Formula::Bellard, position, args.count())?;
    output.write(&digits)?;
    output.finish(args)?;
    if args.verify {
        let other = sums.digits(Formula::Bbp, position, args.count())?;
        if other != digits {
            return Err(format!(
                "the formulas disagree: Bellard's gives {digits}, that of Bailey, Borwein and Plouffe \
                 gives {other}; check the machine, then remove the state file and try again"
            )
            .into());
        }
        eprintln!("pi: verified by the formula of Bailey, Borwein and Plouffe");
    }
    Ok(())
}

/// Sums, part by part.
struct Sums {
    state: State,
    threads: usize,
}

impl Sums {
    /// `count` certain digits from `position` on.
    fn digits(&mut self, formula: Formula, position: u64, count: u64) -> Result<String, Failure> {
        hex_digits_by(formula, position, count, |whole| self.sum(whole))
    }

    fn sum(&mut self, whole: &Part) -> Result<Sum, Failure> {
        let mut done = self.state.sums(whole);
        let missing = missing(whole, &done);
        let bar = progress(whole, &missing);
        for gap in missing {
            let count = (squarings(&gap) / (PART * self.threads as f64)).ceil() as u64;
            for part in split(&gap, count) {
                let sum = part.sum(self.threads);
                self.state.add(&sum)?;
                bar.inc(squarings(&part) as u64);
                done.push(sum);
            }
        }
        bar.finish_and_clear();
        Ok(Sum::merge(&done).map_err(|error| self.state.unusable(&error.to_string()))?)
    }
}

/// The parts of `whole` that `done` does not cover. Overlaps are left for the merge to refuse.
fn missing(whole: &Part, done: &[PartialSum]) -> Vec<Part> {
    let mut ranges: Vec<_> = done.iter().map(|sum| sum.part().terms()).collect();
    ranges.sort_by_key(|range| range.start);
    let end = whole.terms().end;
    ranges.push(end..end);
    let mut next = 0;
    let mut gaps = Vec::new();
    for range in ranges {
        if next < range.start {
            gaps.extend(Part::new(whole.formula(), whole.bit(), next..range.start));
        }
        next = next.max(range.end);
    }
    gaps
}

/// A bar with the remaining time, on a terminal only.
fn progress(whole: &Part, missing: &[Part]) -> ProgressBar {
    let total = squarings(whole);
    let left: f64 = missing.iter().map(squarings).sum();
    let target =
        if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(total as u64), target);
    let style = ProgressStyle::with_template("{percent}% {wide_bar} {elapsed}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position((total - left) as u64);
    // The speed is that of this run: an earlier one's parts took no time.
    bar.reset_eta();
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_parts_are_the_gaps() {
        let whole = Part::whole(Formula::Bellard, 1000).unwrap();
        let end = whole.terms().end;
        let done = |ranges: &[std::ops::Range<u64>]| -> Vec<PartialSum> {
            let part =
                |range: &std::ops::Range<u64>| Part::new(Formula::Bellard, 1000, range.clone()).unwrap();
            ranges.iter().map(|range| PartialSum::new(part(range), 0)).collect()
        };
        let gaps = |ranges: &[std::ops::Range<u64>]| -> Vec<_> {
            missing(&whole, &done(ranges)).iter().map(Part::terms).collect()
        };
        assert_eq!(gaps(&[]), vec![0..end]);
        assert_eq!(gaps(&[5..7, 0..2]), vec![2..5, 7..end]);
        assert_eq!(gaps(std::slice::from_ref(&(0..end))), vec![]);
        assert_eq!(gaps(std::slice::from_ref(&(10..end))).len(), 1);
    }
}
