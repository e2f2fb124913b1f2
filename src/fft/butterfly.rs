//! Butterflies on vectors: radix 2, 4 and 8 by `(cos, tan)` twiddles, and the odd radices of the top pass.
//!
//! A forward butterfly maps `(lo, hi)` to `(lo + w hi, lo - w hi)`. For `w = cos (1 + i tan)` these are six
//! fused multiply-adds:
//! ```text
//! p = hi.re - tan hi.im      lo' = lo + cos (p + i q)
//! q = hi.im + tan hi.re      hi' = lo - cos (p + i q)
//! ```
//! Where sums have units of their own ([`Lanes::mul_then_add`]), `cos p` and `cos q` are products, and the
//! rest are sums: eight operations, of which four are multiply-adds or products. On Zen 3, stores too wait
//! for the units of multiply-adds: 24 of these and eight stores take 19 cycles, the same block as eight
//! multiply-adds, eight products, 16 sums and eight stores takes ten.
//!
//! The inverse maps `(lo', hi')` to `(lo' + hi', (lo' - hi') conj(w))`. Its factor `cos` is postponed to the
//! end of the radix-4 or radix-8 block: six operations again, and two multiplications per point.
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
//! Do not use closures: they do not inherit `#[target_feature]`, so an uninlined one turns every
//! intrinsic into a call.
//!
//! Source of the `(cos, tan)` form: Linzer and Feig, "Implementation of efficient FFT algorithms on
//! fused multiply-add architectures" (1993).

use super::twiddle::{leaf_vectors, node_len};
use crate::cpu::{Complex, Lanes, Simd};

/// The twiddles of a radix-8 block: one node of `twiddle`, or one node per lane. Radix 4 and 2 use the
/// first few.
#[derive(Clone, Copy)]
pub(super) struct Twiddles<F>([F; 13]);

impl<F: Lanes> Twiddles<F> {
    /// The same node in every lane.
    #[inline(always)]
    pub(super) fn splat<S: Simd<F = F>>(simd: S, node: &[f64]) -> Self {
        let node = &node[..node_len(S::LANES)];
        let mut w = [simd.splat(node[0]); 13];
        for (w, &x) in w.iter_mut().zip(node) {
            *w = simd.splat(x);
        }
        Self(w)
    }

    /// A node for each lane, from the table of a leaf.
    #[inline(always)]
    pub(super) fn load<S: Simd<F = F>>(simd: S, leaf: &[f64]) -> Self {
        let mut w = [simd.load(leaf); 13];
        for k in 1..leaf_vectors(S::LANES) {
            w[k] = simd.load(&leaf[k * S::LANES..]);
        }
        if S::LANES == 8 {
            // Computing these products is cheaper than reading them.
            w[9] = w[4].mul(w[0]);
            w[10] = w[2].mul(w[0]);
            w[11] = w[4].mul(w[2]);
            w[12] = w[9].mul(w[2]);
        }
        Self(w)
    }
}

/// A butterfly with the twiddle `w = cos (1 + i tan)`, or `i w` if `TURN`.
#[inline(always)]
fn forward<F: Lanes, const TURN: bool>(x: &mut [Complex<F>], lo: usize, hi: usize, cos: F, tan: F) {
    let (a, b) = (x[lo], x[hi]);
    let p = b.im.neg_mul_add(tan, b.re);
    let q = b.re.mul_add(tan, b.im);
    if TURN {
        x[lo] = Complex { re: q.mul_then_sub(cos, a.re), im: p.mul_then_add(cos, a.im) };
        x[hi] = Complex { re: q.mul_then_add(cos, a.re), im: p.mul_then_sub(cos, a.im) };
    } else {
        x[lo] = Complex { re: p.mul_then_add(cos, a.re), im: q.mul_then_add(cos, a.im) };
        x[hi] = Complex { re: p.mul_then_sub(cos, a.re), im: q.mul_then_sub(cos, a.im) };
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
pub(super) fn forward8<F: Lanes>(x: &mut [Complex<F>; 8], w: &Twiddles<F>) {
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
pub(super) fn inverse8<F: Lanes>(x: &mut [Complex<F>; 8], w: &Twiddles<F>) {
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

/// `cos` and `sin` of `2 pi k / R`.
pub(super) type Roots<const R: usize> = [[f64; 2]; R];

/// `y_s = sum over k of x_k e^(2 pi i s k / R)`, or with `-i` if `INVERSE`, for odd `R`.
///
/// Points `k` and `R - k` are added and subtracted first, which halves the multiplications: `y_s` and
/// `y_(R-s)` share the sums over the cosines and over the sines.
#[inline(always)]
pub(super) fn odd_dft<S: Simd, const R: usize, const INVERSE: bool>(
    simd: S,
    x: &mut [Complex<S::F>; R],
    roots: &Roots<R>,
) {
    let half = R / 2;
    let first = x[0];
    let mut sum = [first; R];
    let mut dif = [first; R];
    for k in 1..=half {
        let (a, b) = (x[k], x[R - k]);
        sum[k] = Complex { re: a.re.add(b.re), im: a.im.add(b.im) };
        dif[k] = Complex { re: a.re.sub(b.re), im: a.im.sub(b.im) };
        x[0] = Complex { re: x[0].re.add(sum[k].re), im: x[0].im.add(sum[k].im) };
    }
    for s in 1..=half {
        let [cos, sin] = roots[s];
        let (cos, sin) = (simd.splat(cos), simd.splat(sin));
        let mut even = Complex { re: sum[1].re.mul_add(cos, first.re), im: sum[1].im.mul_add(cos, first.im) };
        let mut odd = Complex { re: dif[1].re.mul(sin), im: dif[1].im.mul(sin) };
        for k in 2..=half {
            let [cos, sin] = roots[k * s % R];
            let (cos, sin) = (simd.splat(cos), simd.splat(sin));
            even = Complex { re: sum[k].re.mul_add(cos, even.re), im: sum[k].im.mul_add(cos, even.im) };
            odd = Complex { re: dif[k].re.mul_add(sin, odd.re), im: dif[k].im.mul_add(sin, odd.im) };
        }
        let plus = Complex { re: even.re.sub(odd.im), im: even.im.add(odd.re) };
        let minus = Complex { re: even.re.add(odd.im), im: even.im.sub(odd.re) };
        (x[s], x[R - s]) = if INVERSE { (minus, plus) } else { (plus, minus) };
    }
}

/// `x w`, or `x conj(w)` if `CONJUGATE`.
#[inline(always)]
pub(super) fn times<F: Lanes, const CONJUGATE: bool>(x: Complex<F>, w: Complex<F>) -> Complex<F> {
    let (re, im) = (x.re.mul(w.re), x.im.mul(w.re));
    if CONJUGATE {
        Complex { re: x.im.mul_then_add(w.im, re), im: x.re.mul_then_sub(w.im, im) }
    } else {
        Complex { re: x.im.mul_then_sub(w.im, re), im: x.re.mul_then_add(w.im, im) }
    }
}
