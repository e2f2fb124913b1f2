//! Multiplication: the choice of the algorithm, and nothing else.
//!
//! | length of the shorter operand | algorithm |
//! |---|---|
//! | where the processor has AVX2 or AVX-512 IFMA: both short, but not very | [`in_vectors`] |
//! | below Karatsuba's threshold | [`schoolbook`] |
//! | up to that of the convolution | [`karatsuba`], the longer operand in pieces |
//! | above | [`via_fft`] |
//!
//! The [thresholds](super::thresholds) depend on the processor's vectors.

#[cfg(feature = "internals")]
mod by_method;
mod in_vectors;
pub(super) mod karatsuba;
mod schoolbook;
pub(super) mod via_fft;
mod wraparound;

#[cfg(feature = "internals")]
pub use by_method::{Method, mul_by, square_by};
pub(crate) use wraparound::{Factor, Wrapped};

use super::limbs::{add_in_place, add_limb_in_place};
use super::thresholds::thresholds;
use crate::anatomy;
use crate::memory::Limbs;

/// Limbs of scratch that [`mul`] needs when the shorter operand has `n` limbs.
#[must_use]
pub fn scratch_len(n: usize) -> usize {
    let t = thresholds();
    if !(t.karatsuba..t.fft.max(t.fft_square)).contains(&n) {
        return 0;
    }
    // The last piece may be shorter than `n`, and be cut up in its turn, as
    // in Euclid's algorithm: lengths that add up to at most 2.62 n.
    6 * n + karatsuba::scratch_len(n)
}

/// `out = a b`. `out` has exactly `a.len() + b.len()` limbs; `scratch` has at
/// least [`scratch_len`] of the shorter length and may hold anything.
///
/// # Panics
/// If `out` or `scratch` have other lengths.
pub fn mul(out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut [u64]) {
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if in_vectors::mul_if_it_pays(out, a, b) {
        return;
    }
    if b.len() < thresholds().karatsuba {
        anatomy::short(a.len(), b.len(), || schoolbook::mul(out, a, b));
    } else if b.len() < thresholds().fft {
        anatomy::short(a.len(), b.len(), || mul_in_pieces(out, a, b, scratch));
    } else {
        via_fft::mul(out, a, b);
    }
}

/// `out = a^2`. `out` has exactly `2 a.len()` limbs; `scratch` as in [`mul`].
///
/// # Panics
/// If `out` or `scratch` have other lengths.
pub fn square(out: &mut [u64], a: &[u64], scratch: &mut [u64]) {
    if in_vectors::square_if_it_pays(out, a) {
        return;
    }
    if a.len() < thresholds().karatsuba_square {
        schoolbook::square(out, a);
    } else if a.len() < thresholds().fft_square {
        karatsuba::square(out, a, scratch);
    } else {
        via_fft::square(out, a);
    }
}

/// `out = a b` with scratch of its own.
///
/// # Panics
/// If `out` has not exactly `a.len() + b.len()` limbs.
pub fn product_into(out: &mut [u64], a: &[u64], b: &[u64]) {
    // Vectors take no scratch.
    if !in_vectors::mul_if_it_pays(out, a, b) {
        let scratch_len = scratch_len(a.len().min(b.len()));
        mul(out, a, b, &mut Limbs::dirty(scratch_len));
    }
    #[cfg(test)]
    super::fault::limbs(out);
}

/// `a b` as new memory of `a.len() + b.len()` limbs.
#[must_use]
pub fn product(a: &[u64], b: &[u64]) -> Limbs {
    let mut out = Limbs::dirty(a.len() + b.len());
    product_into(&mut out, a, b);
    out
}

/// [`product_into`] of numbers with their [residues](super::residue), which long products then need not
/// compute again.
pub(crate) fn known_product_into(out: &mut [u64], a: (&[u64], u64), b: (&[u64], u64)) {
    let shorter = a.0.len().min(b.0.len());
    if shorter < thresholds().fft || in_vectors::pays(a.0.len(), b.0.len()) {
        return product_into(out, a.0, b.0);
    }
    via_fft::mul_known(out, a, b);
    #[cfg(test)]
    super::fault::limbs(out);
}

