//! Butterflies on vectors: radix 2, 4 and 8, and the odd radices of the top pass.
//!
//! A forward butterfly maps `(lo, hi)` to `(lo + w hi, lo - w hi)`, and the inverse maps `(lo', hi')` to
//! `(lo' + hi', (lo' - hi') conj(w))`. Two forms need different units of the processor:
//!
//! | radix 4 of complex vectors | [`tangent`] | [`plain`] |
//! |---|---|---|
//! | forward: multiply-adds, products, sums | 24, 0, 0 | 6, 6, 16 |
//! | inverse: multiply-adds, products, sums | 8, 7, 16 | 6, 6, 16 |
//!
//! The plain form is for levels of which [`Lanes::SUMS_APART`] is set. On Zen 3, where a multiply-add also
//! occupies a unit that adds, products of 300 to 26,000 limbs take 0.83 to 0.9 of their time with the other
//! form.
//!
//! Do not use closures: they do not inherit `#[target_feature]`, so an uninlined one turns every
//! intrinsic into a call.

mod odd;
mod plain;
mod tangent;

use super::twiddle::Form;
use crate::cpu::{Complex, Lanes, Simd};

pub(super) use odd::{Roots, odd_dft};
pub(super) use tangent::{forward8, inverse8};

/// The twiddles of a block: one node of `twiddle`, or one node per lane. Radix 4 and 2 use the first few.
#[derive(Clone, Copy)]
pub(super) struct Twiddles<F>([F; 13]);

impl<F: Lanes> Twiddles<F> {
    /// The same node in every lane.
    #[inline(always)]
    pub(super) fn splat<S: Simd<F = F>>(simd: S, node: &[f64]) -> Self {
        let node = &node[..Form::of::<S>().node_len()];
        let mut w = [simd.splat(node[0]); 13];
        for (w, &x) in w.iter_mut().zip(node) {
            *w = simd.splat(x);
        }
        Self(w)
    }

    /// A node for each lane, from the table of a leaf. What few operations compute is not in the table.
    #[inline(always)]
    pub(super) fn load<S: Simd<F = F>>(simd: S, leaf: &[f64]) -> Self {
        let form = Form::of::<S>();
        let mut w = [simd.load(leaf); 13];
        for k in 1..form.leaf_vectors() {
            w[k] = simd.load(&leaf[k * S::LANES..]);
        }
        if S::LANES == 8 {
            w[9] = w[4].mul(w[0]);
            w[10] = w[2].mul(w[0]);
            w[11] = w[4].mul(w[2]);
            w[12] = w[9].mul(w[2]);
        }
        let mut w = Self(w);
        if F::SUMS_APART && S::LANES == 4 {
            let third = times::<F, false>(w.plain(0), w.plain(1));
            (w.0[4], w.0[5]) = (third.re, third.im);
        }
        w
    }

    /// A twiddle of the plain form.
    #[inline(always)]
    fn plain(&self, k: usize) -> Complex<F> {
        Complex { re: self.0[2 * k], im: self.0[2 * k + 1] }
    }
}

#[inline(always)]
pub(super) fn forward2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    if F::SUMS_APART { plain::forward2(x, w) } else { tangent::forward2(x, w) }
}

#[inline(always)]
pub(super) fn inverse2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    if F::SUMS_APART { plain::inverse2(x, w) } else { tangent::inverse2(x, w) }
}

#[inline(always)]
pub(super) fn forward4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    if F::SUMS_APART { plain::forward4(x, w) } else { tangent::forward4(x, w) }
}

#[inline(always)]
pub(super) fn inverse4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    if F::SUMS_APART { plain::inverse4(x, w) } else { tangent::inverse4(x, w) }
}

/// `x w`, or `x conj(w)` if `CONJUGATE`.
#[inline(always)]
pub(super) fn times<F: Lanes, const CONJUGATE: bool>(x: Complex<F>, w: Complex<F>) -> Complex<F> {
    let (re, im) = (x.re.mul(w.re), x.im.mul(w.re));
    if CONJUGATE {
        Complex { re: x.im.mul_add(w.im, re), im: x.re.neg_mul_add(w.im, im) }
    } else {
        Complex { re: x.im.neg_mul_add(w.im, re), im: x.re.mul_add(w.im, im) }
    }
}
