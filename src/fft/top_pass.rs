//! The top pass: a few columns of all rows at a time, in a buffer that fits in the nearest cache. Short
//! transforms fit in the caches without a buffer, and their passes run over whole rows.
//!
//! ```text
//! odd pass     R trees from R equal parts: for R = 9 by 3 and 3, for R = 15 by 5 and 3
//! tree passes  radix 8, 4 or 2 over the rows of each tree, from its root on
//! ```
//! After the odd pass tree `s` holds the values modulo `x^H - w_s`, with the angles of
//! `twiddle::roots`; trees are in the order in which the passes leave them.

use std::f64::consts::PI;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::butterfly::{Roots, odd_dft, times};
use super::plan::{Design, TWIST_FROM};
use super::threads::THREADS_FROM;
use super::transform::{Pass, radix};
use super::twiddle::{Forest, Form};
use super::twist::{Twist, Walk};
use crate::cpu::{Complex, Lanes, Simd};

/// Columns in the buffer: 512 bytes per row. Visits of half that length would
/// keep hundreds of rows in L1, but reading them from memory costs more.
pub(super) const WIDTH: usize = 32;

/// Columns of finished digits that are gathered before they move to the result: see `sweep`.
pub(super) const STAGE_MAX: usize = 128;

const _: () = assert!(THREADS_FROM >= TWIST_FROM, "threads share the columns of a buffer each");

/// The common parameters of the top passes of a product.
pub(super) struct Top<'a> {
    pub(super) design: &'a Design,
    pub(super) forest: &'static Forest,
    pub(super) twist: Option<Arc<Twist>>,
    /// The tree passes, from the root on.
    steps: Vec<Step>,
    /// Columns of the part of each thread: all of them, if there is one thread.
    pub(super) part: usize,
}

/// One of the tree passes: from nodes of this depth on, in all trees.
struct Step {
    depth: u32,
    radix: usize,
    nodes: &'static [f64],
}

impl Step {
    /// The passes of a design, computed once for all columns.
    fn all(design: &Design, forest: &'static Forest, lanes: usize) -> Vec<Self> {
        let mut steps = Vec::new();
        let mut depth = 0;
        while depth < design.row_levels {
            let radix = radix(1 << (design.row_levels - depth), lanes);
            steps.push(Self { depth, radix, nodes: forest.nodes(depth) });
            depth += radix.trailing_zeros();
        }
        steps
    }

    /// Over the rows `x` of tree `s`.
    #[inline(always)]
    fn run<S: Simd, const UP: bool>(&self, simd: S, x: &mut [Complex<S::F>], s: usize) {
        let len = Form::of::<S>().node_len();
        let nodes = self.nodes[(s << self.depth) * len..].chunks_exact(len);
        for (x, node) in x.chunks_exact_mut(x.len() >> self.depth).zip(nodes) {
            simd.call(Pass::<S, UP> { x, radix: self.radix, node });
        }
    }
}

impl<'a> Top<'a> {
    pub(super) fn new(design: &'a Design, threads: usize) -> Self {
        let lanes = design.level.lanes();
        let forest = Forest::get(design.radix, Form::at(design.level));
        let twist = design.twisted().then(|| Twist::get(design, forest, lanes, WIDTH));
        // Parts are made of whole stages.
        let part = design.columns.div_ceil(threads).next_multiple_of(STAGE_MAX).min(design.columns);
        Self { design, forest, twist, steps: Step::all(design, forest, lanes), part }
    }

    /// The weights of the columns from `first` on.
    pub(super) fn walk(&self, first: usize) -> Option<Walk<'_>> {
        self.twist.as_deref().map(|twist| Walk::new(twist, first))
    }

    /// True if there is no buffer; one thread then does all.
    pub(super) fn in_place(&self) -> bool {
        self.twist.is_none()
    }

    /// Threads that get a part.
    pub(super) fn parts(&self) -> usize {
        self.design.columns.div_ceil(self.part)
    }

    /// Doubles in the buffer of one part.
    pub(super) fn buffer_len(&self) -> usize {
        2 * WIDTH * self.design.rows()
    }
}

/// The tree passes of the top pass, forward: over the rows `x` of tree `s`.
#[inline(always)]
pub(super) fn down<S: Simd>(simd: S, x: &mut [Complex<S::F>], s: usize, top: &Top<'_>) {
    for step in &top.steps {
        step.run::<S, false>(simd, x, s);
    }
}

/// The tree passes of the top pass, inverse.
#[inline(always)]
pub(super) fn up<S: Simd>(simd: S, x: &mut [Complex<S::F>], s: usize, top: &Top<'_>) {
    for step in top.steps.iter().rev() {
        step.run::<S, true>(simd, x, s);
    }
}

