//! The transform of one block, depth first, and the pointwise products within it.
//!
//! ```text
//! down(block, node):                     up: the same backwards
//!     radix-8 pass over the whole block
//!     down(each eighth, child node)
//! ```
//! Depth first, each block is finished while it is in the nearest cache. With narrow vectors the passes over
//! a block of [`breadth`] vectors come one after the other, and its leaves follow: a leaf that comes right
//! after the pass over its own few points waits for their last stores. A leaf of `lanes^2` points does its
//! last levels in registers: butterflies between vectors, a transposition, butterflies with one node
//! per lane. The values come out in bit-reversed and transposed order, which does not matter to a
//! pointwise product.
//!
//! Four modes share the code: forward; inverse; `x = inverse(forward(x) a)`
//! with `a` already transformed; and `x = inverse(forward(x)^2)`. The last two transform, multiply and
//! transform back a leaf without a store in between.

use super::butterfly::{Twiddles, forward2, forward4, forward8, inverse2, inverse4, inverse8, times};
use super::twiddle::{Forest, Form};
use crate::cpu::{Complex, Kernel, Lanes, Simd};

/// The operation on a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Forward,
    Inverse,
    Multiply,
    Square,
}

/// A block at node `index` of depth `depth`, to be transformed in place.
pub(super) struct Block<'a, S: Simd> {
    pub(super) x: &'a mut [Complex<S::F>],
    /// In mode `Multiply` the other operand, transformed; else empty.
    pub(super) a: &'a [Complex<S::F>],
    /// Vectors to prefetch meanwhile: as many as `x` has, or none.
    pub(super) ahead: &'a [Complex<S::F>],
    pub(super) mode: Mode,
    pub(super) forest: &'a Forest,
    pub(super) depth: u32,
    pub(super) index: usize,
}

impl<S: Simd> Kernel<S> for Block<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, simd: S) {
        let Self { x, a, ahead, mode, forest, depth, index } = self;
        let len = Form::of::<S>().node_len();
        let breadth_first = x.len() <= breadth(S::LANES);
        let (mut radices, mut count) = ([0; MOST_PASSES], 0);
        let (mut blocks, mut below) = (1, depth);
        // A block that is one leaf has no pass.
        while x.len() / blocks > S::LANES && (breadth_first || count == 0) {
            let radix = radix(x.len() / blocks / S::LANES, S::LANES);
            if mode != Mode::Inverse {
                passes::<S, false>(simd, x, blocks, radix, &forest.nodes(below)[index * blocks * len..]);
            }
            radices[count] = radix;
            (count, blocks, below) = (count + 1, blocks * radix, below + radix.trailing_zeros());
        }
        let (part, first) = (x.len() / blocks, index * blocks);
        if part == S::LANES {
            Leaves { a, ahead, mode, forest, depth: below, first }.run(simd, x);
        } else {
            for (k, x) in x.chunks_exact_mut(part).enumerate() {
                let a = if mode == Mode::Multiply { &a[k * part..][..part] } else { a };
                let ahead = if ahead.is_empty() { ahead } else { &ahead[k * part..][..part] };
                simd.call(Block { x, a, ahead, mode, forest, depth: below, index: first + k });
            }
        }
        if mode != Mode::Forward {
            for &radix in radices[..count].iter().rev() {
                (blocks, below) = (blocks / radix, below - radix.trailing_zeros());
                passes::<S, true>(simd, x, blocks, radix, &forest.nodes(below)[index * blocks * len..]);
            }
        }
    }
}

/// Vectors of the longest block whose passes come one after the other: 1,024 points, which fill half of the
/// nearest cache, beside as many of the other operand. Products take 0.92 to 0.97 of the time with four lanes
/// and 0.83 to 0.93 with two; of eight lanes nothing is known.
const fn breadth(lanes: usize) -> usize {
    if lanes == 8 { 0 } else { 1024 / lanes }
}

/// Passes over such a block: each splits the parts in two at least, down to a leaf of four points.
const MOST_PASSES: usize = 8;

/// A pass over each of `blocks` equal blocks. The nodes are those of the first block and of those after it.
#[inline(always)]
fn passes<S: Simd, const UP: bool>(
    simd: S,
    x: &mut [Complex<S::F>],
    blocks: usize,
    radix: usize,
    nodes: &[f64],
) {
    let nodes = nodes.chunks_exact(Form::of::<S>().node_len());
    for (x, node) in x.chunks_exact_mut(x.len() / blocks).zip(nodes) {
        Pass::<S, UP> { x, radix, node }.at_its_place(simd);
    }
}

