//! Division as at school, a limb of the quotient at a time.
//!
//! Each quotient limb comes from the top three limbs of the rest and the top
//! two of the divisor, multiplied by a reciprocal of the latter instead of
//! divided; it is then at most one too large.
//! Sources: Knuth, TAOCP 2, 4.3.1, algorithm D; Möller and Granlund,
//! "Improved division by invariant integers" (2011), algorithms 4 to 6.

use crate::bigint::limbs::{add_same_len_in_place, cmp, sub_mul_limb, sub_same_len_in_place};
use std::cmp::Ordering;

/// A divisor of one limb, its top bit set, with `floor((2^128 - 1) / d) - 2^64`.
#[derive(Clone, Copy)]
pub(super) struct Reciprocal {
    d: u64,
    v: u64,
}

impl Reciprocal {
    pub(super) fn new(d: u64) -> Self {
        debug_assert!(d >> 63 == 1);
        let v = (u128::from(!d) << 64 | u128::from(u64::MAX)) / u128::from(d);
        Self { d, v: v as u64 }
    }

    /// `(high 2^64 + low) / d`, with `high < d`: quotient and remainder.
    #[inline]
    pub(super) fn div(self, high: u64, low: u64) -> (u64, u64) {
        debug_assert!(high < self.d);
        let q = u128::from(self.v) * u128::from(high) + (u128::from(high) << 64 | u128::from(low));
        let mut quotient = ((q >> 64) as u64).wrapping_add(1);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.d));
        if rest > q as u64 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.d);
        }
        if rest >= self.d {
            quotient = quotient.wrapping_add(1);
            rest -= self.d;
        }
        (quotient, rest)
    }
}

/// The same for the two top limbs of a divisor.
struct Reciprocal2 {
    d: u128,
    v: u64,
}

impl Reciprocal2 {
    fn new(d1: u64, d0: u64) -> Self {
        let mut v = Reciprocal::new(d1).v;
        let mut p = d1.wrapping_mul(v).wrapping_add(d0);
        if p < d0 {
            v -= 1;
            if p >= d1 {
                v -= 1;
                p = p.wrapping_sub(d1);
            }
            p = p.wrapping_sub(d1);
        }
        let (t0, t1) = d0.carrying_mul(v, 0);
        let overflow;
        (p, overflow) = p.overflowing_add(t1);
        if overflow {
            v -= 1;
            if u128::from(p) << 64 | u128::from(t0) >= u128::from(d1) << 64 | u128::from(d0) {
                v -= 1;
            }
        }
        Self { d: u128::from(d1) << 64 | u128::from(d0), v }
    }

    /// The quotient of three limbs, `high < d`.
    #[inline]
    fn quotient(&self, high: u128, low: u64) -> u64 {
        let (u2, u1) = ((high >> 64) as u64, high as u64);
        let q = u128::from(self.v) * u128::from(u2) + high;
        let q1 = (q >> 64) as u64;
        let d1 = (self.d >> 64) as u64;
        let top = u1.wrapping_sub(q1.wrapping_mul(d1));
        let mut rest = (u128::from(top) << 64 | u128::from(low))
            .wrapping_sub(u128::from(self.d as u64) * u128::from(q1))
            .wrapping_sub(self.d);
        let mut quotient = q1.wrapping_add(1);
        if (rest >> 64) as u64 >= q as u64 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.d);
        }
        if rest >= self.d {
            quotient = quotient.wrapping_add(1);
        }
        quotient
    }
}

/// Divides `a` by `d` in place: the remainder is left in the low `d.len()`
/// limbs of `a`, the quotient, `a.len() - d.len() + 1` limbs, goes to `q`.
///
/// The top bit of `d` is set. Cost: `d.len()` times the length of `q`.
pub(super) fn div_rem_in_place(q: &mut [u64], a: &mut [u64], d: &[u64]) {
    let (n, m) = (d.len(), a.len() - d.len());
    assert!(d[n - 1] >> 63 == 1 && q.len() == m + 1);
    // The first limb of the quotient is 0 or 1.
    q[m] = u64::from(cmp(&a[m..], d) != Ordering::Less);
    if q[m] == 1 {
        let _ = sub_same_len_in_place(&mut a[m..], d);
    }
    if n == 1 {
        let reciprocal = Reciprocal::new(d[0]);
        for i in (0..m).rev() {
            (q[i], a[i]) = reciprocal.div(a[i + 1], a[i]);
            a[i + 1] = 0;
        }
        return;
    }
    let reciprocal = Reciprocal2::new(d[n - 1], d[n - 2]);
    for i in (0..m).rev() {
        let rest = &mut a[i..=i + n];
        q[i] = quotient_limb(rest, d, &reciprocal);
    }
}

/// One limb of the quotient; `rest`, one limb longer than `d`, is reduced.
#[inline]
fn quotient_limb(rest: &mut [u64], d: &[u64], reciprocal: &Reciprocal2) -> u64 {
    let n = d.len();
    let high = u128::from(rest[n]) << 64 | u128::from(rest[n - 1]);
    let mut q = if high >= reciprocal.d { u64::MAX } else { reciprocal.quotient(high, rest[n - 2]) };
    let borrow = sub_mul_limb(&mut rest[..n], d, q);
    let (top, underflow) = rest[n].overflowing_sub(borrow);
    rest[n] = top;
    if underflow {
        q -= 1;
        let carry = add_same_len_in_place(&mut rest[..n], d);
        rest[n] = rest[n].wrapping_add(u64::from(carry));
    }
    q
}
