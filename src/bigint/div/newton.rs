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
use crate::bigint::limbs::{add_in_place, normalized, sub_in_place};
use crate::bigint::mul::Factor;
use crate::bigint::thresholds::INVERSE;
use crate::memory::Limbs;

/// The least length of an inverse: a half of it and a guard limb must be shorter.
pub(in crate::bigint) const MIN_INVERSE: usize = 3;

/// The least length of divisor and quotient of a division by an inverse.
pub(in crate::bigint) const MIN_DIVISION: usize = 1;

/// About `2^(128 n) / d` for `d` of `n` limbs with its top bit set: `n + 1`
/// limbs.
///
/// A longer `d` is cut to its top `n` limbs, a shorter one stands for itself
/// followed by zeros.
///
/// Error: a step squares the relative error of at most 8 / B^h, which leaves
/// less than B^-1 units as 2h > n; it adds one unit for the cut of `e` and
/// one for that of the correction. So the inverse of the cut `d` is right to
/// 2 units, and that of the whole `d` to 8.
#[must_use]
pub(crate) fn inverse(d: &[u64], n: usize) -> Limbs {
    let d = &d[d.len().saturating_sub(n)..];
    if n < INVERSE { inverse_schoolbook(d, n) } else { inverse_by_step(d, n) }
}

/// [`inverse`] from one of half the length; `d` has at most `n` limbs.
pub(super) fn inverse_by_step(d: &[u64], n: usize) -> Limbs {
    let h = n / 2 + 1;
    let x_h = inverse(d, h);
    // d stands for d B^missing, and so e for e B^missing.
    let missing = n - d.len();
    // The transform of x_h serves both products: the second one does not wrap.
    let x_h_factor = Factor::new(&x_h, n, (d.len() + 2).max(2 * h + 4));
    let mut minus_e = x_h_factor.product(d);
    minus_e.sub_power(d.len() + h);
    let (positive, e) = minus_e.into_signed();
    let mut x = Limbs::dirty(n + 1);
    x[..n - h].fill(0);
    x[n - h..].copy_from_slice(&x_h);
    // Only what e has above B^(n-h) reaches the result.
    let cut = (n - h).saturating_sub(missing);
    if e.len() > cut {
        let correction = x_h_factor.product(&e[cut..]).into_limbs();
        let correction = normalized(&correction);
        let below = (2 * h - missing - cut).min(correction.len());
        let _ = if positive {
            add_in_place(&mut x, &correction[below..])
        } else {
            sub_in_place(&mut x, &correction[below..])
        };
    }
    x
}

/// [`inverse`] by a schoolbook division; `d` has at most `n` limbs.
pub(super) fn inverse_schoolbook(d: &[u64], n: usize) -> Limbs {
    let mut padded = Limbs::zeroed(n);
    padded[n - d.len()..].copy_from_slice(d);
    let mut numerator = Limbs::dirty(2 * n);
    numerator.fill(u64::MAX);
    let mut x = Limbs::zeroed(n + 1);
    schoolbook::div_rem_in_place(&mut x, &mut numerator, &padded);
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{patterns, random, to_big};
    use num_bigint::{BigInt, BigUint};

    fn check(d: &[u64], n: usize) {
        let x = BigInt::from(to_big(&inverse(d, n)));
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
