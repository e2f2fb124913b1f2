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
use crate::bigint::mul::{Wrapped, high_product};
use crate::bigint::residue::{minus, power_of_two, residue, times};
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
    pub(in crate::pi) fn of(series: &Series, sum: Pqt, limbs: usize) -> Self {
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
    Scaled::with_residue(number.limbs, number.exponent, times(number.residue, residue(&[limb])))
}

/// `|x - y|` at the exponent of `x`.
fn distance(mut x: Scaled, mut y: Scaled) -> Scaled {
    match y.exponent.checked_sub(x.exponent) {
        Some(zeros) => {
            y.limbs.insert_zeros(zeros);
            y.residue = times(y.residue, power_of_two(64 * zeros));
        }
        None => y.truncate(y.limbs.len().saturating_sub(x.exponent - y.exponent)),
    }
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
    Scaled::with_residue(x.limbs, x.exponent, residue)
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
    let mut pi = checked_quotient(&dividend, below, &denominator.limbs, approximate_quotient);
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

/// `dividend 2^(64 below) / divisor` to a few units by `divide`, checked. A wrong quotient is
/// computed once more.
///
/// # Panics
/// If it is wrong twice, which a sound machine never shows.
pub(in crate::pi) fn checked_quotient(
    dividend: &[u64],
    below: usize,
    divisor: &[u64],
    divide: impl Fn(&[u64], usize, &[u64]) -> Limbs,
) -> Limbs {
    for _ in 0..2 {
        let quotient = divide(dividend, below, divisor);
        if is_quotient(&quotient, dividend, below, divisor) {
            return quotient;
        }
    }
    panic!("the quotient that pi is was wrong twice ({} limbs): do not trust this machine", divisor.len());
}

/// Checks that `|dividend 2^(64 below) - quotient divisor| < 16 divisor`.
///
/// The difference is computed modulo `2^(64 m) + 1`, `m` at least two limbs above the divisor's. A
/// small one is taken for the difference itself if it has the right residue modulo a prime of 61
/// bits too, which does not depend on the product. Cost: half a product.
fn is_quotient(quotient: &[u64], dividend: &[u64], below: usize, divisor: &[u64]) -> bool {
    let n = divisor.len();
    let mut difference = Wrapped::product(divisor, quotient, n + 2);
    difference.sub_shifted(dividend, below);
    let (negative, magnitude) = difference.into_signed();
    let is_small = magnitude.len() <= n || (magnitude.len() == n + 1 && magnitude[n] < 16);
    let product = times(residue(divisor), residue(quotient));
    let expected = minus(product, times(residue(dividend), power_of_two(64 * below)));
    let found = residue(&magnitude);
    is_small && expected == if negative { minus(0, found) } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::random;
    use std::cell::Cell;

    /// A division whose first `faults` results have a flipped bit.
    fn divide_with(faults: u32, bit: usize, n: usize) -> Limbs {
        let (dividend, mut divisor) = (random(2 * n, 1), random(n, 2));
        divisor[n - 1] |= 1 << 40;
        let left = Cell::new(faults);
        let quotient = checked_quotient(&dividend, 0, &divisor, |a, below, d| {
            let mut quotient = approximate_quotient(a, below, d);
            if let Some(rest) = left.get().checked_sub(1) {
                left.set(rest);
                quotient[bit / 64] ^= 1 << (bit % 64);
            }
            quotient
        });
        assert_eq!(quotient, approximate_quotient(&dividend, 0, &divisor));
        quotient
    }

    #[test]
    fn a_flipped_bit_in_the_quotient_is_repaired() {
        for n in [3, 50, 150, 400] {
            for bit in [7, 64, 64 * n / 2 + 5, 64 * n - 1] {
                let _ = divide_with(1, bit, n);
            }
        }
    }

    #[test]
    #[should_panic(expected = "wrong twice")]
    fn flipped_bits_time_and_again_are_reported() {
        let _ = divide_with(2, 100, 200);
    }

    /// The wrapped difference alone is blind to a multiple of its modulus.
    #[test]
    fn a_quotient_that_is_wrong_by_the_modulus_is_refused() {
        let (dividend, mut divisor) = (random(10, 1), random(5, 2));
        divisor[4] |= 1 << 40;
        let mut quotient = approximate_quotient(&dividend, 0, &divisor);
        assert!(is_quotient(&quotient, &dividend, 0, &divisor));
        // 2^(64 * 7) + 1
        quotient.resize(8);
        quotient[7] += 1;
        quotient[0] += 1;
        assert_eq!(Wrapped::product(&divisor, &quotient, 7).modulus_limbs(), 7);
        assert!(!is_quotient(&quotient, &dividend, 0, &divisor));
    }
}
