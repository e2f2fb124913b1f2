//! Certified products of long numbers by a complex floating-point FFT.
//!
//! ```text
//! digits   d_j of both operands, balanced, 11 to 21 bits            split
//! points   z_j = d_j + i d_(j+M), an element of C[x]/(x^M - i)      split
//! values   at the M roots, in bit-reversed order                    transform
//! product  point by point, back again                               transform
//! digits   rounded, carried, packed into limbs                      join, sweep
//! proof    rounding error and a residue; else again, narrower       certify
//! ```
//! Reading `x^M = i` makes a real sequence of `2M` digits modulo `x^(2M) + 1`
//! out of `M` complex points without weights and without any real-to-complex
//! step (the "right-angle convolution"). With `2^K = B^(2M)` this is
//! multiplication modulo `2^K + 1`; a product shorter than `K` bits is exact.
//!
//! Sources: Crandall and Fagin, "Discrete weighted transforms and
//! large-integer arithmetic" (1994), for the right-angle convolution and
//! balanced digits; Percival, "Rapid multiplication modulo the sum and
//! difference of highly composite numbers" (2003), for rounding errors;
//! Bernstein, "Fast multiplication and its applications" (2008), for the tree
//! of `x^(2H) - w^2`.
//!
//! Limbs are little-endian 64-bit words. Results are integers and do not
//! depend on the level that computes them.

mod butterfly;
mod certify;
#[cfg(test)]
mod fault;
mod join;
mod plan;
mod redo;
mod run;
mod split;
mod sweep;
#[cfg(test)]
mod tests;
mod threads;
mod top_pass;
mod transform;
mod twiddle;
mod twist;
mod wraparound;

use std::cell::RefCell;
use std::sync::Arc;

use crate::cpu::Level;
use crate::memory::Buffer;
use plan::{Design, Need, Ring};
use redo::{add_up, redo};
use run::{Operands, Product, Transform};

pub use threads::with_threads;
pub(crate) use threads::{Job, all};
pub use wraparound::{multiply_wraparound, multiply_wraparound_cached, multiply_wraparound_transformed};

/// The sign with which a product enters a sum, and the sign of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Added; or: the sum is zero or positive.
    Plus,
    /// Subtracted; or: the sum is negative.
    Minus,
}

/// A transform length and digit width for products of one size: a value to
/// be compared, cloned and kept. Making one costs well under a microsecond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan(Arc<Design>);

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
    plan: Plan,
    values: Buffer,
    residue: u64,
    limbs: usize,
}

impl Transformed {
    /// The plan that made it.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The number that it was made of.
    fn recover(&self) -> Vec<u64> {
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

/// `out = a * b`; `out.len() == a.len() + b.len()`. Any sizes: a much longer
/// operand is taken in slices of the other's length.
///
/// # Panics
/// If `out` has another length, or if the product fails its certificate three times.
pub fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        out.fill(0);
    } else if long.len() >= 3 * short.len() {
        multiply_in_slices(out, long, short);
    } else {
        full(out, Operands::Pair(long, short), long.len(), short.len());
    }
}

/// `out = a^2`; `out.len() == 2 * a.len()`.
///
/// # Panics
/// As [`multiply`].
pub fn square(out: &mut [u64], a: &[u64]) {
    assert_eq!(out.len(), 2 * a.len(), "out must have 2 * a.len() limbs");
    full(out, Operands::Square(a), a.len(), a.len());
}

/// Slices of the long operand against one transform of the short one.
fn multiply_in_slices(out: &mut [u64], long: &[u64], short: &[u64]) {
    let count = long.len().div_ceil(2 * short.len());
    let size = long.len().div_ceil(count);
    let plan = Plan::for_product(size, short.len());
    let transformed = plan.transform(short);
    let mut product = vec![0; size + short.len()];
    out.fill(0);
    for (k, slice) in long.chunks(size).enumerate() {
        let product = &mut product[..slice.len() + short.len()];
        multiply_cached(product, &transformed, slice);
        add_to(&mut out[k * size..], product);
    }
}

fn add_to(out: &mut [u64], a: &[u64]) {
    let mut carry = false;
    let (low, high) = out.split_at_mut(a.len());
    for (o, &a) in low.iter_mut().zip(a) {
        let (s, c) = o.overflowing_add(a);
        let (s, d) = s.overflowing_add(u64::from(carry));
        (*o, carry) = (s, c | d);
    }
    for o in high {
        if !carry {
            return;
        }
        (*o, carry) = o.overflowing_add(1);
    }
}

/// `out = a * b` of two transformed operands of equal full plans: one
/// transform. `out` must be able to hold the product.
///
/// # Panics
/// If the plans differ, or if the product fails its certificate three times.
pub fn multiply_transformed(out: &mut [u64], a: &Transformed, b: &Transformed) {
    let sign = multiply_add(out, &[(a, b, Sign::Plus)]);
    debug_assert!(sign == Sign::Plus);
}

