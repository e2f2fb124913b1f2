//! Division: the choice of the algorithm.
//!
//! | operands | algorithm |
//! |---|---|
//! | divisor or quotient below [`newton_from`] limbs | [`schoolbook`] |
//! | otherwise | the inverse of the divisor by [`newton`], a product, a wrap-around product |
//!
//! A quotient that is known to be [`exact`] is found from the other end.

#[cfg(feature = "internals")]
mod by_method;
mod exact;
pub(super) mod newton;
mod schoolbook;

#[cfg(feature = "internals")]
pub use by_method::{Method, div_rem_by, inverse_by};
pub(crate) use exact::{OddLimb, div_exact};
pub(crate) use newton::inverse;

use super::limbs::{
    add_in_place, add_limb_in_place, cmp, negate_in_place, normalized, shl, shl_in_place, shr_in_place,
    sub_in_place, sub_limb_in_place,
};
use super::mul::{Wrapped, product};
use super::proven::proven;
use super::residue::{minus, plus, power_of_two, residue, times};
use super::thresholds::newton_from;
use crate::memory::Limbs;
use std::cmp::Ordering;

/// Quotient and remainder of `a / d`, not normalized; `d` is normalized and not zero.
///
/// Cost: for `2n` by `n` limbs about 4.5 products of `n` by `n`.
///
/// # Panics
/// If `d` is zero.
#[must_use]
pub(crate) fn div_rem(a: &[u64], d: &[u64]) -> (Limbs, Limbs) {
    let (a, d) = (normalized(a), normalized(d));
    assert!(!d.is_empty(), "division by zero");
    if a.len() < d.len() {
        return (Limbs::new(), a.into());
    }
    // The quotient may have one limb more than the lengths tell.
    let q_len = a.len() - d.len() + 2;
    divide(a, d, d.len() >= newton_from() && q_len >= newton_from())
}

/// [`div_rem`] by the schoolbook or by Newton's inverse; `a` is not shorter than `d`.
fn divide(a: &[u64], d: &[u64], by_newton: bool) -> (Limbs, Limbs) {
    if by_newton {
        return proven("a quotient", || newton_quotient(a, d));
    }
    let (mut rest, divisor, bits) = aligned(a, d);
    let mut q = Limbs::zeroed(rest.len() - d.len() + 1);
    schoolbook::div_rem_in_place(&mut q, &mut rest, &divisor);
    rest.truncate(d.len());
    shr_in_place(&mut rest, bits);
    (q, rest)
}

/// Quotient and remainder by Newton's inverse, or `None` where they are found wrong.
fn newton_quotient(a: &[u64], d: &[u64]) -> Option<(Limbs, Limbs)> {
    let (mut rest, divisor, bits) = aligned(a, d);
    let mut q = Limbs::zeroed(rest.len() - d.len() + 1);
    let (x, _) = inverse(&divisor, d.len().min(q.len()));
    div_rem_newton(&mut q, &mut rest, &divisor, &x, true).ok()?;
    rest.truncate(d.len());
    shr_in_place(&mut rest, bits);
    is_division(a, d, &q, &rest).then_some((q, rest))
}

/// Checks `a = q d + rest` by residues, and that `rest` is below `d`.
fn is_division(a: &[u64], d: &[u64], q: &[u64], rest: &[u64]) -> bool {
    let sum = plus(times(residue(q), residue(d)), residue(rest));
    sum == residue(a) && cmp(rest, d) == Ordering::Less
}

/// The quotient of `a 2^(64 below) / d` to within 8 units, checked; `d` is not zero. A wrong quotient is
/// computed once more.
///
/// Cost: for `2n` by `n` limbs about 2.9 products of `n` by `n`: the inverse has half the length, and the
/// check half a product. A divisor with its top bit set is not copied.
///
/// # Panics
/// If it is wrong twice, which a sound machine never shows.
#[must_use]
pub(crate) fn approximate_quotient(a: &[u64], below: usize, d: &[u64]) -> Limbs {
    let d = normalized(d);
    proven("a quotient", || {
        #[cfg_attr(not(test), expect(unused_mut, reason = "tests damage it"))]
        let mut quotient = unproven_quotient(a, below, d);
        #[cfg(test)]
        super::fault::limbs(&mut quotient);
        is_quotient(&quotient, a, below, d).then_some(quotient)
    })
}

