//! Butterflies of radix 2, 4 and 8 by twiddles `(cos, tan)`: the fewest operations, if a multiply-add is one.
//!
//! For `w = cos (1 + i tan)`, the forward butterfly takes six:
//! ```text
//! p = hi.re - tan hi.im      lo' = lo + cos (p + i q)
//! q = hi.im + tan hi.re      hi' = lo - cos (p + i q)
//! ```
//! The inverse postpones its factor `cos` to the end of the radix-4 or radix-8 block: six operations again,
//! and two multiplications per point.
//!
//! Radix 8 is three levels of the tree of `twiddle` in registers. `w1` is the twiddle of the node, `w2` of
//! its left child, `w4` and `w6` of its first and third grandchild; a right child's twiddle is `i` times
//! that of its left sibling, which is what `TURN` stands for:
//! ```text
//! level 1            level 2              level 3
//! 0-4  1-5  w1       0-2  1-3    w2       0-1    w4
//! 2-6  3-7  w1       4-6  5-7  i w2       2-3  i w4
//!                                         4-5    w6
//!                                         6-7  i w6
//! ```
//! The inverse runs from right to left. When it reaches level 1, point 1 lacks the factor `cos4` of level
//! 3 and point 5 the factor `cos6`. Both need one common factor to be added, so point 5 is multiplied by
//! `ratio = cos6 / cos4` within its multiply-adds; the same holds for points 3 and 7.
//!
//! Source: Linzer and Feig, "Implementation of efficient FFT algorithms on fused multiply-add architectures"
//! (1993).

use super::Twiddles;
use crate::cpu::{Complex, Lanes};

/// A butterfly with the twiddle `w = cos (1 + i tan)`, or `i w` if `TURN`.
#[inline(always)]
fn forward<F: Lanes, const TURN: bool>(x: &mut [Complex<F>], lo: usize, hi: usize, cos: F, tan: F) {
    let (a, b) = (x[lo], x[hi]);
    let p = b.im.neg_mul_add(tan, b.re);
    let q = b.re.mul_add(tan, b.im);
    if TURN {
        x[lo] = Complex { re: q.neg_mul_add(cos, a.re), im: p.mul_add(cos, a.im) };
        x[hi] = Complex { re: q.mul_add(cos, a.re), im: p.neg_mul_add(cos, a.im) };
    } else {
        x[lo] = Complex { re: p.mul_add(cos, a.re), im: q.mul_add(cos, a.im) };
        x[hi] = Complex { re: p.neg_mul_add(cos, a.re), im: q.neg_mul_add(cos, a.im) };
    }
}

/// The inverse of [`forward`], without the factor `cos` of `x[hi]`.
#[inline(always)]
fn inverse<F: Lanes, const TURN: bool>(x: &mut [Complex<F>], lo: usize, hi: usize, tan: F) {
    let (a, b) = (x[lo], x[hi]);
    x[lo] = Complex { re: a.re.add(b.re), im: a.im.add(b.im) };
    let im = a.im.sub(b.im);
    x[hi] = if TURN {
        let minus_re = b.re.sub(a.re);
        Complex { re: minus_re.mul_add(tan, im), im: im.neg_mul_add(tan, minus_re) }
    } else {
        let re = a.re.sub(b.re);
        Complex { re: im.mul_add(tan, re), im: re.neg_mul_add(tan, im) }
    };
}

/// [`inverse`] where `x[hi]` lacks a factor that is `ratio` times the one that `x[lo]` lacks.
#[inline(always)]
fn inverse_uneven<F: Lanes>(x: &mut [Complex<F>], lo: usize, hi: usize, tan: F, ratio: F) {
    let (a, b) = (x[lo], x[hi]);
    x[lo] = Complex { re: b.re.mul_add(ratio, a.re), im: b.im.mul_add(ratio, a.im) };
    let (re, im) = (b.re.neg_mul_add(ratio, a.re), b.im.neg_mul_add(ratio, a.im));
    x[hi] = Complex { re: im.mul_add(tan, re), im: re.neg_mul_add(tan, im) };
}

#[inline(always)]
fn scale<F: Lanes>(x: &mut Complex<F>, by: F) {
    *x = Complex { re: x.re.mul(by), im: x.im.mul(by) };
}

#[inline(always)]
pub(super) fn forward2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    forward::<F, false>(x, 0, 1, w.0[0], w.0[1]);
}

#[inline(always)]
pub(super) fn inverse2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    inverse::<F, false>(x, 0, 1, w.0[1]);
    scale(&mut x[1], w.0[0]);
}

#[inline(always)]
pub(super) fn forward4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    let [c1, t1, c2, t2, ..] = w.0;
    forward::<F, false>(x, 0, 2, c1, t1);
    forward::<F, false>(x, 1, 3, c1, t1);
    forward::<F, false>(x, 0, 1, c2, t2);
    forward::<F, true>(x, 2, 3, c2, t2);
}

#[inline(always)]
pub(super) fn inverse4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    let [c1, t1, c2, t2, ..] = w.0;
    inverse::<F, false>(x, 0, 1, t2);
    inverse::<F, true>(x, 2, 3, t2);
    inverse::<F, false>(x, 0, 2, t1);
    inverse::<F, false>(x, 1, 3, t1);
    scale(&mut x[1], c2);
    scale(&mut x[2], c1);
    scale(&mut x[3], c1.mul(c2));
}

#[inline(always)]
pub(in crate::fft) fn forward8<F: Lanes>(x: &mut [Complex<F>; 8], w: &Twiddles<F>) {
    let [c1, t1, c2, t2, c4, t4, c6, t6, ..] = w.0;
    forward::<F, false>(x, 0, 4, c1, t1);
    forward::<F, false>(x, 1, 5, c1, t1);
    forward::<F, false>(x, 2, 6, c1, t1);
    forward::<F, false>(x, 3, 7, c1, t1);
    forward::<F, false>(x, 0, 2, c2, t2);
    forward::<F, false>(x, 1, 3, c2, t2);
    forward::<F, true>(x, 4, 6, c2, t2);
    forward::<F, true>(x, 5, 7, c2, t2);
    forward::<F, false>(x, 0, 1, c4, t4);
    forward::<F, true>(x, 2, 3, c4, t4);
    forward::<F, false>(x, 4, 5, c6, t6);
    forward::<F, true>(x, 6, 7, c6, t6);
}

#[inline(always)]
pub(in crate::fft) fn inverse8<F: Lanes>(x: &mut [Complex<F>; 8], w: &Twiddles<F>) {
    let [c1, t1, c2, t2, c4, t4, _, t6, ratio, c41, c21, c42, c421] = w.0;
    inverse::<F, false>(x, 0, 1, t4);
    inverse::<F, true>(x, 2, 3, t4);
    inverse::<F, false>(x, 4, 5, t6);
    inverse::<F, true>(x, 6, 7, t6);
    inverse::<F, false>(x, 0, 2, t2);
    inverse::<F, false>(x, 1, 3, t2);
    inverse::<F, true>(x, 4, 6, t2);
    inverse::<F, true>(x, 5, 7, t2);
    inverse::<F, false>(x, 0, 4, t1);
    inverse_uneven(x, 1, 5, t1, ratio);
    inverse::<F, false>(x, 2, 6, t1);
    inverse_uneven(x, 3, 7, t1, ratio);
    scale(&mut x[1], c4);
    scale(&mut x[2], c2);
    scale(&mut x[3], c42);
    scale(&mut x[4], c1);
    scale(&mut x[5], c41);
    scale(&mut x[6], c21);
    scale(&mut x[7], c421);
}