/// `out = a * b` with `a` transformed: two transforms instead of three.
///
/// # Panics
/// As [`multiply_transformed`]; and if `b` is too long for the plan.
pub fn multiply_cached(out: &mut [u64], a: &Transformed, b: &[u64]) {
    let design = &*a.plan.0;
    assert!(design.ring == Ring::Integers, "a wrap-around plan needs multiply_wraparound_cached");
    assert!(a.limbs + b.len() <= design.limbs(), "the product is too long for this plan");
    let expected = times_residue(design, a.residue, b);
    if !attempt(design, Operands::Cached(&a.values, b), out, expected) {
        redo(out, &a.recover(), b, design);
    }
}

/// `out = |sum of sign * a * b|` with one transform; returns the sign of the sum.
/// The plans are equal, from [`Plan::for_sum_of_products`] with at least as many terms.
/// `out` must be able to hold the magnitude.
///
/// # Panics
/// As [`multiply_transformed`].
#[must_use = "the sum may be negative"]
pub fn multiply_add(out: &mut [u64], terms: &[(&Transformed, &Transformed, Sign)]) -> Sign {
    let Some(((first, _, _), _)) = terms.split_first() else {
        out.fill(0);
        return Sign::Plus;
    };
    let design = &*first.plan.0;
    assert!(design.ring == Ring::Integers, "a wrap-around plan needs multiply_wraparound_transformed");
    assert!(terms.iter().all(|(a, b, _)| a.plan == first.plan && b.plan == first.plan), "plans differ");
    let p = certify::prime(design);
    let expected = terms.iter().fold(0, |sum, (a, b, sign)| {
        let r = certify::times(a.residue, b.residue, p);
        certify::plus(sum, if *sign == Sign::Plus { r } else { certify::minus(r, p) }, p)
    });
    let values: Vec<_> = terms.iter().map(|(a, b, s)| (&*a.values, &*b.values, *s)).collect();
    let operands = Operands::Sum(&values);
    if terms.iter().all(|t| t.2 == Sign::Plus) {
        if !attempt(design, operands, out, expected) {
            add_up(out, terms);
        }
        return Sign::Plus;
    }
    // One limb more tells the sign.
    let mut wide = vec![0; out.len() + 1];
    let error = Product { design, operands, out: &mut wide }.run();
    let sign = magnitude(&mut wide);
    let found = certify::residue(&wide, p, design.level);
    let found = if sign == Sign::Minus { certify::minus(found, p) } else { found };
    if error > certify::MAX_ROUNDING_ERROR || found != expected {
        return add_up(out, terms);
    }
    out.copy_from_slice(&wide[..out.len()]);
    sign
}

/// Two's complement to magnitude and sign.
fn magnitude(x: &mut [u64]) -> Sign {
    if x.last().is_none_or(|top| top >> 63 == 0) {
        return Sign::Plus;
    }
    let mut carry = true;
    for x in x {
        (*x, carry) = (!*x).overflowing_add(u64::from(carry));
    }
    Sign::Minus
}

fn times_residue(design: &Design, a: u64, b: &[u64]) -> u64 {
    let p = certify::prime(design);
    certify::times(a, certify::residue(b, p, design.level), p)
}

/// One product with this design; whether its certificate holds.
fn attempt(design: &Design, operands: Operands<'_>, out: &mut [u64], expected: u64) -> bool {
    let error = Product { design, operands, out: &mut *out }.run();
    error <= certify::MAX_ROUNDING_ERROR
        && (out.len() < certify::RESIDUE_FROM
            || certify::residue(out, certify::prime(design), design.level) == expected)
}

/// A full product of limbs, the usual way.
fn full(out: &mut [u64], operands: Operands<'_>, la: usize, lb: usize) {
    let design = recent_design(la, lb);
    let (a, b) = match operands {
        Operands::Pair(a, b) => (a, b),
        Operands::Square(a) => (a, a),
        _ => unreachable!("full products are of limbs"),
    };
    let expected = if out.len() < certify::RESIDUE_FROM {
        0
    } else {
        let p = certify::prime(&design);
        times_residue(&design, certify::residue(a, p, design.level), b)
    };
    if !attempt(&design, operands, out, expected) {
        redo(out, a, b, &design);
    }
}

/// The design for a product of this size; designing takes as long as a product of 50 limbs.
fn recent_design(la: usize, lb: usize) -> Design {
    const SLOTS: usize = 16;
    type Slot = Option<(usize, usize, Design)>;
    thread_local! {
        static RECENT: RefCell<[Slot; SLOTS]> = const { RefCell::new([const { None }; SLOTS]) };
    }
    RECENT.with_borrow_mut(|recent| match &mut recent[(la + lb) % SLOTS] {
        Some((a, b, design)) if (*a, *b) == (la, lb) => design.clone(),
        slot => {
            let design = Design::new(&Need::product(la, lb, 1), Level::get());
            *slot = Some((la, lb, design.clone()));
            design
        }
    })
}

/// `a` modulo `2^61 - 1`, which certifies products of integers; by vectors.
#[must_use]
pub fn residue(a: &[u64]) -> u64 {
    certify::residue(a, certify::MERSENNE, Level::get())
}

/// Gives back to the system the memory that is kept for the next products and numbers: never more than was in use
/// at one time.
pub fn release_memory() {
    Buffer::release_kept();
}
