//! Large transforms: every row brought to the same ring.
//!
//! After the top pass, row `r` is a polynomial modulo `x^C - e^(2 pi i phi_r)`,
//! `C` columns. Substituting `x = theta y` with
//! `theta = e^(2 pi i (phi_r - 1/4) / C)` makes that `y^C - i`: coefficient
//! `j` is multiplied by `theta^j`. All rows then use one small table of
//! twiddles that stays in L2, where a table of its own for each row would have
//! to be read from memory with the row.
//!
//! `theta^j` is a root of unity of order `4M`, with the exponent `u_r j`; such
//! a root is the product of one entry of a coarse and one of a fine table.

use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};

use super::butterfly::times;
use super::plan::Design;
use super::twiddle::Forest;
use crate::simd::{Buffer, Complex, Simd};

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
    /// `theta^j` for the first `width` columns of each row, as complex vectors.
    near: Buffer,
}

impl Twist {
    /// The weights of a design, kept for a while: several products share a length.
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
            near: Buffer::zeroed(2 * width * design.rows()),
        };
        for row in 0..design.rows() {
            for j in 0..width {
                let (re, im) = twist.weight(row, j);
                let at = 2 * (row * width + j / lanes * lanes) + j % lanes;
                twist.near[at] = re;
                twist.near[at + lanes] = im;
            }
        }
        twist
    }

    /// `theta^j` of a row.
    #[inline(always)]
    fn weight(&self, row: usize, j: usize) -> (f64, f64) {
        // u < 4 rows and j < columns: the product is below 4 points.
        let x = self.steps[row] * j % self.order;
        let (a, b) = (self.coarse[x >> self.shift], self.fine[x & ((1 << self.shift) - 1)]);
        (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
    }

    /// The weights of `row` from column `first` on: multiply by the vectors in `near`.
    #[inline(always)]
    pub(super) fn base<S: Simd>(&self, simd: S, row: usize, first: usize) -> Complex<S::F> {
        let (re, im) = self.weight(row, first);
        Complex { re: simd.splat(re), im: simd.splat(im) }
    }

    /// The vectors `theta^j`, `j < width`, of a row.
    #[inline(always)]
    pub(super) fn near<S: Simd>(&self, simd: S, row: usize) -> &[Complex<S::F>] {
        let n = self.width / S::LANES;
        &simd.view(&self.near)[row * n..][..n]
    }
}

/// `to = from * weights`, past the caches if `stream`.
#[inline(always)]
pub(super) fn twist_into<S: Simd>(
    to: &mut [Complex<S::F>],
    from: &[Complex<S::F>],
    base: Complex<S::F>,
    near: &[Complex<S::F>],
    stream: bool,
) {
    let n = to.len();
    let (from, near) = (&from[..n], &near[..n]);
    for k in 0..n {
        let z = times::<S::F, false>(from[k], times::<S::F, false>(near[k], base));
        store::<S>(&mut to[k], z, stream);
    }
}

/// `to = from * conj(weights)`.
#[inline(always)]
pub(super) fn untwist<S: Simd>(
    to: &mut [Complex<S::F>],
    from: &[Complex<S::F>],
    base: Complex<S::F>,
    near: &[Complex<S::F>],
) {
    let n = to.len();
    let (from, near) = (&from[..n], &near[..n]);
    for k in 0..n {
        to[k] = times::<S::F, true>(from[k], times::<S::F, false>(near[k], base));
    }
}

#[inline(always)]
fn store<S: Simd>(to: &mut Complex<S::F>, z: Complex<S::F>, stream: bool) {
    use crate::simd::Lanes;
    if stream {
        z.re.stream(&mut to.re);
        z.im.stream(&mut to.im);
    } else {
        *to = z;
    }
}
