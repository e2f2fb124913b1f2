//! Products modulo `2^K + 1`: the transform's natural ring, by transforms half as long as a full
//! product's.

use super::attempt::{add_to, attempt, times_residue};
use super::certify;
use super::operand::{Plan, Transformed};
use super::plan::{Design, Ring};
use super::redo::redo;
use super::run::Operands;
use super::sign::Sign;

/// `out = a * b mod 2^K + 1`, in `0 ..= 2^K`, with a plan of [`Plan::for_wraparound`].
///
/// `out.len() == plan.modulus_limbs() + 1`, and `a` and `b` have at most `plan.modulus_limbs()` limbs.
///
/// # Panics
/// If a length or the kind of plan is wrong, or if the product fails its certificate at every digit
/// width.
pub fn multiply_wraparound(out: &mut [u64], plan: &Plan, a: &[u64], b: &[u64]) {
    check_wraparound(out, plan, a.len(), b.len());
    let design = &*plan.0;
    let expected = times_residue(design, certify::residue(a, &design.moduli, design.level), b);
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
    let expected = design.moduli.times(a.residue, b.residue);
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

/// Repeats a product after a failure: a full product, then the reduction modulo `2^K + 1`.
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
        // `out` is low - high + 2^K, so low - high is 1 more modulo 2^K + 1.
        add_to(out, &[1]);
    }
}