/// Checks that `|a 2^(64 below) - q d| < 16 d`.
///
/// The difference is computed modulo `2^(64 m) + 1`, `m` at least two limbs above those of `d`. A small
/// one is taken for the difference itself if it has the right residue modulo a prime of 61 bits too, which
/// does not depend on the product. Cost: half a product.
fn is_quotient(q: &[u64], a: &[u64], below: usize, d: &[u64]) -> bool {
    let n = d.len();
    let mut difference = Wrapped::product(d, q, n + 2);
    difference.sub_shifted(a, below);
    let (negative, magnitude) = difference.into_signed();
    let is_small = magnitude.len() <= n || (magnitude.len() == n + 1 && magnitude[n] < 16);
    let expected = minus(times(residue(d), residue(q)), times(residue(a), power_of_two(64 * below)));
    let found = residue(&magnitude);
    is_small && expected == if negative { minus(0, found) } else { found }
}

/// The quotient of [`approximate_quotient`]; or any number, where a product is wrong.
fn unproven_quotient(a: &[u64], below: usize, d: &[u64]) -> Limbs {
    let q_len = a.len() + below + 2 - d.len();
    let bits = d[d.len() - 1].leading_zeros();
    let mut rest = dividend(a, below, bits);
    if d.len() < newton_from() || q_len < newton_from() {
        shr_in_place(&mut rest, bits);
        return div_rem(&rest, d).0;
    }
    let mut shifted = Limbs::new();
    if bits > 0 {
        shifted = d.into();
        let _ = shl_in_place(&mut shifted, bits);
    }
    let divisor = if bits > 0 { &shifted } else { d };
    let mut q = Limbs::dirty(q_len);
    let (x, _) = inverse(divisor, q_len / 2 + 1);
    // A mismatch is noticed by the check, too.
    let _ = div_rem_newton(&mut q, &mut rest, divisor, &x, false);
    q
}

/// `a 2^(64 below + bits)`, with a limb to spare.
fn dividend(a: &[u64], below: usize, bits: u32) -> Limbs {
    let mut rest = Limbs::dirty(below + a.len() + 1);
    rest[..below].fill(0);
    rest[below + a.len()] = shl(&mut rest[below..below + a.len()], a, bits);
    rest
}

/// `a` and `d` shifted so that the top bit of `d` is set; `a` gets one limb more.
fn aligned(a: &[u64], d: &[u64]) -> (Limbs, Limbs, u32) {
    let bits = d[d.len() - 1].leading_zeros();
    let mut divisor = Limbs::dirty(d.len());
    let _ = shl(&mut divisor, d, bits);
    let mut rest = Limbs::dirty(a.len() + 1);
    rest[a.len()] = shl(&mut rest[..a.len()], a, bits);
    (rest, divisor, bits)
}

/// Blocks of the quotient as long as the inverse `x` of the top of `d`, from
/// the top; the rest is left in the low limbs of `a`, if it is wanted.
fn div_rem_newton(
    q: &mut [u64],
    a: &mut [u64],
    d: &[u64],
    x: &[u64],
    want_rest: bool,
) -> Result<(), Mismatch> {
    let n = d.len();
    let block = x.len() - 1;
    // The part of `a` above `done` is smaller than d.
    let mut done = q.len() - 1;
    q[done] = u64::from(cmp(&a[done..], d) != Ordering::Less);
    if q[done] == 1 {
        let _ = sub_in_place(&mut a[done..], d);
    }
    while done > 0 {
        let low = done.saturating_sub(block);
        let (q, a) = (&mut q[low..done], &mut a[low..done + n]);
        estimate_block(q, a, n, x);
        if want_rest || low > 0 {
            subtract_block(q, a, d)?;
        }
        done = low;
    }
    Ok(())
}

