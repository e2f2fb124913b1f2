//! Full products, and sums of products.

use std::cell::RefCell;

use super::attempt::{add_to, attempt, magnitude};
use super::certify;
use super::modulus::Moduli;
use super::operand::{Plan, Transformed};
use super::plan::{Design, Need, Ring};
use super::redo::{add_up, redo};
use super::run::{Operands, Product};
use super::sign::Sign;
use crate::cpu::Level;

/// `out = a * b`, with `out.len() == a.len() + b.len()`.
///
/// Any sizes: an operand of three times the other's length or more is multiplied in slices.
///
/// # Panics
/// If `out` has another length, or if the product fails its certificate at every digit width.
pub fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    if a.len() >= 3 * b.len() || b.len() >= 3 * a.len() {
        multiply_unbalanced(out, a, b);
    } else {
        multiply_known(out, (a, residue(a)), (b, residue(b)));
    }
}

/// [`multiply`] of numbers with their [`residue`]s, which need not be computed again.
///
/// # Panics
/// As [`multiply`]. Wrong residues make the product slow, not wrong.
pub(crate) fn multiply_known(out: &mut [u64], (a, ra): (&[u64], u64), (b, rb): (&[u64], u64)) {
    if a.len() >= 3 * b.len() || b.len() >= 3 * a.len() {
        return multiply_unbalanced(out, a, b);
    }
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    full(out, Operands::Pair(a, b), (a, ra), (b, rb));
}

/// [`multiply`] of an operand and one of a third of its length or less.
fn multiply_unbalanced(out: &mut [u64], a: &[u64], b: &[u64]) {
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        out.fill(0);
    } else {
        multiply_in_slices(out, long, short);
    }
}

/// `out = a^2`, with `out.len() == 2 * a.len()`. Takes two thirds of the time of [`multiply`].
///
/// # Panics
/// As [`multiply`].
pub fn square(out: &mut [u64], a: &[u64]) {
    assert_eq!(out.len(), 2 * a.len(), "out must have 2 * a.len() limbs");
    let known = (a, residue(a));
    full(out, Operands::Square(a), known, known);
}

/// Multiplies slices of the long operand by one transform of the short one.
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

/// `out = a * b` of two transformed operands of equal full plans, by one transform instead of three.
///
/// # Panics
/// If the plans differ, if the lengths of `a` and `b` together exceed `out` or the plan, or if the
/// product fails its certificate at every digit width.
pub fn multiply_transformed(out: &mut [u64], a: &Transformed, b: &Transformed) {
    let sign = multiply_add(out, &[(a, b, Sign::Plus)]);
    debug_assert!(sign == Sign::Plus);
}

/// `out = a * b` with `a` transformed: two transforms instead of three.
///
/// # Panics
/// As [`multiply_transformed`].
pub fn multiply_cached(out: &mut [u64], a: &Transformed, b: &[u64]) {
    multiply_cached_known(out, a, (b, residue(b)));
}

/// [`multiply_cached`] of a number with its [`residue`], which need not be computed again.
pub(crate) fn multiply_cached_known(out: &mut [u64], a: &Transformed, (b, rb): (&[u64], u64)) {
    let design = &*a.plan.0;
    assert!(design.ring == Ring::Integers, "a wrap-around plan needs multiply_wraparound_cached");
    check_lengths(design, out, a.limbs, b.len(), 1);
    let expected = design.moduli.times(a.residue, [rb, 0]);
    if !attempt(design, Operands::Cached(&a.values, b), out, expected) {
        redo(out, &a.recover(), b, design);
    }
}

/// `out = |sum of sign * a * b|` by one transform; returns the sign of the sum.
///
/// All plans are equal, from [`Plan::for_sum_of_products`].
///
/// # Panics
/// As [`multiply_transformed`]; if there are more terms than planned, or if `out` is too short for
/// the sum.
#[must_use = "the sum may be negative"]
pub fn multiply_add(out: &mut [u64], terms: &[(&Transformed, &Transformed, Sign)]) -> Sign {
    let Some(((first, _, _), _)) = terms.split_first() else {
        out.fill(0);
        return Sign::Plus;
    };
    let design = &*first.plan.0;
    assert!(design.ring == Ring::Integers, "a wrap-around plan needs multiply_wraparound_transformed");
    assert!(terms.iter().all(|(a, b, _)| a.plan == first.plan && b.plan == first.plan), "plans differ");
    for (a, b, _) in terms {
        check_lengths(design, out, a.limbs, b.limbs, terms.len());
    }
    let moduli = &design.moduli;
    let expected = terms.iter().fold(Default::default(), |sum, (a, b, sign)| {
        let residue = moduli.times(a.residue, b.residue);
        moduli.plus(sum, if *sign == Sign::Plus { residue } else { moduli.minus(residue) })
    });
    let values: Vec<_> = terms.iter().map(|(a, b, s)| (&*a.values, &*b.values, *s)).collect();
    let operands = Operands::Sum(&values);
    if terms.iter().all(|t| t.2 == Sign::Plus) {
        if !attempt(design, operands, out, expected) {
            return add_up(out, terms);
        }
        return Sign::Plus;
    }
    // An additional limb tells the sign.
    let mut wide = vec![0; out.len() + 1];
    let error = Product { design, operands, out: &mut wide }.run();
    let sign = magnitude(&mut wide);
    let found = certify::residue(&wide, moduli, design.level);
    let found = if sign == Sign::Minus { moduli.minus(found) } else { found };
    if !certify::rounds(error) || found != expected || wide[out.len()] != 0 {
        return add_up(out, terms);
    }
    out.copy_from_slice(&wide[..out.len()]);
    sign
}

/// Panics unless each of `terms` products of `la` by `lb` limbs fits in `out` and in the plan.
fn check_lengths(design: &Design, out: &[u64], la: usize, lb: usize, terms: usize) {
    let planned = design.terms;
    assert!(terms <= planned, "{terms} products in a sum, but the plan is for {planned}");
    let most = design.limbs_of_sum(terms);
    assert!(la + lb <= most, "a product of {la} by {lb} limbs is too long for this plan: at most {most}");
    assert!(la + lb <= out.len(), "out has {} limbs; {la} by {lb} limbs need {}", out.len(), la + lb);
}

/// A full product of `a` and `b`, which `operands` names too, with their residues.
fn full(out: &mut [u64], operands: Operands<'_>, (a, ra): (&[u64], u64), (b, rb): (&[u64], u64)) {
    let design = recent_design(a.len(), b.len());
    let expected = design.moduli.times([ra, 0], [rb, 0]);
    if !attempt(&design, operands, out, expected) {
        redo(out, a, b, &design);
    }
}

/// The design for a product of this size, from a small cache: designing takes as long as a product
/// of 50 limbs.
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

/// `a` modulo `2^61 - 1`, in vectors: the residue that certifies products of integers.
#[must_use]
pub fn residue(a: &[u64]) -> u64 {
    certify::residue(a, &Moduli::MERSENNE, Level::get())[0]
}
