//! The inverse of a number by Newton's method.
//!
//! ```text
//! x_h = B^(2h) / top h limbs of d             (recursively, h about n/2)
//! e   = B^(n+h) - d x_h                       (its top is known: wrap-around product)
//! x   = x_h B^(n-h) + x_h e / B^(2h)          (half-length product)
//! ```
//!
//! Cost: about 1.9 products of `n` by `n` limbs. Source: Brent and
//! Zimmermann, MCA, algorithm 3.5 and section 3.4.

use super::schoolbook;
use crate::bigint::limbs::{add_in_place, cmp, normalized, sub_in_place};
use crate::bigint::mul::Factor;
use crate::bigint::proven::proven;
use crate::bigint::residue::{minus, plus, power_of_two, residue, times, without_low};
use crate::bigint::thresholds::INVERSE;
use crate::memory::Limbs;
use std::cmp::Ordering;

/// The least length of an inverse: a half of it and a guard limb must be shorter.
pub(in crate::bigint) const MIN_INVERSE: usize = 3;

/// The least length of divisor and quotient of a division by an inverse.
pub(in crate::bigint) const MIN_DIVISION: usize = 1;

/// About `2^(128 n) / d` for `d` of `n` limbs with its top bit set: `n + 1`
/// limbs. With its residue, which proves the inverse.
///
/// A longer `d` is cut to its top `n` limbs, a shorter one stands for itself
/// followed by zeros.
///
/// Error: a step squares the relative error of at most 8 / B^h, which leaves
/// less than B^-1 units as 2h > n; it adds one unit for the cut of `e` and
/// one for that of the correction. So the inverse of the cut `d` is right to
/// 2 units, and that of the whole `d` to 8.
///
/// # Panics
/// If it is wrong twice, which a sound machine never shows.
#[must_use]
pub(crate) fn inverse(d: &[u64], n: usize) -> (Limbs, u64) {
    let d = &d[d.len().saturating_sub(n)..];
    if n < INVERSE { inverse_schoolbook(d, n) } else { inverse_by_step(d, n) }
}

/// [`inverse`] from one of half the length; `d` has at most `n` limbs.
pub(super) fn inverse_by_step(d: &[u64], n: usize) -> (Limbs, u64) {
    let (x_h, root) = inverse(d, n / 2 + 1);
    proven("an inverse", || checked_step((&x_h, root), d, n))
}

/// A step, if it passes its checks: `e` is as small as that of an inverse, so `x_h` is one; `e` has the
/// residue that follows from `d` and `x_h`; and the result has the residue that follows from `x_h` and
/// `e`.
fn checked_step((x_h, of_x_h): (&[u64], u64), d: &[u64], n: usize) -> Option<(Limbs, u64)> {
    /// Of `2^(64 d.len())`: `e` has less than one for each unit by which `x_h` errs.
    const MOST: u64 = 16;
    let h = x_h.len() - 1;
    // d stands for d B^missing, and so e for e B^missing.
    let missing = n - d.len();
    // The transform of x_h serves both products: the second one does not wrap.
    let x_h_factor = Factor::new(x_h, n, (d.len() + 2).max(2 * h + 4));
    let mut minus_e = x_h_factor.product(d);
    minus_e.sub_power(d.len() + h);
    let (positive, e) = minus_e.into_signed();
    let is_small = e.len() <= d.len() || (e.len() == d.len() + 1 && e[d.len()] < MOST);
    let expected = minus(power_of_two(64 * (d.len() + h)), times(of_x_h, residue(d)));
    let found = residue(&e);
    if !is_small || expected != if positive { found } else { minus(0, found) } {
        return None;
    }
    let mut x = Limbs::dirty(n + 1);
    x[..n - h].fill(0);
    x[n - h..].copy_from_slice(x_h);
    let mut expected = times(of_x_h, power_of_two(64 * (n - h)));
    // Only what e has above B^(n-h) reaches the result.
    let cut = (n - h).saturating_sub(missing);
    if e.len() > cut {
        let (low, e) = e.split_at(cut);
        let correction = x_h_factor.product(e).into_limbs();
        let correction = normalized(&correction);
        let below = (2 * h - missing - cut).min(correction.len());
        let (lost, correction) = correction.split_at(below);
        let moved = without_low(times(of_x_h, without_low(found, low)), lost);
        expected = if positive { plus(expected, moved) } else { minus(expected, moved) };
        let _ = if positive { add_in_place(&mut x, correction) } else { sub_in_place(&mut x, correction) };
    }
    #[cfg(test)]
    crate::bigint::fault::limbs(&mut x);
    (residue(&x) == expected).then_some((x, expected))
}

/// [`inverse`] by a schoolbook division; `d` has at most `n` limbs.
pub(super) fn inverse_schoolbook(d: &[u64], n: usize) -> (Limbs, u64) {
    let mut padded = Limbs::zeroed(n);
    padded[n - d.len()..].copy_from_slice(d);
    proven("an inverse", || {
        let mut numerator = Limbs::dirty(2 * n);
        numerator.fill(u64::MAX);
        let mut x = Limbs::zeroed(n + 1);
        schoolbook::div_rem_in_place(&mut x, &mut numerator, &padded);
        let rest = &numerator[..n];
        #[cfg(test)]
        crate::bigint::fault::limbs(&mut x);
        let of_x = residue(&x);
        let product = times(of_x, residue(&padded));
        let is_right = plus(plus(product, residue(rest)), 1) == power_of_two(128 * n);
        (is_right && cmp(rest, &padded) == Ordering::Less).then_some((x, of_x))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{patterns, random, to_big};
    use num_bigint::{BigInt, BigUint};

    fn check(d: &[u64], n: usize) {
        let x = BigInt::from(to_big(&inverse(d, n).0));
        let exact = (BigUint::from(1u8) << (64 * (n + d.len()))) / to_big(d);
        let difference = x - BigInt::from(exact);
        assert!(difference.magnitude() <= &BigUint::from(8u8), "{} limbs for {n}: {difference}", d.len());
    }

    #[test]
    fn inverses_around_every_length_class() {
        for n in (1..=70).chain([95, 127, 128, 129, 200, 333]) {
            for len in [1, n / 2, n - 1, n, n + 1, 2 * n] {
                for mut d in patterns(len.max(1)) {
                    *d.last_mut().unwrap() |= 1 << 63;
                    check(&d, n);
                }
            }
            for seed in 1..10 {
                let mut d = random(n, seed);
                d[n - 1] |= 1 << 63;
                check(&d, n);
            }
        }
    }
}
