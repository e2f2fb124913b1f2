//! One product, from operands to limbs; not yet certified.
//!
//! The sequence of steps is the same on all levels and compiled once. The steps pass doubles on; each step
//! is a task for the level, which reads them as vectors.

use super::join::join;
use super::plan::Design;
use super::sign::Sign;
use super::split::split;
use super::threads;
use super::top_pass::Top;
use super::transform::{Block, Mode};
use super::twiddle::{Forest, Form};
use crate::anatomy::{self, Kernel};
use crate::cpu::{Complex, Lanes, Simd, Task};
use crate::memory::Buffer;

/// The factors of a product.
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
    /// A transform, to recover its number.
    Recover(&'a [f64]),
}

impl Operands<'_> {
    /// Transforms that a product takes, the inverse one included.
    fn transforms(self) -> u64 {
        match self {
            Self::Pair(..) => 3,
            Self::Square(_) | Self::Cached(..) => 2,
            Self::Sum(_) | Self::Recover(_) => 1,
        }
    }
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

/// The work on the rows of a transform below the top pass.
enum Work<'a> {
    /// Transform or square, as the mode says.
    Alone(Mode),
    /// Multiply by the rows of a transform.
    Cached(&'a [f64]),
    /// Multiply by rows that are still untransformed: transform one row of each operand in turn.
    Both(&'a mut [f64]),
    /// Replace by a sum of products.
    Sum(&'a [(&'a [f64], &'a [f64], Sign)]),
}

impl<'a> Work<'a> {
    /// The work on the first `len` doubles, and on the others.
    fn split_at(self, len: usize) -> (Self, Self) {
        match self {
            Self::Alone(mode) => (Self::Alone(mode), Self::Alone(mode)),
            Self::Cached(a) => (Self::Cached(&a[..len]), Self::Cached(&a[len..])),
            Self::Both(y) => {
                let (y, rest) = y.split_at_mut(len);
                (Self::Both(y), Self::Both(rest))
            }
            Self::Sum(terms) => (Self::Sum(terms), Self::Sum(terms)),
        }
    }
}

/// Does `work` on all rows of `x`, a run of rows on each thread.
fn rows(top: &Top<'_>, threads: usize, x: &mut [f64], work: Work<'_>) {
    let design = top.design;
    let part = design.rows().div_ceil(threads);
    let mut rest = Some(work);
    let parts = x.chunks_mut(part * 2 * design.columns).enumerate().map(|(k, x)| {
        let (work, others) = rest.take().expect("work for each part").split_at(x.len());
        rest = Some(others);
        Rows { design, forest: top.forest, first: k * part, x, work }
    });
    threads::each(parts, |rows| design.level.run(rows));
}

/// Some of the rows, from row `first` on.
struct Rows<'a> {
    design: &'a Design,
    forest: &'a Forest,
    first: usize,
    x: &'a mut [f64],
    work: Work<'a>,
}

impl Task for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { design, forest, first, x, mut work } = self;
        let n = design.columns / S::LANES;
        let mut rest = simd.view_mut(x);
        // Short transforms fit in the caches, and each of their rows has twiddles of its own.
        let near = !design.twisted();
        let (forest, depth) =
            if near { (forest, design.row_levels) } else { (Forest::get(1, Form::of::<S>()), 0) };
        let mut row = first;
        while let Some((x, after)) = rest.split_at_mut_checked(n) {
            if !near {
                threads::check();
            }
            let index = if near { row } else { 0 };
            let next = after.get(..n).filter(|_| !near).unwrap_or_default();
            let at = (row - first) * n;
            let (mode, a, ahead) = match &mut work {
                Work::Alone(mode) => (*mode, &[][..], next),
                Work::Cached(a) => (Mode::Multiply, &simd.view(a)[at..][..n], next),
                Work::Both(y) => {
                    let (y, after) = simd.view_mut(y)[at..].split_at_mut(n);
                    let ahead = if near { &[][..] } else { &*x };
                    simd.call(Block { x: &mut *y, a: &[], ahead, mode: Mode::Forward, forest, depth, index });
                    (Mode::Multiply, &*y, after.get(..n).filter(|_| !near).unwrap_or_default())
                }
                Work::Sum(terms) => {
                    sum(simd, x, terms, row * n);
                    (Mode::Inverse, &[][..], &[][..])
                }
            };
            simd.call(Block { x, a, ahead, mode, forest, depth, index });
            rest = after;
            row += 1;
        }
    }
}

impl Transform<'_> {
    pub(super) fn run(self) {
        let Self { design, a, x } = self;
        anatomy::transforms(1, design.points());
        anatomy::timed(Kernel::Transforms, || {
            let threads = threads::count(design.points());
            let top = Top::new(design, threads);
            split(&top, &mut [(a, &mut *x)]);
            rows(&top, threads, x, Work::Alone(Mode::Forward));
        });
    }
}

impl Product<'_> {
    pub(super) fn run(self) -> f64 {
        anatomy::transforms(self.operands.transforms(), self.design.points());
        anatomy::timed(Kernel::Transforms, || self.compute())
    }

    fn compute(self) -> f64 {
        let Self { design, operands, out } = self;
        let threads = threads::count(design.points());
        let top = Top::new(design, threads);
        let mut x = Buffer::dirty(2 * design.points());
        let mut other = Buffer::new();
        let work = match operands {
            Operands::Square(a) => {
                split(&top, &mut [(a, &mut *x)]);
                Work::Alone(Mode::Square)
            }
            Operands::Cached(a, b) => {
                split(&top, &mut [(b, &mut *x)]);
                Work::Cached(a)
            }
            Operands::Pair(a, b) => {
                other = Buffer::dirty(2 * design.points());
                split(&top, &mut [(a, &mut *other), (b, &mut *x)]);
                Work::Both(&mut other)
            }
            Operands::Sum(terms) => Work::Sum(terms),
            Operands::Recover(a) => {
                x.copy_from_slice(a);
                Work::Alone(Mode::Inverse)
            }
        };
        #[cfg(test)]
        super::fault::after_split(&mut x);
        rows(&top, threads, &mut x, work);
        drop(other);
        #[cfg(test)]
        super::fault::before_join(&mut x);
        join(&top, &mut x, out)
    }
}

/// `x = sum of +- a b`, point by point, for the points from vector `first` on.
#[inline(always)]
fn sum<S: Simd>(simd: S, x: &mut [Complex<S::F>], terms: &[(&[f64], &[f64], Sign)], first: usize) {
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
