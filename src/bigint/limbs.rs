//! Words of a number: the loops under everything else.
//!
//! A number is a slice of 64-bit limbs, least significant first. A slice is
//! *normalized* when its last limb is not zero; zero is the empty slice. The
//! functions here take slices normalized or not. They return the part that does
//! not fit (a carry, a borrow, a high limb), which the caller must not drop.
//!
//! The loops take four limbs at a time: with a constant number of steps the
//! compiler keeps the carry in the processor's flag from limb to limb.

use std::cmp::Ordering;

/// Limbs that one unrolled step handles.
const UNROLL: usize = 4;

/// `a += b` for slices of one length; returns the carry out.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[inline]
pub(crate) fn add_same_len_in_place(a: &mut [u64], b: &[u64]) -> bool {
    assert_eq!(a.len(), b.len());
    let mut carry = false;
    let (a_blocks, a_rest) = a.as_chunks_mut::<UNROLL>();
    let (b_blocks, b_rest) = b.as_chunks::<UNROLL>();
    for (x, y) in a_blocks.iter_mut().zip(b_blocks) {
        for i in 0..UNROLL {
            (x[i], carry) = x[i].carrying_add(y[i], carry);
        }
    }
    for (x, &y) in a_rest.iter_mut().zip(b_rest) {
        (*x, carry) = x.carrying_add(y, carry);
    }
    carry
}

/// `a -= b` for slices of one length; returns the borrow out.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[inline]
pub(crate) fn sub_same_len_in_place(a: &mut [u64], b: &[u64]) -> bool {
    assert_eq!(a.len(), b.len());
    let mut borrow = false;
    let (a_blocks, a_rest) = a.as_chunks_mut::<UNROLL>();
    let (b_blocks, b_rest) = b.as_chunks::<UNROLL>();
    for (x, y) in a_blocks.iter_mut().zip(b_blocks) {
        for i in 0..UNROLL {
            (x[i], borrow) = x[i].borrowing_sub(y[i], borrow);
        }
    }
    for (x, &y) in a_rest.iter_mut().zip(b_rest) {
        (*x, borrow) = x.borrowing_sub(y, borrow);
    }
    borrow
}

/// `a += limb`; returns the carry out.
#[must_use]
#[inline]
pub(crate) fn add_limb_in_place(a: &mut [u64], limb: u64) -> bool {
    let mut carry = limb;
    for x in a {
        let overflow;
        (*x, overflow) = x.overflowing_add(carry);
        if !overflow {
            return false;
        }
        carry = 1;
    }
    carry != 0
}

/// `a -= limb`; returns the borrow out.
#[must_use]
#[inline]
pub(crate) fn sub_limb_in_place(a: &mut [u64], limb: u64) -> bool {
    let mut borrow = limb;
    for x in a {
        let underflow;
        (*x, underflow) = x.overflowing_sub(borrow);
        if !underflow {
            return false;
        }
        borrow = 1;
    }
    borrow != 0
}

/// `a += b` where `b` is no longer than `a`; returns the carry out.
#[must_use]
#[inline]
pub(crate) fn add_in_place(a: &mut [u64], b: &[u64]) -> bool {
    let (low, high) = a.split_at_mut(b.len());
    let carry = add_same_len_in_place(low, b);
    carry && add_limb_in_place(high, 1)
}

/// `a -= b` where `b` is no longer than `a`; returns the borrow out.
#[must_use]
#[inline]
pub(crate) fn sub_in_place(a: &mut [u64], b: &[u64]) -> bool {
    let (low, high) = a.split_at_mut(b.len());
    let borrow = sub_same_len_in_place(low, b);
    borrow && sub_limb_in_place(high, 1)
}

/// `a = b - a` for slices of one length; returns the borrow out.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub(crate) fn sub_from_in_place(a: &mut [u64], b: &[u64]) -> bool {
    assert_eq!(a.len(), b.len());
    let mut borrow = false;
    for (x, &y) in a.iter_mut().zip(b) {
        (*x, borrow) = y.borrowing_sub(*x, borrow);
    }
    borrow
}

