//! `P`, `Q`, `T`: part of a sum as integers, of which the lowest limbs may be cut off.

use crate::bigint::limbs::normalized_len;
use crate::bigint::mul::known_product;
use crate::bigint::residue::{minus, power_of_two, residue, times};
use crate::memory::Limbs;

/// A magnitude `limbs 2^(64 exponent)`; zero has no limbs.
///
/// The residue of the limbs modulo a prime of 61 bits follows from the residues of the operands,
/// not from the limbs. So [`Scaled::check`] of a result proves all steps on the way to it, for one
/// pass over the result and one over each limb that was cut off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scaled {
    /// The significant limbs, normalized.
    pub(crate) limbs: Limbs,
    /// The number of limbs that were cut off below, zeros or not.
    pub(crate) exponent: usize,
    /// Limbs that are not known to be zeros were cut off, here or from an operand.
    pub(crate) is_cut: bool,
    /// The residue that the limbs must have.
    pub(crate) residue: u64,
}

impl Scaled {
    /// An exact number from limbs that may have zeros on top.
    pub(crate) fn exact(limbs: Limbs) -> Self {
        let residue = residue(&limbs);
        Self::with_residue(limbs, 0, residue, false)
    }

    /// A number from limbs that may have zeros on top, and their residue, found by another way.
    pub(crate) fn with_residue(mut limbs: Limbs, exponent: usize, residue: u64, is_cut: bool) -> Self {
        limbs.truncate(normalized_len(&limbs));
        #[cfg(test)]
        crate::bigint::testing::faults::damage(&mut limbs);
        Self { limbs, exponent, residue, is_cut }
    }

    /// Moves zeros at the low end to the exponent.
    pub(crate) fn without_zeros(mut self) -> Self {
        let zeros = self.limbs.iter().take_while(|&&limb| limb == 0).count();
        if zeros > 0 {
            self.residue = cut_residue(self.residue, &self.limbs[..zeros]);
            self.limbs.cut_front(zeros);
            self.exponent += zeros;
        }
        self
    }

    /// Appends zeros at the low end, so that the exponent is not above `exponent`.
    pub(crate) fn with_zeros_down_to(&mut self, exponent: usize) {
        if let Some(zeros) = self.exponent.checked_sub(exponent).filter(|&zeros| zeros > 0) {
            self.limbs.insert_zeros(zeros);
            self.residue = times(self.residue, power_of_two(64 * zeros));
            self.exponent = exponent;
        }
    }

    /// Cuts off all but the upper `keep` limbs.
    pub(crate) fn truncate(&mut self, keep: usize) {
        if let Some(excess) = self.limbs.len().checked_sub(keep).filter(|&excess| excess > 0) {
            self.residue = cut_residue(self.residue, &self.limbs[..excess]);
            self.limbs.cut_front(excess);
            self.exponent += excess;
            self.is_cut = true;
            #[cfg(test)]
            crate::bigint::testing::faults::damage(&mut self.limbs);
        }
    }

    /// A copy without the limbs below `2^(64 exponent)`.
    fn above(&self, exponent: usize) -> Self {
        let cut = exponent.saturating_sub(self.exponent).min(self.limbs.len());
        let (low, high) = self.limbs.split_at(cut);
        let is_cut = self.is_cut || cut > 0;
        Self::with_residue(high.into(), self.exponent + cut, cut_residue(self.residue, low), is_cut)
    }

    /// The limbs and their residue.
    pub(crate) fn known(&self) -> (&[u64], u64) {
        (&self.limbs, self.residue)
    }

    /// The product of two numbers.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let limbs = known_product(self.known(), other.known());
        let residue = times(self.residue, other.residue);
        Self::with_residue(limbs, self.exponent + other.exponent, residue, self.is_cut || other.is_cut)
    }

    /// Compares the limbs with their residue.
    ///
    /// # Panics
    /// If they differ, which a sound machine never shows.
    pub(crate) fn check(&self) {
        assert!(
            residue(&self.limbs) == self.residue,
            "the sum of the series fails its check by residues: do not trust this machine"
        );
    }
}

/// The residue of a number without its lowest limbs `cut`.
fn cut_residue(whole: u64, cut: &[u64]) -> u64 {
    times(minus(whole, residue(cut)), power_of_two(61 - 64 * cut.len() % 61))
}

/// The fraction `T / Q` of some consecutive terms, and the factor `P` for the terms that follow.
///
/// [`super::splitting`] defines the three.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pqt {
    /// The product of the numerators' factors; zero where it is not wanted.
    pub(crate) p: Scaled,
    /// The product of the denominators' factors.
    pub(crate) q: Scaled,
    /// The sum times `Q`.
    pub(crate) t: Scaled,
}

impl Pqt {
    /// A copy of `Q` and `T`, cut to the upper `limbs` limbs of `Q`.
    pub(crate) fn upper(&self, limbs: usize) -> Self {
        // Q may have fewer limbs, and zeros below them that T has not.
        let cut = (self.q.exponent + self.q.limbs.len()).saturating_sub(limbs);
        Self { p: Scaled::default(), q: self.q.above(cut), t: self.t.above(cut) }
    }
}
