//! Square roots through the reciprocal square root, by Newton's method.
//!
//! ```text
//! x_h = B^h sqrt(B^h / top h limbs of d)          (recursively, h about n/2)
//! e   = B^(2h+n) - d x_h^2                        (its top is known: wrap-around product)
//! x   = x_h B^(n-h) + x_h e / (2 B^(2h))          (half-length product)
//! ```
//!
//! No division anywhere; a root is `d x`. Cost: for a `d` of one limb about
//! 1.3 products of `n` by `n` limbs. Source: Brent and Zimmermann, MCA, 3.5.2
//! and algorithm 3.9.

use super::limbs::{add_in_place, shr_in_place, sub_in_place};
use super::mul::{Wrapped, known_product, product};
use super::residue::{minus, plus, power_of_two, residue, times, without_low};
use crate::memory::Limbs;

/// About `2^(64 n) sqrt(2^(64 n) / d)` for `d` of `n` limbs and at least a
/// quarter of `2^(64 n)`: `n + 1` limbs.
///
/// A longer `d` is cut to its top `n` limbs, a shorter one stands for itself
/// followed by zeros.
///
/// Error: 2 units for the cut `d`. A step leaves 3/8 of the square of the
/// relative error, a unit of `e` that was cut off and one of the correction.
#[must_use]
pub(crate) fn inverse_sqrt(d: &[u64], n: usize) -> Limbs {
    let d = &d[d.len().saturating_sub(n)..];
    match n {
        1 => inverse_sqrt_limb(d[0]),
        // Two limbs have no half with a guard: refine twice.
        2 => refine(&refine(&inverse_sqrt(d, 1), d, 2), d, 2),
        _ => refine(&inverse_sqrt(d, n / 2 + 1), d, n),
    }
}

/// One step: from the inverse root `x_h` of the top limbs of `d` to that of
/// `n` limbs; `x_h` has one limb more than it has right. A step that fails its check is done again.
///
/// # Panics
/// If it fails twice, which a sound machine with a root in `x_h` never shows.
#[must_use]
pub(crate) fn refine(x_h: &[u64], d: &[u64], n: usize) -> Limbs {
    for _ in 0..2 {
        if let Some(x) = checked_step(x_h, d, n) {
            return x;
        }
    }
    panic!("a square root was wrong twice ({n} limbs): do not trust this machine");
}

/// `2^(64 (2h + d.len())) - d x^2` for an inverse root `x` of `h + 1` limbs: its distance from the root.
pub(crate) struct Rest {
    pub(crate) negative: bool,
    pub(crate) magnitude: Limbs,
    /// The residue of the magnitude.
    pub(crate) residue: u64,
}

/// The rest of an inverse root, if it is as small as that of a root and has the residue that follows from
/// `d` and `x`: so `x` is a root, and the products by which the rest is found are right.
pub(crate) fn rest(x: &[u64], d: &[u64]) -> Option<Rest> {
    /// Of `2^(64 (h + d.len()))`: the rest has less than three for each unit by which `x` errs.
    const MOST: u64 = 128;
    let h = x.len() - 1;
    let mut minus_rest = times_square(d, x, h + d.len() + 2);
    minus_rest.sub_power(2 * h + d.len());
    let (positive, magnitude) = minus_rest.into_signed();
    let most = h + d.len();
    let is_small = magnitude.len() <= most || (magnitude.len() == most + 1 && magnitude[most] < MOST);
    let root = residue(x);
    let expected = minus(power_of_two(64 * (2 * h + d.len())), times(residue(d), times(root, root)));
    let found = residue(&magnitude);
    let is_right = is_small && expected == if positive { found } else { minus(0, found) };
    is_right.then_some(Rest { negative: !positive, magnitude, residue: found })
}

