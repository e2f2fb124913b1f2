//! The table of digits: peers in rotated order, medians.

use crate::args::Args;
use crate::cell::{Outcome, Run, start};
use crate::peer::Peer;
use crate::program::Program;
use serde::Serialize;

/// Most digits of a cell that repeats in its process after a warm-up: such a run is
/// shorter than the start of a process.
const WARM_DIGITS: usize = 20_000;
/// Seconds of repeating.
const WARM_SECONDS: f64 = 0.3;
/// Cells that take longer are not repeated: noise no longer matters.
const ONCE_SECONDS: f64 = 20.0;

/// A peer at one size.
#[derive(Serialize)]
pub struct Cell {
    pub peer: String,
    pub digits: usize,
    /// All runs; empty if the peer sat out.
    pub runs: Vec<Run>,
}

impl Cell {
    /// The median time.
    pub fn seconds(&self) -> Option<f64> {
        median(self.runs.iter().map(|run| run.seconds).collect())
    }

    /// The median time in products of as many digits, M(N).
    pub fn products(&self) -> Option<f64> {
        median(self.runs.iter().filter_map(|run| Some(run.seconds / run.product?)).collect())
    }

    /// The median peak per digit.
    pub fn bytes_per_digit(&self) -> Option<f64> {
        let bytes = self.runs.iter().filter_map(|run| run.bytes).map(|bytes| bytes as f64);
        median(bytes.collect()).map(|bytes| bytes / self.digits as f64)
    }
}

/// A participant in the table.
#[derive(Clone, Copy)]
pub enum Contender<'a> {
    Peer(Peer),
    Program(&'a Program),
}

impl<'a> Contender<'a> {
    /// All participants, in the order of the rows.
    pub fn all(args: &'a Args) -> Vec<Self> {
        let peers = args.peers.iter().map(|&peer| Self::Peer(peer));
        peers.chain(args.programs.iter().map(Self::Program)).collect()
    }

    /// The name in records.
    pub fn key(self) -> String {
        match self {
            Self::Peer(peer) => peer.argument(),
            Self::Program(program) => program.name.clone(),
        }
    }

    /// The name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Peer(peer) => peer.name().to_owned(),
            Self::Program(program) => program.name.clone(),
        }
    }

    /// A timed run, after another one if `twice` is set.
    ///
    /// The host of a virtual machine takes back pages that lie free for some seconds, and giving them again
    /// takes up to 8 ms a MB. A run that follows another peer's would pay for what that peer did not use.
    fn run(self, args: &Args, digits: usize, twice: bool) -> Result<Outcome, String> {
        if twice && let Outcome::TooSlow = self.run(args, digits, false)? {
            return Ok(Outcome::TooSlow);
        }
        let warm = if digits <= WARM_DIGITS { WARM_SECONDS } else { 0.0 };
        match self {
            Self::Peer(peer) => start(peer, digits, warm, args.level.as_deref(), args.limit),
            Self::Program(program) => program.run(digits, args.limit),
        }
    }
}

/// The median; `None` for no numbers.
pub fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    let (low, high) = (all.get(all.len().checked_sub(1)? / 2)?, all.get(all.len() / 2)?);
    Some((low + high) / 2.0)
}

/// Measures all cells, size by size.
///
/// # Errors
/// If a peer computes a wrong digit.
pub fn measure(args: &Args) -> Result<Vec<Cell>, String> {
    let mut sizes = args.digits.clone();
    sizes.sort_unstable();
    let (mut cells, mut out) = (Vec::new(), Vec::new());
    for digits in sizes {
        cells.extend(at_size(args, digits, &mut out)?);
    }
    Ok(cells)
}

/// One size; peers that are too slow join `out`.
fn at_size(args: &Args, digits: usize, out: &mut Vec<String>) -> Result<Vec<Cell>, String> {
    let contenders = Contender::all(args);
    let new = |contender: &Contender<'_>| Cell { peer: contender.key(), digits, runs: Vec::new() };
    let mut cells: Vec<Cell> = contenders.iter().map(new).collect();
    for run in 0..args.runs {
        for at in 0..cells.len() {
            // Each round starts with another peer.
            let at = (at + run) % cells.len();
            let (contender, peer) = (contenders[at], contenders[at].key());
            if out.contains(&peer) || cells[at].runs.first().is_some_and(|run| run.seconds > ONCE_SECONDS) {
                continue;
            }
            // The first run tells the length of the others.
            let twice = cells[at].runs.first().is_some_and(|_| digits > WARM_DIGITS);
            match contender.run(args, digits, twice)? {
                Outcome::Done(run) => {
                    eprintln!("{digits} digits, {peer}: {:.5} s", run.seconds);
                    cells[at].runs.push(run);
                }
                Outcome::TooSlow => {
                    eprintln!("{digits} digits, {peer}: more than {} s", args.limit);
                    cells[at].runs.clear();
                    out.push(peer);
                }
            }
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
