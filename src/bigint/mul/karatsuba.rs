//! Karatsuba's multiplication, the subtractive form.
//!
//! ```text
//! a = a1 X + a0,  b = b1 X + b0,  X = 2^(64 h)
//! a b = z2 X^2 + (z0 + z2 - (a0 - a1)(b0 - b1)) X + z0,  z0 = a0 b0, z2 = a1 b1
//! ```
//!
//! Three products of half the length. The differences need only a sign, not
//! an extra limb. Source: Brent and Zimmermann, MCA, algorithm 1.4.

use super::{in_vectors, schoolbook};
use crate::bigint::limbs::{
    add_in_place, add_limb_in_place, add_same_len_in_place, cmp, sub_in_place, sub_same_len_in_place,
};
use crate::bigint::thresholds::thresholds;
use std::cmp::Ordering;

/// The least length that has two halves; a single limb would call itself for ever.
pub(in crate::bigint) const MIN_LEN: usize = 2;

/// Limbs of scratch that [`mul_same_len`] and [`square`] need for length `n`.
pub(super) fn scratch_len(n: usize) -> usize {
    // A level keeps one product of 2 ceil(n/2) limbs; below it the same for
    // ceil(n/2). Each level rounds up by at most one limb twice.
    2 * n + 4 * (usize::BITS - n.leading_zeros()) as usize
}

/// `out = a b` for operands of one length; `scratch` may hold anything.
pub(super) fn mul_same_len(out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut [u64]) {
    let n = a.len();
    assert!(b.len() == n && out.len() == 2 * n);
    if in_vectors::mul_if_it_pays(out, a, b) {
        return;
    }
    if n < thresholds().karatsuba {
        return schoolbook::mul(out, a, b);
    }
    let h = n.div_ceil(2);
    let ((a0, a1), (b0, b1)) = (a.split_at(h), b.split_at(h));
    let (middle, scratch) = scratch.split_at_mut(2 * h);
    // The differences are kept where the result will be.
    let (difference_a, difference_b) = out[..2 * h].split_at_mut(h);
    let sign_a = abs_difference(difference_a, a0, a1);
    let sign_b = abs_difference(difference_b, b0, b1);
    mul_same_len(middle, difference_a, difference_b, scratch);
    let (low, high) = out.split_at_mut(2 * h);
    mul_same_len(low, a0, b0, scratch);
    mul_same_len(high, a1, b1, scratch);
    combine(out, middle, sign_a == sign_b, scratch);
}

/// `out = a^2`; `scratch` may hold anything.
pub(super) fn square(out: &mut [u64], a: &[u64], scratch: &mut [u64]) {
    let n = a.len();
    assert_eq!(out.len(), 2 * n);
    if n < thresholds().karatsuba_square {
        return schoolbook::square(out, a);
    }
    let h = n.div_ceil(2);
    let (a0, a1) = a.split_at(h);
    let (middle, scratch) = scratch.split_at_mut(2 * h);
    let (low, high) = out.split_at_mut(2 * h);
    abs_difference(&mut low[..h], a0, a1);
    square(middle, &low[..h], scratch);
    square(low, a0, scratch);
    square(high, a1, scratch);
    combine(out, middle, true, scratch);
}

/// `out = |x - y|` where `y` may be one limb shorter; returns whether `x >= y`.
fn abs_difference(out: &mut [u64], x: &[u64], y: &[u64]) -> bool {
    let not_less = cmp(x, y) != Ordering::Less;
    let (minuend, subtrahend) = if not_less { (x, y) } else { (y, x) };
    out[..minuend.len()].copy_from_slice(minuend);
    out[minuend.len()..].fill(0);
    let used = subtrahend.len().min(out.len());
    let _ = sub_in_place(out, &subtrahend[..used]);
    not_less
}

/// `out = z2 X^2 + z0` becomes `z2 X^2 + (z0 + z2 -+ middle) X + z0`; a
/// positive middle product is subtracted.
fn combine(out: &mut [u64], middle: &mut [u64], positive: bool, scratch: &mut [u64]) {
    let double_h = middle.len();
    let h = double_h / 2;
    // sum = z0 + z2 -+ middle, with its carry: it never is negative.
    let sum = &mut scratch[..double_h];
    sum.copy_from_slice(&out[..double_h]);
    let mut top = u64::from(add_in_place(sum, &out[double_h..]));
    if positive {
        top = top.wrapping_sub(u64::from(sub_same_len_in_place(sum, middle)));
    } else {
        top += u64::from(add_same_len_in_place(sum, middle));
    }
    let out_len = out.len();
    let used = double_h.min(out_len - h);
    let carry = add_in_place(&mut out[h..], &sum[..used]);
    debug_assert!(!carry);
    if out_len > h + double_h {
        let _ = add_limb_in_place(&mut out[h + double_h..], top);
    }
}