/// `a = -a` modulo `2^(64 a.len())`; returns whether `a` was not zero.
pub(crate) fn negate_in_place(a: &mut [u64]) -> bool {
    let mut borrow = false;
    for x in a {
        (*x, borrow) = 0u64.borrowing_sub(*x, borrow);
    }
    borrow
}

/// `out = a m`, as long as `a`; returns the limb above.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[inline]
pub(crate) fn mul_limb(out: &mut [u64], a: &[u64], m: u64) -> u64 {
    assert_eq!(out.len(), a.len());
    let mut carry = 0;
    let (out_blocks, out_rest) = out.as_chunks_mut::<UNROLL>();
    let (a_blocks, a_rest) = a.as_chunks::<UNROLL>();
    for (o, x) in out_blocks.iter_mut().zip(a_blocks) {
        for i in 0..UNROLL {
            (o[i], carry) = x[i].carrying_mul(m, carry);
        }
    }
    for (o, &x) in out_rest.iter_mut().zip(a_rest) {
        (*o, carry) = x.carrying_mul(m, carry);
    }
    carry
}

/// `a = a m + carry`; returns the limb above.
#[must_use]
#[inline]
pub(crate) fn mul_limb_in_place(a: &mut [u64], m: u64, mut carry: u64) -> u64 {
    let (blocks, rest) = a.as_chunks_mut::<UNROLL>();
    for x in blocks {
        for limb in x.iter_mut() {
            (*limb, carry) = limb.carrying_mul(m, carry);
        }
    }
    for limb in rest {
        (*limb, carry) = limb.carrying_mul(m, carry);
    }
    carry
}

/// `a = a m`, and again; returns the limb that leaves `a` at the top the first time and the second.
///
/// Both carries run side by side, so that it takes little longer than once.
#[must_use]
pub(crate) fn mul_limb_twice_in_place(a: &mut [u64], m: u64) -> [u64; 2] {
    let (mut first, mut second) = (0, 0);
    let mut step = |x: &mut u64| {
        (*x, first) = x.carrying_mul(m, first);
        (*x, second) = x.carrying_mul(m, second);
    };
    let (blocks, rest) = a.as_chunks_mut::<UNROLL>();
    blocks.iter_mut().for_each(|block| block.iter_mut().for_each(&mut step));
    rest.iter_mut().for_each(step);
    [first, second]
}

/// `a = a m`, where `a` is as long as the product: the upper two limbs are overwritten.
#[inline(always)]
pub(crate) fn mul_two_limbs_in_place(a: &mut [u64], m: u128) {
    let (m0, m1) = (m as u64, (m >> 64) as u64);
    let (a, top) = a.split_last_chunk_mut::<2>().expect("two limbs at least");
    // The products by m1 weigh a limb more.
    let (mut c0, mut c1, mut below) = (0, 0, 0u64);
    for x in a {
        let low;
        (low, c0) = x.carrying_mul(m0, c0);
        let product;
        (product, c1) = below.carrying_mul_add(m1, low, c1);
        below = std::mem::replace(x, product);
    }
    (top[0], top[1]) = below.carrying_mul_add(m1, c0, c1);
}

/// `acc += a m` for slices of one length; returns the limb above.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[inline]
pub(crate) fn add_mul_limb(acc: &mut [u64], a: &[u64], m: u64) -> u64 {
    assert_eq!(acc.len(), a.len());
    let mut carry = 0;
    let (acc_blocks, acc_rest) = acc.as_chunks_mut::<UNROLL>();
    let (a_blocks, a_rest) = a.as_chunks::<UNROLL>();
    for (o, x) in acc_blocks.iter_mut().zip(a_blocks) {
        for i in 0..UNROLL {
            (o[i], carry) = x[i].carrying_mul_add(m, o[i], carry);
        }
    }
    for (o, &x) in acc_rest.iter_mut().zip(a_rest) {
        (*o, carry) = x.carrying_mul_add(m, *o, carry);
    }
    carry
}

