//! Large transforms: all rows are brought to the same ring.
//!
//! After the top pass, row `r` is a polynomial modulo `x^C - e^(2 pi i phi_r)`,
//! `C` columns. The substitution `x = theta y` with `theta = e^(2 pi i (phi_r - 1/4) / C)` turns the modulus
//! into `y^C - i` and multiplies coefficient `j` by `theta^j`. All rows then share one small table of
//! twiddles, which stays in L2; separate tables would have to be read from memory with each row.
//!
//! `theta^j` is a root of unity of order `4M`, with the exponent `u_r j`. Such a root is the product of an
//! entry of a coarse table and an entry of a fine one.

use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};

use super::butterfly::times;
use super::plan::Design;
use super::twiddle::Forest;
use crate::cpu::{Complex, Lanes, Simd, Streaming};
use crate::memory::Buffer;

/// The weights of one design.
#[derive(Debug)]
pub(super) struct Twist {
    points: usize,
    lanes: usize,
    /// Columns for which `near` holds weights.
    width: usize,
    order: usize,
    shift: u32,
    coarse: Vec<(f64, f64)>,
    fine: Vec<(f64, f64)>,
    /// `u_r` of each row.
    steps: Vec<usize>,
    /// For each row `theta^j` for the first vector of columns, as a complex vector; then
    /// `theta^(lanes k)` for the other vectors of `width` columns.
    near: Buffer,
    /// Doubles in `near` for each row.
    pitch: usize,
}

impl Twist {
    /// The weights of a design, from a cache of the last eight: consecutive products share lengths.
    pub(super) fn get(design: &Design, forest: &Forest, lanes: usize, width: usize) -> Arc<Self> {
        static RECENT: Mutex<Vec<Arc<Twist>>> = Mutex::new(Vec::new());
        let fits = |t: &Arc<Self>| {
            t.points == design.points()
                && t.steps.len() == design.rows()
                && t.lanes == lanes
                && t.width == width
        };
        let lock = || RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(twist) = lock().iter().find(|t| fits(t)) {
            return Arc::clone(twist);
        }
        let twist = Arc::new(Self::new(design, forest, lanes, width));
        let mut recent = lock();
        recent.insert(0, Arc::clone(&twist));
        recent.truncate(8);
        twist
    }

    fn new(design: &Design, forest: &Forest, lanes: usize, width: usize) -> Self {
        let (points, radix, levels) = (design.points(), design.radix, design.row_levels);
        let order = 4 * points;
        let shift = order.ilog2() / 2;
        let unit = |x: usize| {
            let (sin, cos) = (2.0 * PI * (x as f64 / order as f64)).sin_cos();
            (cos, sin)
        };
        let period = (4 * radix) << levels;
        let step = |row: usize| {
            let (s, k) = (row >> levels, row & ((1 << levels) - 1));
            let reversed = if levels == 0 { 0 } else { k.reverse_bits() >> (usize::BITS - levels) };
            (forest.root(s) + 4 * radix * reversed + period - (radix << levels)) % period
        };
        let mut twist = Self {
            points,
            lanes,
            width,
            order,
            shift,
            coarse: (0..=order >> shift).map(|x| unit(x << shift)).collect(),
            fine: (0..1 << shift).map(unit).collect(),
            steps: (0..design.rows()).map(step).collect(),
            near: Buffer::zeroed(0),
            pitch: 2 * (lanes + width / lanes - 1).next_multiple_of(lanes),
        };
        twist.near = Buffer::zeroed(twist.pitch * design.rows());
        for row in 0..design.rows() {
            let at = row * twist.pitch;
            for j in 0..lanes {
                (twist.near[at + j], twist.near[at + lanes + j]) = twist.weight(row, j);
            }
            for k in 1..width / lanes {
                let at = at + 2 * (lanes + k - 1);
                (twist.near[at], twist.near[at + 1]) = twist.weight(row, lanes * k);
            }
        }
        twist
    }

