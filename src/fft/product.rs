//! Full products and sums of products.

use std::cell::RefCell;

use super::attempt::{add_to, attempt, magnitude, times_residue};
use super::certify;
use super::modulus::{MERSENNE, minus, plus, times};
use super::operand::{Plan, Transformed};
use super::plan::{Design, Need, Ring};
use super::redo::{add_up, redo};
use super::run::{Operands, Product};
use super::sign::Sign;
use crate::cpu::Level;

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
        let r = times(a.residue, b.residue, p);
        plus(sum, if *sign == Sign::Plus { r } else { minus(r, p) }, p)
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
    let found = if sign == Sign::Minus { minus(found, p) } else { found };
    if error > certify::MAX_ROUNDING_ERROR || found != expected {
        return add_up(out, terms);
    }
    out.copy_from_slice(&wide[..out.len()]);
    sign
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
    certify::residue(a, MERSENNE, Level::get())
}
