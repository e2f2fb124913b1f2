//! `P`, `Q`, `T`: part of a sum as integers, of which the lowest limbs may be cut off.

use crate::bigint::limbs::normalized_len;
use crate::bigint::mul::product;
use crate::memory::Limbs;

/// A magnitude `limbs 2^(64 exponent)`; zero has no limbs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scaled {
    /// The significant limbs, normalized.
    pub(crate) limbs: Limbs,
    /// The number of limbs that were cut off below.
    pub(crate) exponent: usize,
}

impl Scaled {
    /// A number from limbs that may have zeros on top.
    pub(crate) fn normalized(mut limbs: Limbs, exponent: usize) -> Self {
        limbs.truncate(normalized_len(&limbs));
        Self { limbs, exponent }
    }

    /// Cuts off all but the upper `keep` limbs.
    pub(crate) fn truncate(&mut self, keep: usize) {
        if let Some(excess) = self.limbs.len().checked_sub(keep).filter(|&excess| excess > 0) {
            self.limbs.cut_front(excess);
            self.exponent += excess;
        }
    }

    /// A copy without the limbs below `2^(64 exponent)`.
    fn above(&self, exponent: usize) -> Self {
        let cut = exponent.saturating_sub(self.exponent).min(self.limbs.len());
        Self { limbs: self.limbs[cut..].into(), exponent: self.exponent + cut }
    }

    /// The product of two numbers.
    pub(crate) fn times(&self, other: &Self) -> Self {
        Self::normalized(product(&self.limbs, &other.limbs), self.exponent + other.exponent)
    }
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
        let cut = self.q.exponent + self.q.limbs.len().saturating_sub(limbs);
        Self { p: Scaled::default(), q: self.q.above(cut), t: self.t.above(cut) }
    }
}
