//! Butterflies by twiddles `(cos, sin)`: points are multiplied by three twiddles first, then only added.
//!
//! ```text
//! level 1           level 2           w1 is the twiddle of the node, w2 of its left child, w3 = w1 w2
//! 0-2  1-3   w1     0-1     w2
//!                   2-3   i w2
//! a = x0,  b = w2 x1,  c = w1 x2,  d = w3 x3
//! x0', x1' = (a + c) +- (b + d)
//! x2', x3' = (a - c) +- i (b - d)
//! ```
//! The inverse adds first and multiplies by the conjugates at the end.

use super::{Twiddles, times};
use crate::cpu::{Complex, Lanes};

#[inline(always)]
pub(super) fn forward2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    let (a, b) = (x[0], times::<F, false>(x[1], w.plain(0)));
    *x = [plus(a, b), minus(a, b)];
}

#[inline(always)]
pub(super) fn inverse2<F: Lanes>(x: &mut [Complex<F>; 2], w: &Twiddles<F>) {
    let [a, b] = *x;
    *x = [plus(a, b), times::<F, true>(minus(a, b), w.plain(0))];
}

#[inline(always)]
pub(super) fn forward4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    let (a, c) = (x[0], times::<F, false>(x[2], w.plain(0)));
    let (b, d) = (times::<F, false>(x[1], w.plain(1)), times::<F, false>(x[3], w.plain(2)));
    let (even, odd) = (plus(a, c), plus(b, d));
    let (even_rest, odd_rest) = (minus(a, c), minus(b, d));
    *x = [plus(even, odd), minus(even, odd), plus_i(even_rest, odd_rest), minus_i(even_rest, odd_rest)];
}

#[inline(always)]
pub(super) fn inverse4<F: Lanes>(x: &mut [Complex<F>; 4], w: &Twiddles<F>) {
    let [a, b, c, d] = *x;
    let (left, right) = (plus(a, b), plus(c, d));
    let (left_rest, right_rest) = (minus(a, b), minus(c, d));
    x[0] = plus(left, right);
    x[1] = times::<F, true>(minus_i(left_rest, right_rest), w.plain(1));
    x[2] = times::<F, true>(minus(left, right), w.plain(0));
    x[3] = times::<F, true>(plus_i(left_rest, right_rest), w.plain(2));
}

/// `a + b`
#[inline(always)]
fn plus<F: Lanes>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex { re: a.re.add(b.re), im: a.im.add(b.im) }
}

/// `a - b`
#[inline(always)]
fn minus<F: Lanes>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex { re: a.re.sub(b.re), im: a.im.sub(b.im) }
}

/// `a + i b`
#[inline(always)]
fn plus_i<F: Lanes>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex { re: a.re.sub(b.im), im: a.im.add(b.re) }
}

/// `a - i b`
#[inline(always)]
fn minus_i<F: Lanes>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex { re: a.re.add(b.im), im: a.im.sub(b.re) }
}