/// The radix of the first pass over `2^k` parts: 8 with eight lanes if the rest allows it; else 4. A single
/// pass of radix 2 comes last, where the block is in the nearest cache.
#[inline]
pub(super) fn radix(parts: usize, lanes: usize) -> usize {
    match (lanes, parts.trailing_zeros()) {
        (_, 1) => 2,
        (8, 2 | 4) => 4,
        (8, _) => 8,
        (_, 3) => 2,
        _ => 4,
    }
}

/// One pass over a block: `radix` equal parts, vector by vector.
pub(super) struct Pass<'a, S: Simd, const UP: bool> {
    pub(super) x: &'a mut [Complex<S::F>],
    pub(super) radix: usize,
    pub(super) node: &'a [f64],
}

impl<S: Simd, const UP: bool> Kernel<S> for Pass<'_, S, UP> {
    type Output = ();

    #[inline(always)]
    fn run(self, simd: S) {
        pass::<S, UP>(simd, self.x, self.radix, self.node);
    }
}

impl<S: Simd, const UP: bool> Pass<'_, S, UP> {
    /// Runs a pass within a block. With narrow vectors passes are short, and a call costs a few percent.
    #[inline(always)]
    fn at_its_place(self, simd: S) {
        if S::LANES == 8 { simd.call(self) } else { self.run(simd) }
    }
}

#[inline(always)]
fn pass<S: Simd, const UP: bool>(simd: S, x: &mut [Complex<S::F>], radix: usize, node: &[f64]) {
    let w = Twiddles::splat(simd, node);
    let n = x.len() / radix;
    if S::LANES == 8 && radix == 8 {
        let (a, b) = x.split_at_mut(4 * n);
        let (a, c) = a.split_at_mut(2 * n);
        let (b, d) = b.split_at_mut(2 * n);
        let ((x0, x1), (x2, x3)) = (a.split_at_mut(n), c.split_at_mut(n));
        let ((x4, x5), (x6, x7)) = (b.split_at_mut(n), d.split_at_mut(n));
        let (x1, x3, x5, x7) = (&mut x1[..n], &mut x3[..n], &mut x5[..n], &mut x7[..n]);
        for i in 0..n {
            let mut v = [x0[i], x1[i], x2[i], x3[i], x4[i], x5[i], x6[i], x7[i]];
            if UP {
                inverse8(&mut v, &w);
            } else {
                forward8(&mut v, &w);
            }
            [x0[i], x1[i], x2[i], x3[i], x4[i], x5[i], x6[i], x7[i]] = v;
        }
    } else if radix == 4 {
        let (a, b) = x.split_at_mut(2 * n);
        let ((x0, x1), (x2, x3)) = (a.split_at_mut(n), b.split_at_mut(n));
        let (x1, x3) = (&mut x1[..n], &mut x3[..n]);
        for i in 0..n {
            let mut v = [x0[i], x1[i], x2[i], x3[i]];
            if UP {
                inverse4(&mut v, &w);
            } else {
                forward4(&mut v, &w);
            }
            [x0[i], x1[i], x2[i], x3[i]] = v;
        }
    } else {
        debug_assert!(radix == 2);
        let (x0, x1) = x.split_at_mut(n);
        let x1 = &mut x1[..n];
        for i in 0..n {
            let mut v = [x0[i], x1[i]];
            if UP {
                inverse2(&mut v, &w);
            } else {
                forward2(&mut v, &w);
            }
            [x0[i], x1[i]] = v;
        }
    }
}

/// The common parameters of the leaves of a block; the first leaf is at node `first`.
struct Leaves<'a, F> {
    a: &'a [Complex<F>],
    ahead: &'a [Complex<F>],
    mode: Mode,
    forest: &'a Forest,
    depth: u32,
    first: usize,
}

