//! Plans, and operands transformed by them.

use std::sync::Arc;

use super::certify;
use super::modulus::Residue;
use super::plan::{Design, Need, Ring};
use super::run::{Operands, Product, Transform};
use crate::cpu::Level;
use crate::memory::Buffer;

/// The length and digit width of a transform, for products of one size.
///
/// A plan is a value: compare, clone and keep it. Making one costs about a microsecond.
///
/// ```
/// use pi_spigot::fft::{self, Plan};
/// let plan = Plan::for_product(200, 100);
/// let a = plan.transform(&[3; 200]);
/// let mut out = vec![0; 300];
/// fft::multiply_cached(&mut out, &a, &[5; 100]);
/// assert_eq!(out[0], 15);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan(pub(super) Arc<Design>);

impl Plan {
    /// A plan for full products of `la` by `lb` limbs.
    ///
    /// # Panics
    /// If `64 * (la + lb)` bits exceed a quarter of the address space.
    #[must_use]
    pub fn for_product(la: usize, lb: usize) -> Self {
        Self::for_sum_of_products(la, lb, 1)
    }

    /// A plan for signed sums of up to `terms` products of `la` by `lb` limbs.
    ///
    /// # Panics
    /// As [`Plan::for_product`].
    #[must_use]
    pub fn for_sum_of_products(la: usize, lb: usize, terms: usize) -> Self {
        Self::on(&Need::product(la, lb, terms), Level::get())
    }

    /// A plan for products modulo `2^K + 1`, with the cheapest `K >= 64 * min_limbs` whose
    /// certificates have 55 bits. `K` is a multiple of 64.
    ///
    /// # Panics
    /// As [`Plan::for_product`] with `la + lb = min_limbs`.
    #[must_use]
    pub fn for_wraparound(min_limbs: usize) -> Self {
        Self::on(&Need::wraparound(min_limbs.max(1), false), Level::get())
    }

    /// [`Plan::for_wraparound`] without residues, and with the cheapest `K` of all: for callers that
    /// prove the integers which they make of the products. The rounding error is checked.
    pub(crate) fn for_wraparound_proven_by_caller(min_limbs: usize) -> Self {
        Self::on(&Need::wraparound(min_limbs.max(1), true), Level::get())
    }

    /// The same length and width with the layout of another level. Tests and benches use it.
    #[must_use]
    pub fn with_level(&self, level: Level) -> Self {
        Self(Arc::new(self.0.on(level)))
    }

    fn on(need: &Need, level: Level) -> Self {
        Self(Arc::new(Design::new(need, level)))
    }

    /// `K / 64` of a wrap-around plan; of another plan, the limbs of the longest product.
    #[must_use]
    pub fn modulus_limbs(&self) -> usize {
        self.0.limbs()
    }

    /// Complex points of a transform, of 16 bytes each.
    #[must_use]
    pub fn points(&self) -> usize {
        self.0.points()
    }

    /// Bits per digit, 11 to 21.
    #[must_use]
    pub fn digit_bits(&self) -> u32 {
        self.0.bits
    }

    /// The transform of `a`, for any number of products with this plan. Costs a third of a product.
    ///
    /// `a` may have any length up to [`Plan::modulus_limbs`], but products with operands much longer
    /// than planned are more likely to fail their certificate and to be repeated.
    ///
    /// # Panics
    /// If `a` is longer than [`Plan::modulus_limbs`].
    #[must_use]
    pub fn transform(&self, a: &[u64]) -> Transformed {
        let residue = certify::residue(a, &self.0.moduli, self.0.level);
        self.transform_with(a, residue)
    }

    /// [`Plan::transform`] of a number with its residue modulo `2^61 - 1`, for products of integers.
    #[must_use]
    pub(crate) fn transform_known(&self, (a, residue): (&[u64], u64)) -> Transformed {
        assert!(self.0.ring == Ring::Integers, "wrap-around products have residues of their own");
        self.transform_with(a, [residue, 0])
    }

    fn transform_with(&self, a: &[u64], residue: Residue) -> Transformed {
        let design = &*self.0;
        let most = design.limbs();
        assert!(a.len() <= most, "an operand of {} limbs is too long for this plan: at most {most}", a.len());
        let mut values = Buffer::dirty(2 * design.points());
        Transform { design, a, x: &mut values }.run();
        Transformed { plan: self.clone(), values, residue, limbs: a.len() }
    }
}

/// An operand in transformed form, made by [`Plan::transform`] for products of an equal plan.
///
/// It takes 16 bytes per point of the plan and keeps no copy of its number. If a product fails its
/// certificate, the inverse transform recovers the number.
#[derive(Clone, Debug)]
pub struct Transformed {
    pub(super) plan: Plan,
    pub(super) values: Buffer,
    pub(super) residue: Residue,
    pub(super) limbs: usize,
}

impl Transformed {
    /// The plan that made this operand.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The number that was transformed.
    pub(super) fn recover(&self) -> Vec<u64> {
        let design = &*self.plan.0;
        let extra = usize::from(design.ring == Ring::Fermat);
        let mut limbs = vec![0; design.limbs() + extra];
        let operands = Operands::Recover(&self.values);
        Product { design, operands, out: &mut limbs }.run();
        limbs.truncate(self.limbs);
        let found = certify::residue(&limbs, &design.moduli, design.level);
        assert!(
            found == self.residue,
            "a transformed operand has been damaged in memory: do not trust this machine"
        );
        limbs
    }
}
