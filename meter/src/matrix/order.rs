//! The order of the samples: in rounds, rotated.
//!
//! A machine warms up, throttles, and runs other programs. Measured cell by cell, drift would look
//! like a difference between cells; rounds spread drift over all cells. Each round starts with
//! another cell, so that no cell always follows the same neighbour:
//!
//! ```text
//! round 0:  a b c
//! round 1:  b c a
//! round 2:  c a b
//! ```

/// One sample to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Index of the cell.
    pub cell: usize,
    /// Number of the sample within its cell, from 0.
    pub round: u32,
}

/// All samples in order; `counts` has the number of samples of each cell.
#[must_use]
pub fn steps(counts: &[u32]) -> Vec<Step> {
    let rounds = counts.iter().copied().max().unwrap_or(0);
    let mut steps = Vec::with_capacity(counts.iter().map(|count| *count as usize).sum());
    for round in 0..rounds {
        let first = round as usize % counts.len();
        let cells = (first..counts.len()).chain(0..first).filter(|cell| round < counts[*cell]);
        steps.extend(cells.map(|cell| Step { cell, round }));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(counts: &[u32]) -> Vec<usize> {
        steps(counts).iter().map(|step| step.cell).collect()
    }

    #[test]
    fn each_cell_is_the_first_once() {
        assert_eq!(cells(&[3, 3, 3]), [0, 1, 2, 1, 2, 0, 2, 0, 1]);
    }

    #[test]
    fn a_cell_that_has_enough_is_skipped() {
        assert_eq!(cells(&[1, 3]), [0, 1, 1, 1]);
        let expected = [Step { cell: 1, round: 0 }, Step { cell: 1, round: 1 }];
        assert_eq!(steps(&[0, 2]), expected);
    }

    #[test]
    fn nothing_to_do() {
        assert_eq!(steps(&[]), []);
        assert_eq!(steps(&[0, 0]), []);
    }
}
