//! The table of digits: peers in rotated order, medians.

use crate::args::Args;
use crate::cell::{Outcome, Run, start};
use crate::peer::Peer;
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

    /// The median peak per digit.
    pub fn bytes_per_digit(&self) -> Option<f64> {
        let bytes = self.runs.iter().filter_map(|run| run.bytes).map(|bytes| bytes as f64);
        median(bytes.collect()).map(|bytes| bytes / self.digits as f64)
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
fn at_size(args: &Args, digits: usize, out: &mut Vec<Peer>) -> Result<Vec<Cell>, String> {
    let warm = if digits <= WARM_DIGITS { WARM_SECONDS } else { 0.0 };
    let new = |peer: &Peer| Cell { peer: peer.argument(), digits, runs: Vec::new() };
    let mut cells: Vec<Cell> = args.peers.iter().map(new).collect();
    for run in 0..args.runs {
        for at in 0..cells.len() {
            // Each round starts with another peer.
            let at = (at + run) % cells.len();
            let peer = args.peers[at];
            if out.contains(&peer) || cells[at].runs.first().is_some_and(|run| run.seconds > ONCE_SECONDS) {
                continue;
            }
            match start(peer, digits, warm, args.level.as_deref(), args.limit)? {
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
