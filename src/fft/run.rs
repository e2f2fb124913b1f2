//! One product, from operands to limbs, on one level; not yet certified.

use super::Sign;
use super::columns::Top;
use super::join::join;
use super::plan::Design;
use super::split::split;
use super::threads;
use super::transform::{Block, FORWARD, INVERSE, MULTIPLY, SQUARE};
use super::twiddle::Forest;
use crate::simd::{Buffer, Complex, Kernel, Lanes, Simd, Task};

/// What is multiplied.
#[derive(Clone, Copy)]
pub(super) enum Operands<'a> {
    /// Two numbers.
    Pair(&'a [u64], &'a [u64]),
    /// One number with itself.
    Square(&'a [u64]),
    /// A transform and a number.
    Cached(&'a [f64], &'a [u64]),
    /// A sum of products of transforms.
    Sum(&'a [(&'a [f64], &'a [f64], Sign)]),
    /// A transform, back to its own number.
    Recover(&'a [f64]),
}

/// Multiplies into `out`; returns the largest rounding error.
pub(super) struct Product<'a> {
    pub(super) design: &'a Design,
    pub(super) operands: Operands<'a>,
    pub(super) out: &'a mut [u64],
}

/// Transforms `a` into `x`.
pub(super) struct Transform<'a> {
    pub(super) design: &'a Design,
    pub(super) a: &'a [u64],
    pub(super) x: &'a mut [f64],
}

/// The blocks of a design below its top pass.
struct Rows<'a> {
    design: &'a Design,
    forest: &'a Forest,
    /// Rows of the part of each thread.
    part: usize,
}

impl<'a> Rows<'a> {
    fn new(top: &Top<'a>, threads: usize) -> Self {
        Self { design: top.design, forest: top.forest, part: top.design.rows().div_ceil(threads) }
    }

    /// All rows of `x`, with those of `a` in mode `MULTIPLY`.
    #[inline(always)]
    fn for_each<S: Simd, const MODE: u8>(&self, simd: S, x: &mut [Complex<S::F>], a: &[Complex<S::F>]) {
        let n = self.design.columns / S::LANES;
        threads::each(x.chunks_mut(self.part * n).enumerate(), |(k, mut rest)| {
            for row in k * self.part.. {
                let Some((x, after)) = rest.split_at_mut_checked(n) else { break };
                let a = if MODE == MULTIPLY { &a[row * n..][..n] } else { a };
                self.one::<S, MODE>(simd, row, x, a, after.get(..n).unwrap_or_default());
                rest = after;
            }
        });
    }

    /// All rows of the product of `x` and `y`: one row of `y`, the same of `x`, and so on.
    #[inline(always)]
    fn for_both<S: Simd>(&self, simd: S, x: &mut [Complex<S::F>], y: &mut [Complex<S::F>]) {
        let n = self.design.columns / S::LANES;
        let parts = x.chunks_mut(self.part * n).zip(y.chunks_mut(self.part * n));
        threads::each(parts.enumerate(), |(k, (x, mut rest))| {
            for (x, row) in x.chunks_exact_mut(n).zip(k * self.part..) {
                let (y, after) = rest.split_at_mut(n);
                self.one::<S, FORWARD>(simd, row, y, &[], x);
                self.one::<S, MULTIPLY>(simd, row, x, y, after.get(..n).unwrap_or_default());
                rest = after;
            }
        });
    }

    /// All rows of a sum of products, backward.
    #[inline(always)]
    fn for_sum<S: Simd>(&self, simd: S, x: &mut [Complex<S::F>], terms: &[(&[f64], &[f64], Sign)]) {
        let n = self.design.columns / S::LANES;
        threads::each(x.chunks_mut(self.part * n).enumerate(), |(k, x)| {
            for (x, row) in x.chunks_exact_mut(n).zip(k * self.part..) {
                simd.call(Sum { x: &mut *x, terms, first: row * n });
                self.one::<S, INVERSE>(simd, row, x, &[], &[]);
            }
        });
    }

    /// One row; `ahead` is the one that comes next.
    #[inline(always)]
    fn one<S: Simd, const MODE: u8>(
        &self,
        simd: S,
        row: usize,
        x: &mut [Complex<S::F>],
        a: &[Complex<S::F>],
        ahead: &[Complex<S::F>],
    ) {
        // Short transforms are near anyway.
        let (forest, depth, index, ahead) = match self.design.twisted() {
            true => (Forest::get(1, S::LANES), 0, 0, ahead),
            false => (self.forest, self.design.row_levels, row, &[][..]),
        };
        simd.call(Block::<S, MODE> { x, a, ahead, forest, depth, index });
    }
}

impl Task for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { design, a, x } = self;
        let threads = threads::count(design.points());
        let top = Top::new(design, Forest::get(design.radix, S::LANES), S::LANES, threads);
        let x = simd.view_mut(x);
        split(simd, &top, [(a, &mut *x)]);
        Rows::new(&top, threads).for_each::<S, FORWARD>(simd, x, &[]);
    }
}

impl Task for Product<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f64 {
        let Self { design, operands, out } = self;
        let threads = threads::count(design.points());
        let top = Top::new(design, Forest::get(design.radix, S::LANES), S::LANES, threads);
        let rows = Rows::new(&top, threads);
        let mut memory = Buffer::dirty(2 * design.points());
        let x = simd.view_mut(&mut memory);
        match operands {
            Operands::Square(a) => {
                split(simd, &top, [(a, &mut *x)]);
                rows.for_each::<S, SQUARE>(simd, x, &[]);
            }
            Operands::Cached(a, b) => {
                split(simd, &top, [(b, &mut *x)]);
                rows.for_each::<S, MULTIPLY>(simd, x, simd.view(a));
            }
            Operands::Pair(a, b) => {
                let mut other = Buffer::dirty(2 * design.points());
                let y = simd.view_mut(&mut other);
                split(simd, &top, [(a, &mut *y), (b, &mut *x)]);
                rows.for_both(simd, x, y);
            }
            Operands::Sum(terms) => rows.for_sum(simd, x, terms),
            Operands::Recover(a) => {
                x.copy_from_slice(simd.view(a));
                rows.for_each::<S, INVERSE>(simd, x, &[]);
            }
        }
        join(simd, &top, x, out)
    }
}

/// `x = sum of +- a b`, point by point, for the points from vector `first` on.
struct Sum<'a, S: Simd> {
    x: &'a mut [Complex<S::F>],
    terms: &'a [(&'a [f64], &'a [f64], Sign)],
    first: usize,
}

impl<S: Simd> Kernel<S> for Sum<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, simd: S) {
        let Self { x, terms, first } = self;
        for (t, &(a, b, sign)) in terms.iter().enumerate() {
            let (a, b) = (&simd.view(a)[first..][..x.len()], &simd.view(b)[first..][..x.len()]);
            let sign = simd.splat(if sign == Sign::Plus { 1.0 } else { -1.0 });
            for ((x, a), b) in x.iter_mut().zip(a).zip(b) {
                let (re, im) = (a.re.mul(sign), a.im.mul(sign));
                if t == 0 {
                    *x = Complex { re: re.mul(b.re), im: re.mul(b.im) };
                } else {
                    *x = Complex { re: re.mul_add(b.re, x.re), im: re.mul_add(b.im, x.im) };
                }
                *x = Complex { re: im.neg_mul_add(b.im, x.re), im: im.mul_add(b.re, x.im) };
            }
        }
    }
}
