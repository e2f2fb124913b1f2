//! The factors of P and of Q: one for each group of terms.
//!
//! A factor loses primes that it has in common with another number as one limb or a few: the primes of all
//! pairs that a level separates, of which the group has one of the two terms.

use super::group::Grouping;
use crate::bigint::div::OddLimb;
use crate::bigint::limbs::{normalized_len, shl, shl_in_place};
use crate::bigint::mul::product_into;
use crate::memory::Limbs;
use std::ops::Range;

/// The factors of P or of Q, in places of one length.
pub(super) struct Blocks {
    limbs: Limbs,
    /// Limbs of each place.
    place: usize,
    lens: Vec<usize>,
}

impl Blocks {
    /// Room for a factor of each group.
    pub(super) fn with_room(groups: Grouping) -> Self {
        let (place, count) = (groups.limbs(), groups.count);
        let limbs = Limbs::dirty(count * place);
        Self { limbs, place, lens: Vec::with_capacity(count) }
    }

    /// The place of the next factor.
    pub(super) fn next(&mut self) -> &mut [u64] {
        &mut self.limbs[self.lens.len() * self.place..][..self.place]
    }

    /// Appends the factor that is at the start of its place.
    pub(super) fn push(&mut self, len: usize) {
        self.lens.push(len);
    }

    /// Divides factors, some side by side. Outlined: a leaf has it at many places.
    #[inline(never)]
    pub(super) fn divide(&mut self, divisors: impl Iterator<Item = (usize, u64)>) {
        const SIDE_BY_SIDE: usize = 4;
        let mut batch = [(0, 1); SIDE_BY_SIDE];
        let mut len = 0;
        for (index, divisor) in divisors {
            // A factor comes more than once where its divisors are more than a limb.
            if batch[..len].iter().any(|&(other, _)| other == index) {
                batch[..len].iter().for_each(|&division| self.divide_each([division]));
                len = 0;
            }
            batch[len] = (index, divisor);
            len += 1;
            if len == SIDE_BY_SIDE {
                self.divide_each(batch);
                len = 0;
            }
        }
        batch[..len].iter().for_each(|&division| self.divide_each([division]));
    }

    /// Divides different factors by a limb each. Outlined like [`Self::divide`].
    #[inline(never)]
    fn divide_each<const N: usize>(&mut self, divisions: [(usize, u64); N]) {
        let divisors = divisions.map(|(_, divisor)| OddLimb::new(divisor));
        let places = divisions.map(|(index, _)| index * self.place..index * self.place + self.lens[index]);
        let mut factors = self.limbs.get_disjoint_mut(places).expect("different factors");
        OddLimb::divide_each(divisors.each_ref(), factors.each_mut().map(|factor| &mut **factor));
        for ((index, _), factor) in divisions.into_iter().zip(factors) {
            #[cfg(test)]
            crate::bigint::testing::faults::damage(factor);
            // The divisor is a limb.
            self.lens[index] -= usize::from(factor.ends_with(&[0]));
        }
    }

    /// The product of some factors times `2^bits`, and the rest of the scratch. Outlined like
    /// [`Self::divide`].
    #[inline(never)]
    pub(super) fn product<'a>(
        &'a self,
        factors: Range<usize>,
        bits: u32,
        scratch: &'a mut [u64],
    ) -> (&'a [u64], &'a mut [u64]) {
        if bits == 0 || factors.is_empty() {
            return self.part(factors, scratch);
        }
        let (out, scratch) = scratch.split_at_mut(self.place * factors.len());
        let len = if factors.len() == 1 {
            let factor = self.factor(factors.start);
            out[factor.len()] = shl(&mut out[..factor.len()], factor, bits);
            factor.len()
        } else {
            let len = self.multiply(factors, out, scratch);
            out[len] = shl_in_place(&mut out[..len], bits);
            len
        };
        (&out[..len + usize::from(out[len] > 0)], scratch)
    }

    /// The product of some factors, and the rest of the scratch.
    fn part<'a>(&'a self, factors: Range<usize>, scratch: &'a mut [u64]) -> (&'a [u64], &'a mut [u64]) {
        if factors.len() < 2 {
            return (if factors.is_empty() { &[1] } else { self.factor(factors.start) }, scratch);
        }
        let (out, scratch) = scratch.split_at_mut(self.place * factors.len());
        let len = self.multiply(factors, out, scratch);
        (&out[..len], scratch)
    }

    /// Writes the product of two factors or more; returns its length.
    fn multiply(&self, factors: Range<usize>, out: &mut [u64], scratch: &mut [u64]) -> usize {
        let middle = factors.start + factors.len() / 2;
        let (a, scratch) = self.part(factors.start..middle, scratch);
        let (b, _) = self.part(middle..factors.end, scratch);
        let out = &mut out[..a.len() + b.len()];
        product_into(out, a, b);
        normalized_len(out)
    }

    fn factor(&self, index: usize) -> &[u64] {
        &self.limbs[index * self.place..][..self.lens[index]]
    }
}
