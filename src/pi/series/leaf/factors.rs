//! P and Q of a leaf in factors, one of each for a group of terms.

use super::blocks::Blocks;
use super::group::Grouping;
use super::pairs::Event;
use crate::bigint::residue::times;
use std::ops::Range;

/// The factors that are left of P and Q.
pub(super) struct Factors {
    pub(super) p: Blocks,
    /// Without factors 2.
    pub(super) q: Blocks,
    /// Factors 2 of Q before each group.
    twos: Vec<u32>,
    /// The residue of the primes by which P and Q have been divided.
    pub(super) removed: u64,
}

impl Factors {
    /// Room for groups of which the primes with the residue `removed` have been removed.
    pub(super) fn with_room(groups: Grouping, removed: u64) -> Self {
        let mut twos = Vec::with_capacity(groups.count + 1);
        twos.push(0);
        Self { p: Blocks::with_room(groups), q: Blocks::with_room(groups), twos, removed }
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

    /// Divides P of the first and Q of the second group of each event by the prime.
    pub(super) fn divide(&mut self, events: impl Iterator<Item = Event>) {
        let mut pending = 1u64;
        for Event { groups: [of_p, of_q], prime } in events {
            self.p.divide(of_p, prime);
            self.q.divide(of_q, prime);
            pending *= u64::from(prime);
            if pending.leading_zeros() < 20 {
                self.removed = times(self.removed, std::mem::replace(&mut pending, 1));
            }
        }
        self.removed = times(self.removed, pending);
        self.p.settle_all();
        self.q.settle_all();
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
