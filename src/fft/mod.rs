//! Certified products of long numbers by a complex floating-point FFT.
//!
//! ```text
//! digits   d_j of both operands, balanced, 11 to 21 bits            split
//! points   z_j = d_j + i d_(j+M), an element of C[x]/(x^M - i)      split
//! values   at the M roots, in bit-reversed order                    transform
//! product  point by point, back again                               transform
//! digits   rounded, carried, packed into limbs                      join
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
mod columns;
#[cfg(test)]
mod fault;
mod join;
mod plan;
mod run;
mod split;
#[cfg(test)]
mod tests;
mod transform;
mod twiddle;
mod twist;

use std::cell::RefCell;
use std::sync::Arc;

use crate::simd::{Buffer, Level};
use plan::{Design, Need, Ring};
use run::{Operands, Product, Transform};

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

    /// The same for a given level: for tests and benches.
    #[must_use]
    pub fn with_level(&self, level: Level) -> Self {
        Self(Arc::new(Design { level, ..(*self.0).clone() }))
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
        design.level.run(Transform { design, a, x: &mut values });
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
        design.level.run(Product { design, operands, out: &mut limbs });
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
    let error = design.level.run(Product { design, operands, out: &mut wide });
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

/// A sum whose one-step form has failed: product by product.
#[cold]
fn add_up(out: &mut [u64], terms: &[(&Transformed, &Transformed, Sign)]) -> Sign {
    let longest = terms.iter().map(|(a, b, _)| a.limbs + b.limbs).max().unwrap_or(0);
    let n = longest.max(out.len()) + 2;
    let mut sum = vec![0; n];
    for (a, b, sign) in terms {
        let mut product = vec![0; n];
        let (x, y) = (a.recover(), b.recover());
        redo(&mut product[..x.len() + y.len()], &x, &y, &a.plan.0);
        if *sign == Sign::Minus {
            let mut carry = true;
            for x in &mut product {
                (*x, carry) = (!*x).overflowing_add(u64::from(carry));
            }
        }
        add_to(&mut sum, &product);
    }
    let sign = magnitude(&mut sum);
    let (low, high) = sum.split_at(out.len());
    assert!(high.iter().all(|&x| x == 0), "the sum does not fit in {} limbs", out.len());
    out.copy_from_slice(low);
    sign
}

/// `out = a * b mod 2^K + 1`, in `0 ..= 2^K`: `out.len() == plan.modulus_limbs() + 1`; `a, b < 2^K`.
///
/// # Panics
/// If a length is wrong, or if the product fails its certificate three times.
pub fn multiply_wraparound(out: &mut [u64], plan: &Plan, a: &[u64], b: &[u64]) {
    check_wraparound(out, plan, a.len(), b.len());
    let design = &*plan.0;
    let p = certify::prime(design);
    let expected = times_residue(design, certify::residue(a, p, design.level), b);
    if !attempt(design, Operands::Pair(a, b), out, expected) {
        redo_wraparound(out, a, b, design);
    }
}

/// [`multiply_wraparound`] of two transformed operands of equal wrap-around plans.
///
/// # Panics
/// As [`multiply_wraparound`].
pub fn multiply_wraparound_transformed(out: &mut [u64], a: &Transformed, b: &Transformed) {
    assert!(a.plan == b.plan, "plans differ");
    check_wraparound(out, &a.plan, a.limbs, b.limbs);
    let design = &*a.plan.0;
    let expected = certify::times(a.residue, b.residue, certify::prime(design));
    if !attempt(design, Operands::Sum(&[(&a.values, &b.values, Sign::Plus)]), out, expected) {
        redo_wraparound(out, &a.recover(), &b.recover(), design);
    }
}

/// [`multiply_wraparound`] with `a` transformed.
///
/// # Panics
/// As [`multiply_wraparound`].
pub fn multiply_wraparound_cached(out: &mut [u64], a: &Transformed, b: &[u64]) {
    check_wraparound(out, &a.plan, a.limbs, b.len());
    let design = &*a.plan.0;
    let expected = times_residue(design, a.residue, b);
    if !attempt(design, Operands::Cached(&a.values, b), out, expected) {
        redo_wraparound(out, &a.recover(), b, design);
    }
}

fn check_wraparound(out: &[u64], plan: &Plan, la: usize, lb: usize) {
    let k = plan.modulus_limbs();
    assert!(plan.0.ring == Ring::Fermat, "a full plan does not wrap around");
    assert_eq!(out.len(), k + 1, "out must have modulus_limbs() + 1 limbs");
    assert!(la <= k && lb <= k, "operands of a product modulo 2^K + 1 have at most K/64 limbs");
}

fn times_residue(design: &Design, a: u64, b: &[u64]) -> u64 {
    let p = certify::prime(design);
    certify::times(a, certify::residue(b, p, design.level), p)
}

/// One product with this design; whether its certificate holds.
fn attempt(design: &Design, operands: Operands<'_>, out: &mut [u64], expected: u64) -> bool {
    let error = design.level.run(Product { design, operands, out: &mut *out });
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

/// A full product whose certificate has failed: with narrower digits, until it holds.
#[cold]
fn redo(out: &mut [u64], a: &[u64], b: &[u64], failed: &Design) {
    let (product, rest) = out.split_at_mut((a.len() + b.len()).min(out.len()));
    rest.fill(0);
    let mut full = vec![0; a.len() + b.len()];
    let p = certify::prime(&Design::new(&Need::product(1, 1, 1), failed.level));
    let level = failed.level;
    let expected = certify::times(certify::residue(a, p, level), certify::residue(b, p, level), p);
    for max_width in narrower(failed.bits, a, b) {
        let need = Need { max_width, ..Need::product(a.len(), b.len(), 1) };
        let design = Design::new(&need, level);
        if attempt(&design, Operands::Pair(a, b), &mut full, expected) {
            let n = product.len();
            assert!(full[n..].iter().all(|&x| x == 0), "the product does not fit in {n} limbs");
            product.copy_from_slice(&full[..n]);
            return;
        }
    }
    panic!("a product of {} by {} limbs failed its certificate at every digit width", a.len(), b.len());
}

/// Digit widths to try after a failure.
fn narrower(failed: u32, a: &[u64], b: &[u64]) -> impl Iterator<Item = u32> {
    // All digits of one sign and size sum to n 2^(2 bits - 2): below 2^48 that is harmless.
    let digits = 64 * a.len().min(b.len()) / 16 + 1;
    let safe = (50 - digits.ilog2().min(26)) / 2;
    let first = safe.clamp(plan::MIN_BITS, failed.max(plan::MIN_BITS));
    [first, (first - 1).max(plan::MIN_BITS), plan::MIN_BITS].into_iter()
}

/// Modulo `2^K + 1` after a failure: a full product, then the reduction.
#[cold]
fn redo_wraparound(out: &mut [u64], a: &[u64], b: &[u64], failed: &Design) {
    let k = out.len() - 1;
    let mut product = vec![0; 2 * k];
    redo(&mut product, a, b, failed);
    let (low, high) = product.split_at(k);
    out[..k].copy_from_slice(low);
    out[k] = 0;
    let mut borrow = false;
    for (o, &h) in out.iter_mut().zip(high) {
        let (d, c) = o.overflowing_sub(h);
        let (d, e) = d.overflowing_sub(u64::from(borrow));
        (*o, borrow) = (d, c | e);
    }
    if borrow {
        // low - high + 2^K stands there: 1 more modulo 2^K + 1.
        add_to(out, &[1]);
    }
}

/// Frees the memory that products of this thread keep for the next ones: up to 192 MiB.
pub fn release_memory() {
    Buffer::release_kept();
}