/// `q.len()` limbs of the quotient of `a`, whose part above them is less than
/// the divisor of `n` limbs; `x` is the inverse of its top, at least as long.
fn estimate_block(q: &mut [u64], a: &[u64], n: usize, x: &[u64]) {
    // As many limbs of the inverse, and one more of a, err by a few units.
    let len = q.len();
    let estimate = product(&a[n - 1..], &x[x.len() - 1 - len..]);
    q.copy_from_slice(&estimate[len + 1..=2 * len]);
    if estimate[2 * len + 1..].iter().any(|&limb| limb != 0) {
        q.fill(u64::MAX);
    }
}

/// Most units by which an estimate can differ from its quotient.
const MAX_CORRECTIONS: usize = 16;

/// An estimate that is further from its quotient than it can be.
struct Mismatch;

/// `a -= q d`, and `q` corrected until the rest is between 0 and `d`.
fn subtract_block(q: &mut [u64], a: &mut [u64], d: &[u64]) -> Result<(), Mismatch> {
    // The rest has as many limbs as d, and a bit: that is all to be computed.
    let mut minus_rest = Wrapped::product(q, d, d.len() + 1);
    minus_rest.sub_number(a);
    let (positive, magnitude) = minus_rest.into_signed();
    let magnitude = normalized(&magnitude);
    if magnitude.len() > a.len() {
        return Err(Mismatch);
    }
    a.fill(0);
    a[..magnitude.len()].copy_from_slice(magnitude);
    let mut negative = !positive && negate_in_place(a);
    for _ in 0..MAX_CORRECTIONS {
        if negative {
            negative = !add_in_place(a, d);
            let _ = sub_limb_in_place(q, 1);
        } else if cmp(a, d) != Ordering::Less {
            let _ = sub_in_place(a, d);
            let _ = add_limb_in_place(q, 1);
        } else {
            return Ok(());
        }
    }
    Err(Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{numbers, patterns, random, to_big};
    use num_bigint::BigInt;
    use proptest::prelude::*;

    /// Zeros to put below a dividend: none for long ones.
    fn n_below(a: &[u64]) -> usize {
        if a.len() < 200 { 120 } else { 0 }
    }

    fn check(a: &[u64], d: &[u64]) {
        let (q, r) = div_rem(a, d);
        let (big_a, big_d) = (to_big(a), to_big(d));
        assert_eq!(to_big(&q), &big_a / &big_d, "{} / {} limbs", a.len(), d.len());
        assert_eq!(to_big(&r), &big_a % &big_d, "{} mod {} limbs", a.len(), d.len());
        if a.len() > d.len() && *d.last().unwrap() > 0 {
            for below in [0, 1, n_below(a)] {
                let approximate = BigInt::from(to_big(&approximate_quotient(a, below, d)));
                let error = approximate - BigInt::from((&big_a << (64 * below)) / &big_d);
                assert!(error.magnitude() <= &8u8.into(), "{} / {} limbs: {error}", a.len(), d.len());
            }
        }
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

    proptest! {
        #[test]
        fn short_quotients(a in numbers(40), d in numbers(20)) {
            prop_assume!(!normalized(&d).is_empty());
            check(&a, &d);
        }

        #[test]
        fn quotients_that_nearly_fit(d in numbers(8), q in numbers(8), below: bool) {
            prop_assume!(!normalized(&d).is_empty());
            let mut a = product(&d, &q);
            if below { let _ = sub_limb_in_place(&mut a, 1); }
            check(&a, &d);
        }
    }

    #[test]
    fn lengths_around_the_threshold() {
        let t = newton_from();
        for (q_len, n) in
            [(t - 1, t), (t, t), (t + 1, t), (t, t + 1), (3 * t, t), (t, 3 * t), (250, 150), (2 * t + 7, t)]
        {
            for d in patterns(n) {
                for q in patterns(q_len) {
                    let mut a = product(&d, &q);
                    check(&a, &d);
                    let _ = sub_limb_in_place(&mut a, 1);
                    check(&a, &d);
                    let _ = add_in_place(&mut a, &d);
                    check(&a, &d);
                }
            }
        }
    }
}
