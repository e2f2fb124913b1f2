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
use super::mul::{Wrapped, product};
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
/// `n` limbs; `x_h` has one limb more than it has right.
#[must_use]
pub(crate) fn refine(x_h: &[u64], d: &[u64], n: usize) -> Limbs {
    let h = x_h.len() - 1;
    let mut minus_e = times_square(d, x_h, h + d.len() + 2);
    minus_e.sub_power(2 * h + d.len());
    let (positive, e) = minus_e.into_signed();
    let mut x = Limbs::dirty(n + 1);
    x[..n - h].fill(0);
    x[n - h..].copy_from_slice(x_h);
    // Below this, e does not reach the result.
    let cut = (2 * h + d.len() - n).saturating_sub(1);
    if e.len() > cut {
        let mut correction = product(x_h, &e[cut..]);
        let below = (3 * h + d.len() - n - cut).min(correction.len());
        let correction = &mut correction[below..];
        shr_in_place(correction, 1);
        let _ = if positive { add_in_place(&mut x, correction) } else { sub_in_place(&mut x, correction) };
    }
    x
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
    use crate::bigint::testing::{patterns, random, to_big};
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