/// `acc -= a m` for slices of one length; returns the limb above that is
/// still to be taken away.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[inline]
pub(crate) fn sub_mul_limb(acc: &mut [u64], a: &[u64], m: u64) -> u64 {
    assert_eq!(acc.len(), a.len());
    let mut carry = 0u64;
    let (acc_blocks, acc_rest) = acc.as_chunks_mut::<UNROLL>();
    let (a_blocks, a_rest) = a.as_chunks::<UNROLL>();
    for (o, x) in acc_blocks.iter_mut().zip(a_blocks) {
        for i in 0..UNROLL {
            carry = sub_mul_step(&mut o[i], x[i], m, carry);
        }
    }
    for (o, &x) in acc_rest.iter_mut().zip(a_rest) {
        carry = sub_mul_step(o, x, m, carry);
    }
    carry
}

/// `o -= x m + carry`; returns the borrow from the limb above.
#[inline(always)]
fn sub_mul_step(o: &mut u64, x: u64, m: u64, carry: u64) -> u64 {
    let (low, high) = x.carrying_mul(m, carry);
    let borrow;
    (*o, borrow) = o.overflowing_sub(low);
    high + u64::from(borrow)
}

/// `a /= d`, `d > 0`; returns the remainder.
pub(crate) fn div_limb_in_place(a: &mut [u64], d: u64) -> u64 {
    let mut remainder = 0u64;
    for x in a.iter_mut().rev() {
        let value = (u128::from(remainder) << 64) | u128::from(*x);
        *x = (value / u128::from(d)) as u64;
        remainder = (value % u128::from(d)) as u64;
    }
    remainder
}

/// `a mod d`, `d > 0`.
#[must_use]
pub(crate) fn rem_limb(a: &[u64], d: u64) -> u64 {
    let step = |r: u64, &x: &u64| ((u128::from(r) << 64 | u128::from(x)) % u128::from(d)) as u64;
    a.iter().rev().fold(0, step)
}

/// `out = a 2^bits` for `bits < 64`, as long as `a`; returns the bits shifted out.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub(crate) fn shl(out: &mut [u64], a: &[u64], bits: u32) -> u64 {
    assert_eq!(out.len(), a.len());
    if bits == 0 {
        out.copy_from_slice(a);
        return 0;
    }
    let mut below = 0;
    for (o, &x) in out.iter_mut().zip(a) {
        *o = x << bits | below;
        below = x >> (64 - bits);
    }
    below
}

/// `a = a 2^bits` for `bits < 64`; returns the bits shifted out.
#[must_use]
pub(crate) fn shl_in_place(a: &mut [u64], bits: u32) -> u64 {
    if bits == 0 {
        return 0;
    }
    let mut below = 0;
    for x in a {
        let shifted = *x << bits | below;
        below = *x >> (64 - bits);
        *x = shifted;
    }
    below
}

/// `a = floor(a / 2^bits)` for `bits < 64`.
pub(crate) fn shr_in_place(a: &mut [u64], bits: u32) {
    if bits == 0 {
        return;
    }
    for i in 0..a.len() {
        let above = a.get(i + 1).copied().unwrap_or(0);
        a[i] = a[i] >> bits | above << (64 - bits);
    }
}

/// `a` without its leading zero limbs.
#[must_use]
#[inline]
pub(crate) fn normalized(a: &[u64]) -> &[u64] {
    &a[..normalized_len(a)]
}

/// How many limbs of `a` remain without the leading zeros.
#[must_use]
#[inline]
pub(crate) fn normalized_len(a: &[u64]) -> usize {
    a.iter().rposition(|&x| x != 0).map_or(0, |i| i + 1)
}

/// Compares two numbers, normalized or not.
#[must_use]
pub(crate) fn cmp(a: &[u64], b: &[u64]) -> Ordering {
    let (a, b) = (normalized(a), normalized(b));
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

#[cfg(test)]
mod tests;
