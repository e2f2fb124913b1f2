//! Plans, and operands transformed by them.

use std::sync::Arc;

use super::certify;
use super::plan::{Design, Need, Ring};
use super::run::{Operands, Product, Transform};
use crate::cpu::Level;
use crate::memory::Buffer;

/// A transform length and digit width for products of one size: a value to
/// be compared, cloned and kept. Making one costs well under a microsecond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan(pub(super) Arc<Design>);

impl Plan {
    /// A plan for full products of `la` by `lb` limbs.
    #[must_use]
    pub fn for_product(la: usize, lb: usize) -> Self {
        Self::for_sum_of_products(la, lb, 1)
    }

    /// A plan for signed sums of up to `terms` products of `la` by `lb` limbs.
    #[must_use]
    pub fn for_sum_of_products(la: usize, lb: usize, terms: usize) -> Self {
        Self::on(&Need::product(la, lb, terms), Level::get())
    }

    /// A plan for products modulo `2^K + 1`, `K` the least convenient multiple
    /// of 64 with `K >= 64 * min_limbs`.
    #[must_use]
    pub fn for_wraparound(min_limbs: usize) -> Self {
        Self::on(&Need::wraparound(min_limbs.max(1)), Level::get())
    }

    /// The same for a given level, with the layout that this level would choose: for tests and benches.
    #[must_use]
    pub fn with_level(&self, level: Level) -> Self {
        Self(Arc::new(self.0.on(level)))
    }

    fn on(need: &Need, level: Level) -> Self {
        Self(Arc::new(Design::new(need, level)))
    }

    /// `K / 64` of a wrap-around plan; the limbs that a full plan can hold.
    #[must_use]
    pub fn modulus_limbs(&self) -> usize {
        self.0.limbs()
    }

    /// Complex points of a transform: it takes 16 bytes for each.
    #[must_use]
    pub fn points(&self) -> usize {
        self.0.points()
    }

    /// Bits in a digit.
    #[must_use]
    pub fn digit_bits(&self) -> u32 {
        self.0.bits
    }

    /// The transform of `a`, for any number of products with this plan.
    /// `a` may be shorter than the plan's operands; modulo `2^K + 1` it has
    /// at most `K / 64` limbs.
    ///
    /// # Panics
    /// If `a` is longer than [`Plan::modulus_limbs`].
    #[must_use]
    pub fn transform(&self, a: &[u64]) -> Transformed {
        let design = &*self.0;
        assert!(a.len() <= design.limbs(), "an operand of {} limbs is too long for this plan", a.len());
        let mut values = Buffer::dirty(2 * design.points());
        Transform { design, a, x: &mut values }.run();
        let residue = certify::residue(a, certify::prime(design), design.level);
        Transformed { plan: self.clone(), values, residue, limbs: a.len() }
    }
}

/// An operand in transformed form: made by [`Plan::transform`], used in products of an equal plan.
/// It takes 16 bytes per point of the plan and keeps no copy of its number:
/// should a product fail its certificate, the number is got back by the inverse transform.
#[derive(Clone, Debug)]
pub struct Transformed {
    pub(super) plan: Plan,
    pub(super) values: Buffer,
    pub(super) residue: u64,
    pub(super) limbs: usize,
}

impl Transformed {
    /// The plan that made it.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The number that it was made of.
    pub(super) fn recover(&self) -> Vec<u64> {
        let design = &*self.plan.0;
        let extra = usize::from(design.ring == Ring::Fermat);
        let mut limbs = vec![0; design.limbs() + extra];
        let operands = Operands::Recover(&self.values);
        Product { design, operands, out: &mut limbs }.run();
        limbs.truncate(self.limbs);
        let found = certify::residue(&limbs, certify::prime(design), design.level);
        assert!(found == self.residue, "a transformed operand has been damaged in memory");
        limbs
    }
}