/// A step, if its rest is right and the result has the residue that follows from `x_h` and the rest. Cost
/// of the checks: a few passes over the limbs.
fn checked_step(x_h: &[u64], d: &[u64], n: usize) -> Option<Limbs> {
    let h = x_h.len() - 1;
    let Rest { negative, magnitude: e, residue: whole } = rest(x_h, d)?;
    // Below this, e does not reach the result.
    let cut = (2 * h + d.len() - n).saturating_sub(1).min(e.len());
    let mut x = Limbs::dirty(n + 1);
    x[..n - h].fill(0);
    x[n - h..].copy_from_slice(x_h);
    let root = residue(x_h);
    let mut expected = times(root, power_of_two(64 * (n - h)));
    if e.len() > cut {
        let (low, e) = e.split_at(cut);
        let upper = without_low(whole, low);
        let mut correction = known_product((x_h, root), (e, upper));
        let below = (3 * h + d.len() - n - cut).min(correction.len());
        let (low, correction) = correction.split_at_mut(below);
        let lost = correction.first().map_or(0, |limb| limb & 1);
        let moved = without_low(times(root, upper), low);
        let moved = times(minus(moved, lost), power_of_two(60));
        shr_in_place(correction, 1);
        let _ = if negative { sub_in_place(&mut x, correction) } else { add_in_place(&mut x, correction) };
        expected = if negative { minus(expected, moved) } else { plus(expected, moved) };
    }
    #[cfg(test)]
    super::testing::faults::damage(&mut x);
    (residue(&x) == expected).then_some(x)
}

/// `d x^2` modulo `2^(64 m) + 1` with `m >= min_limbs`.
fn times_square(d: &[u64], x: &[u64], min_limbs: usize) -> Wrapped {
    if let [limb] = *d {
        let mut square = Wrapped::square(x, min_limbs);
        square.mul_limb(limb);
        return square;
    }
    Wrapped::product(&product(d, x), x, min_limbs)
}

/// `n = 1`: from the integer square root of 127 bits.
fn inverse_sqrt_limb(d: u64) -> Limbs {
    // 2^128 / d in (2^64, 2^66], then the root of that times 2^60.
    let y = u128::MAX / u128::from(d);
    let x = (y << 60).isqrt() << 2;
    Limbs::from([x as u64, (x >> 64) as u64])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{faults, patterns, random, to_big};
    use num_bigint::{BigInt, BigUint};

    fn check(d: &[u64], n: usize) {
        let x = BigInt::from(to_big(&inverse_sqrt(d, n)));
        let cut = &d[d.len().saturating_sub(n)..];
        // x^2 = B^(2n) B^len / d
        let exact = ((BigUint::from(1u8) << (64 * (2 * n + cut.len()))) / to_big(cut)).sqrt();
        let difference = x - BigInt::from(exact);
        let allowed = if n == 1 { 16u8 } else { 4 };
        assert!(difference.magnitude() <= &BigUint::from(allowed), "{} limbs for {n}: {difference}", d.len());
    }

    #[test]
    fn a_step_that_is_wrong_once_is_repaired() {
        let d = [10_005 << 50];
        for (n, bit) in [(2, 7), (20, 640), (333, 64 * 333), (333, 3), (1000, 30_000)] {
            let right = inverse_sqrt(&d, n);
            let from = right[right.len() - 2 - n / 2..].to_vec();
            let expected = refine(&from, &d, n);
            faults::plan(0, bit);
            assert_eq!(refine(&from, &d, n), expected, "bit {bit} of {n} limbs");
            assert!(faults::was_done());
        }
    }

    #[test]
    #[should_panic(expected = "wrong twice")]
    fn a_step_from_no_root_is_reported() {
        let mut x = inverse_sqrt(&[10_005 << 50], 100);
        x[50] ^= 1;
        let _ = refine(&x, &[10_005 << 50], 190);
    }

    #[test]
    fn inverse_roots_around_every_length_class() {
        for n in (1..=40).chain([63, 64, 65, 127, 128, 129, 250, 333]) {
            for len in [1, n / 2, n - 1, n, n + 1] {
                for mut d in patterns(len.max(1)) {
                    let top = d.last_mut().unwrap();
                    *top = *top >> 1 | 1 << 62;
                    check(&d, n);
                    *d.last_mut().unwrap() |= 1 << 63;
                    check(&d, n);
                }
            }
            for seed in 1..20 {
                let mut d = random(1, seed);
                d[0] |= 1 << 63;
                check(&d, n);
            }
        }
    }
}
