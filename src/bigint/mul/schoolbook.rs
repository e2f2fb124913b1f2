//! Multiplication as at school: every limb of one by every limb of the other.
//!
//! ```text
//! out = 0;  for each limb b_j:  out += a b_j 2^(64 j)
//! ```
//!
//! Four limbs of `b` go at once: less traffic to `out`, and carry chains that overlap. Squares
//! add the products above the diagonal once, double, and add the diagonal.
//! Source: Knuth, TAOCP 2, 4.3.1, algorithm M.

use crate::bigint::limbs::{add_mul_limb, mul_limb, shl_in_place};

/// `out = a b`; `out` has `a.len() + b.len()` limbs. Cost: `a.len() b.len()`.
pub(super) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) {
    assert_eq!(out.len(), a.len() + b.len());
    let Some((&first, rest)) = b.split_first() else {
        out.fill(0);
        return;
    };
    let n = a.len();
    out[n] = mul_limb(&mut out[..n], a, first);
    let mut at = 1;
    let (fours, rest) = rest.as_chunks::<4>();
    for b in fours {
        add_mul_four_limbs(&mut out[at..at + n + 4], a, *b);
        at += 4;
    }
    let (pairs, last) = rest.as_chunks::<2>();
    for &[b0, b1] in pairs {
        add_mul_two_limbs(&mut out[at..=at + n + 1], a, b0, b1);
        at += 2;
    }
    if let [b0] = *last {
        out[at + n] = add_mul_limb(&mut out[at..at + n], a, b0);
    }
}

/// `acc = acc mod 2^(64 n) + a b` for `n = a.len()`; `acc` has four limbs more
/// than `a`, which are written and not read.
#[inline]
fn add_mul_four_limbs(acc: &mut [u64], a: &[u64], b: [u64; 4]) {
    let n = a.len();
    assert_eq!(acc.len(), n + 4);
    // The part of the sum so far that belongs to the next four columns. The
    // chains of two neighbours overlap: that is why four go at once.
    let (mut w0, mut w1, mut w2, mut w3) = (0, 0, 0, 0);
    for (o, &x) in acc[..n].iter_mut().zip(a) {
        let mut carry;
        (*o, carry) = x.carrying_mul_add(b[0], *o, w0);
        (w0, carry) = x.carrying_mul_add(b[1], w1, carry);
        (w1, carry) = x.carrying_mul_add(b[2], w2, carry);
        (w2, w3) = x.carrying_mul_add(b[3], w3, carry);
    }
    acc[n..].copy_from_slice(&[w0, w1, w2, w3]);
}

/// `acc = acc mod 2^(64 n) + a (b0 + 2^64 b1)` for `n = a.len()`; `acc` has
/// two limbs more than `a`, which are written and not read.
#[inline]
fn add_mul_two_limbs(acc: &mut [u64], a: &[u64], b0: u64, b1: u64) {
    let n = a.len();
    assert_eq!(acc.len(), n + 2);
    // The sum of column i so far, one limb, and the carry to column i + 1.
    let (mut carry0, mut carry1, mut previous) = (0u64, 0u64, 0u64);
    for (o, &x) in acc[..n].iter_mut().zip(a) {
        let low;
        (low, carry0) = x.carrying_mul_add(b0, *o, carry0);
        (*o, carry1) = previous.carrying_mul_add(b1, low, carry1);
        previous = x;
    }
    (acc[n], acc[n + 1]) = previous.carrying_mul_add(b1, carry0, carry1);
}

/// `out = a^2`; `out` has `2 a.len()` limbs. Cost: about half of [`mul`].
pub(super) fn square(out: &mut [u64], a: &[u64]) {
    assert_eq!(out.len(), 2 * a.len());
    let n = a.len();
    if n < 4 {
        return mul(out, a, a);
    }
    out[0] = 0;
    out[n] = mul_limb(&mut out[1..n], &a[1..], a[0]);
    for i in 1..n - 1 {
        out[n + i] = add_mul_limb(&mut out[2 * i + 1..n + i], &a[i + 1..], a[i]);
    }
    out[2 * n - 1] = 0;
    let _ = shl_in_place(&mut out[1..], 1);
    let mut carry = false;
    for (pair, &x) in out.as_chunks_mut::<2>().0.iter_mut().zip(a) {
        let (low, high) = x.carrying_mul(x, 0);
        (pair[0], carry) = pair[0].carrying_add(low, carry);
        (pair[1], carry) = pair[1].carrying_add(high, carry);
    }
}
