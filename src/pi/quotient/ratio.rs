//! The two numbers of a sum whose quotient is pi.

use crate::bigint::limbs::{cmp, mul_limb, sub_from_in_place, sub_in_place};
use crate::bigint::residue::{minus, residue, times};
use crate::memory::Limbs;
use crate::pi::pqt::{Pqt, Scaled};
use crate::pi::series::{Closing, Series};
use std::cmp::Ordering;

/// Pi is `numerator / denominator`, or that times the inverse root.
#[derive(Debug)]
pub(in crate::pi) struct Ratio {
    pub(in crate::pi) numerator: Scaled,
    /// Its top bit is set.
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
        let total = distance(times_limb(&q, series.first), sum.t);
        let (numerator, denominator) = match series.closing {
            Closing::Sum => (total, q),
            Closing::RootOverSum { factor, .. } => (times_limb(&q, factor), total),
        };
        let bits = denominator.limbs.last().map_or(0, |top| top.leading_zeros());
        let [numerator, denominator] =
            [numerator, denominator].map(|number| top(times_limb(&number, 1 << bits), limbs));
        numerator.check();
        denominator.check();
        Self { numerator, denominator }
    }
}

/// The upper `limbs` limbs.
fn top(mut number: Scaled, limbs: usize) -> Scaled {
    number.truncate(limbs);
    number
}

/// `number limb`.
pub(super) fn times_limb(number: &Scaled, limb: u64) -> Scaled {
    let len = number.limbs.len();
    let mut product = Limbs::dirty(len + 1);
    product[len] = mul_limb(&mut product[..len], &number.limbs, limb);
    let of_product = times(number.residue, residue(&[limb]));
    Scaled::with_residue(product, number.exponent, of_product, number.is_cut)
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