    /// `theta^j` of a row.
    fn weight(&self, row: usize, j: usize) -> (f64, f64) {
        // u < 4 rows and j < columns: the product is below 4 points.
        self.root(self.steps[row] * j % self.order)
    }

    /// The root of unity with this exponent.
    #[inline]
    fn root(&self, x: usize) -> (f64, f64) {
        let (a, b) = (self.coarse[x >> self.shift], self.fine[x & ((1 << self.shift) - 1)]);
        (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
    }
}

/// A walk over the columns, `width` at a time.
pub(super) struct Walk<'a> {
    twist: &'a Twist,
    /// `theta^first` of each row, and the exponents of those that come next. All rows at once, because each
    /// waits for two tables that other data has pushed out of the nearest cache.
    bases: Vec<(f64, f64)>,
    next: Vec<usize>,
}

impl<'a> Walk<'a> {
    /// Before the visit of the columns from `first` on.
    pub(super) fn new(twist: &'a Twist, first: usize) -> Self {
        let next = twist.steps.iter().map(|step| step * first % twist.order).collect();
        Self { twist, bases: vec![(0.0, 0.0); twist.steps.len()], next }
    }

    /// Moves to the next visit.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        let twist = self.twist;
        for ((base, next), step) in self.bases.iter_mut().zip(&mut self.next).zip(&twist.steps) {
            *base = twist.root(*next);
            // Below twice the order, as step < 4 rows and width < columns.
            *next += step * twist.width;
            *next -= if *next >= twist.order { twist.order } else { 0 };
        }
    }

    /// The weights of `row` in this visit.
    #[inline(always)]
    pub(super) fn weights<S: Simd>(&self, simd: S, row: usize) -> Weights<'_, S> {
        let near = &self.twist.near[row * self.twist.pitch..][..self.twist.pitch];
        let (re, im) = self.bases[row];
        let base = Complex { re: simd.splat(re), im: simd.splat(im) };
        let (vector, steps) = near.split_at(2 * S::LANES);
        let vector = Complex { re: simd.load(vector), im: simd.load(&vector[S::LANES..]) };
        Weights { simd, first: times::<S::F, false>(vector, base), steps }
    }
}

/// The weights of `width` columns of one row.
#[derive(Clone, Copy)]
pub(super) struct Weights<'a, S: Simd> {
    simd: S,
    /// The weight of the first vector, and the ratios of the others to it.
    first: Complex<S::F>,
    steps: &'a [f64],
}

impl<S: Simd> Weights<'_, S> {
    #[inline(always)]
    fn at(&self, k: usize) -> Complex<S::F> {
        if k == 0 {
            return self.first;
        }
        let step = &self.steps[2 * k - 2..2 * k];
        let step = Complex { re: self.simd.splat(step[0]), im: self.simd.splat(step[1]) };
        times::<S::F, false>(self.first, step)
    }

    /// `to = from * weights`, past the caches if there is a guard for that.
    #[inline(always)]
    pub(super) fn apply(
        &self,
        to: &mut [Complex<S::F>],
        from: &[Complex<S::F>],
        streaming: Option<&Streaming<S>>,
    ) {
        for (k, (to, from)) in to.iter_mut().zip(from).enumerate() {
            let z = times::<S::F, false>(*from, self.at(k));
            if let Some(guard) = streaming {
                z.re.stream(&mut to.re, guard);
                z.im.stream(&mut to.im, guard);
            } else {
                *to = z;
            }
        }
    }

    /// `to = from * conj(weights)`.
    #[inline(always)]
    pub(super) fn undo(&self, to: &mut [Complex<S::F>], from: &[Complex<S::F>]) {
        for (k, (to, from)) in to.iter_mut().zip(from).enumerate() {
            *to = times::<S::F, true>(*from, self.at(k));
        }
    }
}
