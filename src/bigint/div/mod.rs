//! Division: the choice of the algorithm.
//!
//! | operands | algorithm |
//! |---|---|
//! | divisor or quotient below [`NEWTON_THRESHOLD`] limbs | [`schoolbook`] |
//! | otherwise | the inverse of the divisor by [`newton`], a product, a wrap-around product |
//!
//! A quotient that is known to be [`exact`] is found from the other end.

mod exact;
mod newton;
mod schoolbook;

pub(crate) use exact::div_exact;
pub(crate) use newton::inverse;

use super::limbs::{add_in_place, add_limb_in_place, cmp, normalized, shl, shr_in_place, sub_in_place, sub_limb_in_place};
use super::mul::{Wrapped, product};
use std::cmp::Ordering;

/// From this length of divisor and quotient on, Newton's method.
///
/// `cargo bench --bench bigint -- div/crossover` prints the table.
const NEWTON_THRESHOLD: usize = 100;

/// Quotient and remainder of `a / d`, not normalized; `d` is normalized and not zero.
///
/// Cost: for `2n` by `n` limbs about 4.5 products of `n` by `n`.
///
/// # Panics
/// If `d` is zero.
#[must_use]
pub fn div_rem(a: &[u64], d: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let (a, d) = (normalized(a), normalized(d));
    assert!(!d.is_empty(), "division by zero");
    if a.len() < d.len() {
        return (Vec::new(), a.to_vec());
    }
    let bits = d[d.len() - 1].leading_zeros();
    let mut divisor = vec![0; d.len()];
    let _ = shl(&mut divisor, d, bits);
    let mut rest = vec![0; a.len() + 1];
    rest[a.len()] = shl(&mut rest[..a.len()], a, bits);
    let mut q = vec![0; rest.len() - d.len() + 1];
    if d.len() < NEWTON_THRESHOLD || q.len() < NEWTON_THRESHOLD {
        schoolbook::div_rem_in_place(&mut q, &mut rest, &divisor);
    } else {
        div_rem_newton(&mut q, &mut rest, &divisor);
    }
    rest.truncate(d.len());
    shr_in_place(&mut rest, bits);
    (q, rest)
}

/// Blocks of the quotient as long as the inverse, from the top; the rest is
/// left in the low limbs of `a`.
fn div_rem_newton(q: &mut [u64], a: &mut [u64], d: &[u64]) {
    let n = d.len();
    let q_len = q.len();
    let block = n.min(q_len);
    let x = inverse(d, block);
    // The part of `a` above `done` is smaller than d.
    q.fill(0);
    let mut done = q_len - 1;
    if cmp(&a[done..], d) != Ordering::Less {
        let _ = sub_in_place(&mut a[done..], d);
        q[done] = 1;
    }
    while done > 0 {
        let len = block.min(done);
        let low = done - len;
        div_block(&mut q[low..done], &mut a[low..done + n], d, &x);
        done = low;
    }
}

/// `q.len()` limbs of the quotient of `a`, whose upper part is less than `d`;
/// `x` is the inverse of the top of `d`, at least as long.
fn div_block(q: &mut [u64], a: &mut [u64], d: &[u64], x: &[u64]) {
    let (n, len) = (d.len(), q.len());
    // An inverse of `len` limbs and the top `len + 1` limbs of a are enough
    // for an error of a few units.
    let x = &x[x.len() - 1 - len..];
    let top = &a[n - 1..];
    let estimate = product(top, x);
    q.copy_from_slice(&estimate[len + 1..=2 * len]);
    if estimate[2 * len + 1..].iter().any(|&limb| limb != 0) {
        q.fill(u64::MAX);
    }
    // a - q d is small: n limbs and a bit. Modulo B^m + 1 that is enough.
    let m = n + 1;
    let mut rest = Wrapped::product(q, d, m);
    rest.sub_number(a);
    let (positive, magnitude) = rest.into_signed();
    a.fill(0);
    a[..magnitude.len().min(n + len)].copy_from_slice(&magnitude);
    if positive {
        while cmp(a, d) != Ordering::Less {
            let _ = sub_in_place(a, d);
            let _ = add_limb_in_place(q, 1);
        }
    } else {
        let mut negative = magnitude.iter().any(|&x| x != 0);
        let _ = negative && super::limbs::negate_in_place(a);
        while negative {
            negative = !add_in_place(a, d);
            let _ = sub_limb_in_place(q, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{numbers, patterns, to_big};
    use proptest::prelude::*;

    fn check(a: &[u64], d: &[u64]) {
        let (q, r) = div_rem(a, d);
        let (big_a, big_d) = (to_big(a), to_big(d));
        assert_eq!(to_big(&q), &big_a / &big_d, "{} / {} limbs", a.len(), d.len());
        assert_eq!(to_big(&r), big_a % big_d, "{} mod {} limbs", a.len(), d.len());
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
        let t = NEWTON_THRESHOLD;
        for (q_len, n) in [(t - 1, t), (t, t), (t + 1, t), (t, t + 1), (3 * t, t), (t, 3 * t), (250, 150), (2 * t + 7, t)] {
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
