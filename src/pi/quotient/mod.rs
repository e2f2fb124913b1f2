//! From the sum of a series to the fraction of pi: the whole quotient here, or only its new part
//! from a [residual].

mod residual;

pub(super) use residual::longer_fraction;

use super::pqt::{Pqt, Scaled};
use super::series::{Closing, Series};
use crate::bigint::div::approximate_quotient;
use crate::bigint::limbs::{
    cmp, mul_limb_in_place, shl_in_place, sub_from_in_place, sub_in_place, sub_limb_in_place,
};
use crate::bigint::mul::high_product;
use crate::bigint::residue::{minus, residue, times};
use crate::memory::Limbs;
use std::cmp::Ordering;

/// Pi is `numerator / denominator`, or that times the root.
#[derive(Debug)]
pub(in crate::pi) struct Ratio {
    pub(in crate::pi) numerator: Scaled,
    pub(in crate::pi) denominator: Scaled,
}

impl Ratio {
    /// The two numbers of a sum, cut to about `limbs` limbs and checked.
    ///
    /// # Panics
    /// If the sum fails its check by residues, which a sound machine never shows.
    pub(in crate::pi) fn of(series: &Series, mut sum: Pqt, limbs: usize) -> Self {
        // The splitting leaves out zeros of Q; here both numbers have the same length.
        sum.q.with_zeros_down_to(sum.t.exponent);
        let q = top(sum.q, limbs + 1);
        let total = distance(times_limb(q.clone(), series.first), sum.t);
        let (numerator, denominator) = match series.closing {
            Closing::Sum => (total, q),
            Closing::RootOverSum { factor, .. } => (times_limb(q, factor), total),
        };
        let ratio = Self { numerator: top(numerator, limbs), denominator: top(denominator, limbs) };
        ratio.numerator.check();
        ratio.denominator.check();
        ratio
    }
}

/// The upper `limbs` limbs.
fn top(mut number: Scaled, limbs: usize) -> Scaled {
    number.truncate(limbs);
    number
}

fn times_limb(mut number: Scaled, limb: u64) -> Scaled {
    let carry = mul_limb_in_place(&mut number.limbs, limb, 0);
    number.limbs.push(carry);
    let product = times(number.residue, residue(&[limb]));
    Scaled::with_residue(number.limbs, number.exponent, product, number.is_cut)
}

/// `|x - y|` at the exponent of `x`.
fn distance(mut x: Scaled, mut y: Scaled) -> Scaled {
    y.with_zeros_down_to(x.exponent);
    y.truncate(y.limbs.len().saturating_sub(x.exponent - y.exponent));
    let len = x.limbs.len().max(y.limbs.len());
    x.limbs.resize(len);
    y.limbs.resize(len);
    let residue = if cmp(&x.limbs, &y.limbs) == Ordering::Less {
        let _ = sub_from_in_place(&mut x.limbs, &y.limbs);
        minus(y.residue, x.residue)
    } else {
        let _ = sub_in_place(&mut x.limbs, &y.limbs);
        minus(x.residue, y.residue)
    };
    Scaled::with_residue(x.limbs, x.exponent, residue, x.is_cut || y.is_cut)
}

/// Bound of all rounding errors, in units of the limb below the result. Cut operands, the root, the
/// cut dividend and the quotient err by less than 2^6 units each.
pub(in crate::pi) const ERROR: u64 = 1 << 20;

/// The fraction of pi in `limbs` limbs, a lower bound by less than two units.
///
/// `root` has `limbs + 1` limbs after the point, or is empty: then it is one.
pub(in crate::pi) fn fraction_of_pi(ratio: Ratio, root: Limbs, limbs: usize) -> Limbs {
    let Ratio { numerator, mut denominator } = ratio;
    let work = limbs + 1;
    // pi 2^(64 work) = dividend 2^(64 (e_n - e_d)) / denominator.
    let (mut dividend, scale) = times_root(numerator, &root, work);
    drop(root);
    let below = scale.checked_sub(denominator.exponent).unwrap_or_else(|| {
        dividend.cut_front(denominator.exponent - scale);
        0
    });
    // The division copies a divisor whose top bit is not set.
    let bits = denominator.limbs.last().map_or(0, |top| top.leading_zeros());
    let _ = shl_in_place(&mut denominator.limbs, bits);
    let above = shl_in_place(&mut dividend, bits);
    dividend.push(above);
    let mut pi = approximate_quotient(&dividend, below, &denominator.limbs);
    let borrow = sub_limb_in_place(&mut pi, ERROR);
    assert!(!borrow && pi.get(work) == Some(&3), "the quotient is not pi: do not trust this machine");
    pi.truncate(work);
    pi.cut_front(1);
    pi
}

/// The numerator times the root, and the exponent of the product. Limbs below the `work` limbs of
/// the root's fraction are cut off.
fn times_root(numerator: Scaled, root: &[u64], work: usize) -> (Limbs, usize) {
    if root.is_empty() {
        return (numerator.limbs, numerator.exponent + work);
    }
    let (dividend, cut) = high_product(&numerator.limbs, root);
    (dividend, numerator.exponent + cut)
}
