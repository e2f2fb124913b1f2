//! P and Q of a leaf in factors, one of each for a group of terms.

use super::blocks::Blocks;
use super::group::Grouping;
use super::pairs::{Events, Of};
use std::ops::Range;

/// The factors that are left of P and Q.
pub(super) struct Factors {
    pub(super) p: Blocks,
    /// Without factors 2.
    pub(super) q: Blocks,
    /// Factors 2 of Q before each group.
    twos: Vec<u32>,
}

impl Factors {
    /// Room for the factors of groups.
    pub(super) fn with_room(groups: Grouping) -> Self {
        let mut twos = Vec::with_capacity(groups.count + 1);
        twos.push(0);
        Self { p: Blocks::with_room(groups), q: Blocks::with_room(groups), twos }
    }

    /// The number of groups.
    pub(super) fn count(&self) -> usize {
        self.twos.len() - 1
    }

    /// Appends the factors of a group, which are at their places, by their lengths.
    pub(super) fn push(&mut self, p: usize, q: usize, twos: u32) {
        self.p.push(p);
        self.q.push(q);
        self.twos.push(self.twos[self.twos.len() - 1] + twos);
    }

    /// Divides P and Q of the groups by what the merges of two times `half` groups separate.
    pub(super) fn divide(&mut self, events: &Events, half: usize) {
        self.p.divide(events.of_level(half, Of::P));
        self.q.divide(events.of_level(half, Of::Q));
    }

    /// Q of some groups without limbs of zeros, and the rest of the scratch.
    pub(super) fn q<'a>(
        &'a self,
        groups: Range<usize>,
        scratch: &'a mut [u64],
    ) -> (&'a [u64], &'a mut [u64]) {
        let bits = self.twos(groups.clone()) % 64;
        self.q.product(groups, bits, scratch)
    }

    /// P of some groups, and the rest of the scratch.
    pub(super) fn p<'a>(
        &'a self,
        groups: Range<usize>,
        scratch: &'a mut [u64],
    ) -> (&'a [u64], &'a mut [u64]) {
        self.p.product(groups, 0, scratch)
    }

    /// Limbs of zeros at the low end of Q.
    pub(super) fn zeros(&self, groups: Range<usize>) -> usize {
        self.twos(groups) as usize / 64
    }

    fn twos(&self, groups: Range<usize>) -> u32 {
        self.twos[groups.end] - self.twos[groups.start]
    }
}
