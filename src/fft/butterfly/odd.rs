//! Transforms of odd length, by sums over cosines and over sines.

use crate::cpu::{Complex, Lanes, Simd};

/// `cos` and `sin` of `2 pi k / R`.
pub(in crate::fft) type Roots<const R: usize> = [[f64; 2]; R];

/// `y_s = sum over k of x_k e^(2 pi i s k / R)`, or with `-i` if `INVERSE`, for odd `R`.
///
/// Points `k` and `R - k` are added and subtracted first, which halves the multiplications: `y_s` and
/// `y_(R-s)` share the sums over the cosines and over the sines.
#[inline(always)]
pub(in crate::fft) fn odd_dft<S: Simd, const R: usize, const INVERSE: bool>(
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