impl<F> Leaves<'_, F> {
    #[inline(always)]
    fn run<S: Simd<F = F>>(&self, simd: S, x: &mut [Complex<F>]) {
        // A leaf of 64 points has time for a few branches. Separate code for each mode would be a fifth
        // of the machine code of the widest level.
        if S::LANES == 8 {
            return self.each(simd, x, self.mode);
        }
        match self.mode {
            Mode::Forward => self.each(simd, x, Mode::Forward),
            Mode::Inverse => self.each(simd, x, Mode::Inverse),
            Mode::Multiply => self.each(simd, x, Mode::Multiply),
            Mode::Square => self.each(simd, x, Mode::Square),
        }
    }

    #[inline(always)]
    fn each<S: Simd<F = F>>(&self, simd: S, x: &mut [Complex<F>], mode: Mode) {
        let size = Form::of::<S>().leaf_vectors() * S::LANES;
        let count = x.len() / S::LANES;
        let len = Form::of::<S>().node_len();
        let nodes = self.forest.nodes(self.depth)[self.first * len..][..count * len].chunks_exact(len);
        let tables = self.forest.leaves(self.depth)[self.first * size..][..count * size].chunks_exact(size);
        for (k, ((x, node), table)) in x.chunks_exact_mut(S::LANES).zip(nodes).zip(tables).enumerate() {
            let a = if mode == Mode::Multiply { &self.a[k * S::LANES..][..S::LANES] } else { self.a };
            if !self.ahead.is_empty() {
                let bytes = 16 * S::LANES * S::LANES;
                for byte in (0..bytes).step_by(64) {
                    simd.prefetch(self.ahead, k * bytes + byte);
                }
            }
            match S::LANES {
                8 => leaf::<S, 8>(simd, mode, x, a, node, table),
                4 => leaf::<S, 4>(simd, mode, x, a, node, table),
                _ => leaf::<S, 2>(simd, mode, x, a, node, table),
            }
        }
    }
}

#[inline(always)]
fn leaf<S: Simd, const N: usize>(
    simd: S,
    mode: Mode,
    x: &mut [Complex<S::F>],
    a: &[Complex<S::F>],
    node: &[f64],
    table: &[f64],
) {
    let x: &mut [Complex<S::F>; N] = x.try_into().expect("a leaf");
    let mut v = *x;
    if mode != Mode::Inverse {
        forward(&mut v, &Twiddles::splat(simd, node));
        transpose(&mut v);
        forward(&mut v, &Twiddles::load(simd, table));
    }
    if mode == Mode::Multiply {
        let a: &[Complex<S::F>; N] = a.try_into().expect("a leaf");
        for k in 0..N {
            v[k] = times::<S::F, false>(v[k], a[k]);
        }
    }
    if mode == Mode::Square {
        for v in &mut v {
            let twice = v.re.add(v.re);
            let re = v.re.add(v.im).mul(v.re.sub(v.im));
            *v = Complex { re, im: twice.mul(v.im) };
        }
    }
    if mode != Mode::Forward {
        inverse(&mut v, &Twiddles::load(simd, table));
        transpose(&mut v);
        inverse(&mut v, &Twiddles::splat(simd, node));
    }
    *x = v;
}

#[inline(always)]
fn forward<F: Lanes, const N: usize>(v: &mut [Complex<F>; N], w: &Twiddles<F>) {
    match N {
        8 => forward8(sized(v), w),
        4 => forward4(sized(v), w),
        _ => forward2(sized(v), w),
    }
}

#[inline(always)]
fn inverse<F: Lanes, const N: usize>(v: &mut [Complex<F>; N], w: &Twiddles<F>) {
    match N {
        8 => inverse8(sized(v), w),
        4 => inverse4(sized(v), w),
        _ => inverse2(sized(v), w),
    }
}

/// The same array with its length under another name, which the compiler cannot see to be equal.
#[inline(always)]
fn sized<F, const N: usize, const K: usize>(v: &mut [Complex<F>; N]) -> &mut [Complex<F>; K] {
    v.as_mut_slice().try_into().expect("N == K")
}

#[inline(always)]
fn transpose<F: Lanes, const N: usize>(v: &mut [Complex<F>; N]) {
    let (mut re, mut im) = ([v[0].re; N], [v[0].im; N]);
    for k in 0..N {
        (re[k], im[k]) = (v[k].re, v[k].im);
    }
    F::transpose(&mut re);
    F::transpose(&mut im);
    for k in 0..N {
        v[k] = Complex { re: re[k], im: im[k] };
    }
}