/// The split into `radix` trees (9 is 3 after 3, and 15 is 3 after 5), or its inverse: for
/// the vectors `range` of every tree in the buffer.
#[inline(always)]
pub(super) fn odd_passes<S: Simd, const UP: bool>(
    simd: S,
    x: &mut [Complex<S::F>],
    radix: usize,
    range: Range<usize>,
) {
    let first = match radix {
        1 => return,
        9 => 3,
        15 => 5,
        r => r,
    };
    if !UP {
        first_split::<S, UP>(simd, x, radix, first, &range);
    }
    if radix > 7 {
        let part = x.len() / first;
        let weights = if radix == 9 { &roots().below_three[..] } else { &roots().below_five[..] };
        for (x, w) in x.chunks_exact_mut(part).zip(weights) {
            thirds::<S, UP>(simd, x, w, &range);
        }
    }
    if UP {
        first_split::<S, UP>(simd, x, radix, first, &range);
    }
}

#[inline(always)]
fn first_split<S: Simd, const UP: bool>(
    simd: S,
    x: &mut [Complex<S::F>],
    radix: usize,
    first: usize,
    range: &Range<usize>,
) {
    let tree = x.len() / radix;
    for start in (0..radix / first).map(|m| m * tree + range.start) {
        let range = start..start + range.len();
        match first {
            3 => odd_root::<S, 3, UP>(simd, x, &roots().three, range),
            5 => odd_root::<S, 5, UP>(simd, x, &roots().five, range),
            _ => odd_root::<S, 7, UP>(simd, x, &roots().seven, range),
        }
    }
}

/// The first split: its twiddles are powers of `i` (radix 5) or `-i` (3 and 7).
#[inline(always)]
fn odd_root<S: Simd, const R: usize, const UP: bool>(
    simd: S,
    x: &mut [Complex<S::F>],
    roots: &Roots<R>,
    range: Range<usize>,
) {
    let n = x.len() / R;
    // i^(quarter k) is the twiddle of part k.
    let quarter = if R == 5 { 1 } else { 3 };
    for i in range {
        let mut v = [x[i]; R];
        for k in 1..R {
            let z = x[k * n + i];
            v[k] = if UP { z } else { turned(simd, z, quarter * k) };
        }
        odd_dft::<S, R, UP>(simd, &mut v, roots);
        for k in 0..R {
            x[k * n + i] = if UP { turned(simd, v[k], 3 * quarter * k) } else { v[k] };
        }
    }
}

/// `z i^quarters`
#[inline(always)]
fn turned<S: Simd>(simd: S, z: Complex<S::F>, quarters: usize) -> Complex<S::F> {
    let zero = simd.splat(0.0);
    match quarters % 4 {
        0 => z,
        1 => Complex { re: zero.sub(z.im), im: z.re },
        2 => Complex { re: zero.sub(z.re), im: zero.sub(z.im) },
        _ => Complex { re: z.im, im: zero.sub(z.re) },
    }
}

/// A split into three below the root, with twiddles `w` and `w^2`.
#[inline(always)]
fn thirds<S: Simd, const UP: bool>(
    simd: S,
    x: &mut [Complex<S::F>],
    weights: &[[f64; 2]; 2],
    range: &Range<usize>,
) {
    let n = x.len() / 3;
    let [[c1, s1], [c2, s2]] = *weights;
    let w1 = Complex { re: simd.splat(c1), im: simd.splat(s1) };
    let w2 = Complex { re: simd.splat(c2), im: simd.splat(s2) };
    let roots = &roots().three;
    for i in range.clone() {
        let mut v = [x[i], x[n + i], x[2 * n + i]];
        if !UP {
            v[1] = times::<S::F, false>(v[1], w1);
            v[2] = times::<S::F, false>(v[2], w2);
        }
        odd_dft::<S, 3, UP>(simd, &mut v, roots);
        if UP {
            v[1] = times::<S::F, true>(v[1], w1);
            v[2] = times::<S::F, true>(v[2], w2);
        }
        [x[i], x[n + i], x[2 * n + i]] = v;
    }
}

/// The constants of the odd radices.
struct OddRoots {
    three: Roots<3>,
    five: Roots<5>,
    seven: Roots<7>,
    /// Twiddles of the second split of 9 and of 15: of angles `phi_a / 3` and twice that.
    below_three: [[[f64; 2]; 2]; 3],
    below_five: [[[f64; 2]; 2]; 5],
}

fn roots() -> &'static OddRoots {
    static ROOTS: OnceLock<OddRoots> = OnceLock::new();
    let unit = |turns: f64| {
        let (sin, cos) = (2.0 * PI * turns).sin_cos();
        [cos, sin]
    };
    let below = |quarters: f64| [unit(quarters / 4.0 / 3.0), unit(quarters / 4.0 * 2.0 / 3.0)];
    ROOTS.get_or_init(|| OddRoots {
        three: std::array::from_fn(|k| unit(k as f64 / 3.0)),
        five: std::array::from_fn(|k| unit(k as f64 / 5.0)),
        seven: std::array::from_fn(|k| unit(k as f64 / 7.0)),
        below_three: std::array::from_fn(|a| below(((9 + 4 * a) % 12) as f64 / 3.0)),
        below_five: std::array::from_fn(|a| below(((5 + 4 * a) % 20) as f64 / 5.0)),
    })
}