/// [`product`] of numbers with their [residues](super::residue).
#[must_use]
pub(crate) fn known_product(a: (&[u64], u64), b: (&[u64], u64)) -> Limbs {
    let mut out = Limbs::dirty(a.0.len() + b.0.len());
    known_product_into(&mut out, a, b);
    out
}

/// `a^2` as new memory of `2 a.len()` limbs.
#[must_use]
pub fn squared(a: &[u64]) -> Limbs {
    let mut out = Limbs::dirty(2 * a.len());
    // Vectors take no scratch.
    if !in_vectors::square_if_it_pays(&mut out, a) {
        square(&mut out, a, &mut Limbs::dirty(scratch_len(a.len())));
    }
    #[cfg(test)]
    super::fault::limbs(&mut out);
    out
}

/// Cuts the longer operand into pieces as long as the shorter one.
fn mul_in_pieces(out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut [u64]) {
    let n = b.len();
    let (piece_product, scratch) = scratch.split_at_mut(2 * n);
    karatsuba::mul_same_len(&mut out[..2 * n], &a[..n], b, scratch);
    let mut done = n;
    for piece in a[n..].chunks(n) {
        let product = &mut piece_product[..piece.len() + n];
        if piece.len() == n {
            karatsuba::mul_same_len(product, piece, b, scratch);
        } else {
            mul(product, b, piece, scratch);
        }
        let end = done + piece.len() + n;
        out[done + n..end].copy_from_slice(&product[n..]);
        let (low, high) = out[done..end].split_at_mut(n);
        let carry = add_in_place(low, &product[..n]) && add_limb_in_place(high, 1);
        debug_assert!(!carry);
        done += piece.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{numbers, patterns, random, to_big};
    use proptest::prelude::*;

    fn check(a: &[u64], b: &[u64]) {
        let mut out = vec![0x5a5a; a.len() + b.len()];
        let mut dirty = random(scratch_len(a.len().min(b.len())), 7);
        mul(&mut out, a, b, &mut dirty);
        assert_eq!(to_big(&out), to_big(a) * to_big(b), "{} x {} limbs", a.len(), b.len());
    }

    fn check_square(a: &[u64]) {
        let mut out = vec![0x5a5a; 2 * a.len()];
        let mut dirty = random(scratch_len(a.len()), 7);
        square(&mut out, a, &mut dirty);
        assert_eq!(to_big(&out), to_big(a) * to_big(a), "{} limbs squared", a.len());
    }

    proptest! {
        #[test]
        fn any_lengths(a in numbers(150), b in numbers(60)) {
            check(&a, &b);
            check_square(&a);
        }
    }

    #[test]
    fn lengths_around_every_threshold() {
        let t = thresholds();
        let vectors = [t.vectors, t.vectors_square, 2 * t.balance, t.vectors_square_end];
        let others =
            [t.karatsuba, 2 * t.karatsuba, t.karatsuba_square, 2 * t.karatsuba_square, t.fft, 2 * t.fft];
        for at in [2, t.fft_square].into_iter().chain(others).chain(vectors) {
            if !(1..1000).contains(&at) {
                continue; // a method that there is not
            }
            for n in [at - 1, at, at + 1] {
                for a in patterns(n) {
                    check_square(&a);
                    for b in patterns(n) {
                        check(&a, &b);
                    }
                    check(&a, &random(n + 1, 1));
                    check(&a, &random(n / 2 + 1, 2));
                    check(&random(3 * n + n / 2 + 1, 3), &a);
                }
            }
        }
    }

    #[test]
    fn euclid_pieces_fit_their_scratch() {
        // Lengths in Fibonacci's ratios cut up the rest the most often.
        for (a, b) in [(144 + 89, 144), (89 + 55, 89), (377 + 233, 377), (200 + 67, 100)] {
            check(&random(a, 1), &random(b, 2));
        }
    }
}
