//! The sweep over the columns of a product: rounding, carries and packing.
//!
//! Different rows stand in different lanes, each with its own carry. Eight
//! digits are exactly `bits` bytes, so every group of eight is written as three words, of which
//! the next group overwrites what is too much. Rows lie powers of two apart,
//! in the same cache sets: so the bytes are gathered in a small stage and
//! leave it some cache lines at a time.
//!
//! Rounding adds `1.5 * 2^52`: the integer then stands in the mantissa, and
//! the carry is a shift of the bit pattern. The largest distance between a
//! value and its integer is the rounding error that certifies the product.

use super::columns::{STAGE_MAX, WIDTH};
use super::plan::Design;
use crate::simd::{Columns, Complex, Lanes, Simd};

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// The state of the sweep over the columns.
pub(super) struct Sweep<'a, S: Simd> {
    simd: S,
    design: &'a Design,
    scale: S::F,
    error: S::F,
    /// A carry for each row of real parts, then of imaginary parts, each padded to whole vectors;
    /// larger by `bias`.
    carries: Vec<u64>,
    stage: Stage,
}

/// Finished digits of every row, on their way to the result.
pub(super) struct Stage {
    bytes: Vec<u8>,
    /// Columns that it takes, and the bytes of a row between two others.
    columns: usize,
    pitch: usize,
}

/// Bytes by which a group of eight digits may be written too far.
const SLACK: usize = 24;

impl Stage {
    pub(super) fn new(design: &Design) -> Self {
        let columns = design.columns.min(STAGE_MAX);
        let pitch = columns / 8 * design.bits as usize + SLACK;
        Self { bytes: vec![0; 2 * design.rows() * pitch], columns, pitch }
    }

    /// Moves all rows to their places in `out`; `first` is the stage's first column.
    fn leave(&self, bits: usize, first: usize, out: &mut Columns<'_, u8>) {
        let n = self.pitch - SLACK;
        let at = first / 8 * bits;
        for (row, bytes) in self.bytes.chunks_exact(self.pitch).enumerate() {
            let to = out.row(row, at..at + n);
            to.copy_from_slice(&bytes[..to.len()]);
        }
    }
}

impl<'a, S: Simd> Sweep<'a, S> {
    #[inline(always)]
    pub(super) fn new(simd: S, design: &'a Design, stage: Stage) -> Self {
        let padded = design.rows().next_multiple_of(S::LANES);
        Self {
            simd,
            design,
            scale: simd.splat(1.0 / design.points() as f64),
            error: simd.splat(0.0),
            carries: vec![MAGIC.to_bits() >> design.bits; 2 * padded],
            stage,
        }
    }

    /// Brings the places nearer to which digits will move: those of some rows at each visit.
    #[inline(always)]
    pub(super) fn approach(&self, first: usize, out: &mut Columns<'_, u8>) {
        let within = first % self.stage.columns;
        let n = self.stage.pitch - SLACK;
        let at = (first - within) / 8 * self.design.bits as usize;
        for row in (within / WIDTH..2 * self.design.rows()).step_by(self.stage.columns / WIDTH) {
            let to = out.row(row, at..at + n);
            for byte in (0..n + 63).step_by(64) {
                self.simd.prefetch(to, byte);
            }
        }
    }

    /// Empties the stage when the columns before `next` fill it.
    #[inline(always)]
    pub(super) fn leave(&self, next: usize, out: &mut Columns<'_, u8>) {
        if next.is_multiple_of(self.stage.columns) {
            self.stage.leave(self.design.bits as usize, next - self.stage.columns, out);
        }
    }

    /// Rows of each tree that are swept together: as many as there are lanes,
    /// or all, if trees are so small that a vector takes rows of several.
    #[inline(always)]
    pub(super) fn rows_at_once(&self) -> usize {
        (1 << self.design.row_levels).min(S::LANES)
    }

    /// Rounds, carries and stages the digits of some rows of every tree in `buffer`.
    #[inline(always)]
    pub(super) fn columns(&mut self, buffer: &[Complex<S::F>], first: usize, top: usize, count: usize) {
        let rows = self.design.rows();
        let (first_top, step) =
            if count < S::LANES { (0, S::LANES) } else { (top, 1 << self.design.row_levels) };
        for top in (first_top..rows).step_by(step) {
            self.rows(buffer, first, top, S::LANES.min(rows - top));
        }
    }

    /// Rounds, carries and stages the digits of `count` rows, one for each lane.
    #[inline(always)]
    fn rows(&mut self, buffer: &[Complex<S::F>], first: usize, top: usize, count: usize) {
        let rows = self.design.rows();
        let vectors = buffer.len() / rows;
        let per = 8 / S::LANES;
        for part in 0..2 {
            let at = part * rows.next_multiple_of(S::LANES) + top;
            let mut carry = self.simd.load_bits(&self.carries[at..]);
            for octet in 0..vectors / per {
                let mut d = [self.simd.splat(0.0); 8];
                for h in 0..per {
                    for l in 0..count {
                        let z = buffer[(top + l) * vectors + octet * per + h];
                        d[h * S::LANES + l] = if part == 0 { z.re } else { z.im };
                    }
                }
                self.round(&mut d);
                for d in d.chunks_exact_mut(S::LANES) {
                    S::F::transpose(d);
                }
                let words = self.carry_and_pack(&d, &mut carry);
                self.write(words, part * rows + top, count, first + 8 * octet);
            }
            carry.store_bits(&mut self.carries[at..]);
        }
    }

    #[inline(always)]
    fn round(&mut self, d: &mut [S::F; 8]) {
        let magic = self.simd.splat(MAGIC);
        let mut errors = *d;
        for (d, error) in d.iter_mut().zip(&mut errors) {
            let y = d.mul_add(self.scale, magic);
            *error = d.neg_mul_add(self.scale, y.sub(magic)).abs();
            *d = y;
        }
        // A tree, for the latency.
        let [a, b, c, d, e, f, g, h] = errors;
        let worst = a.max(b).max(c.max(d)).max(e.max(f).max(g.max(h)));
        self.error = self.error.max(worst);
    }

    /// Eight digits per lane into `bits` bytes per lane, as three words.
    #[inline(always)]
    fn carry_and_pack(&self, d: &[S::F; 8], carry: &mut S::F) -> [S::F; 3] {
        let bits = self.design.bits;
        let mask = self.simd.splat_bits((1 << bits) - 1);
        // The shifted bit pattern is the carry plus this; it is taken off the
        // next digit beforehand, so that the chain is an addition and a shift.
        let bias = self.simd.splat_bits(self.bias());
        let mut e = *d;
        for e in &mut e {
            let t = e.sub_bits(bias).add_bits(*carry);
            *carry = t.shr_bits(bits);
            *e = t.and_bits(mask);
        }
        let p0 = pair(pair(e[0], e[1], bits), e[2], 2 * bits);
        let p1 = pair(pair(e[3], e[4], bits), e[5], 2 * bits);
        let p2 = pair(e[6], e[7], bits);
        [
            pair(p0, p1, 3 * bits),
            pair(p1.shr_bits(64 - 3 * bits), p2, 6 * bits - 64),
            p2.shr_bits(128 - 6 * bits),
        ]
    }

    /// Writes words of `count` rows from `row` on.
    #[inline(always)]
    fn write(&mut self, words: [S::F; 3], row: usize, count: usize, column: usize) {
        let at = row * self.stage.pitch + column % self.stage.columns / 8 * self.design.bits as usize;
        S::F::store_rows(words, &mut self.stage.bytes[at..], self.stage.pitch, count);
    }

    /// What the pattern of `MAGIC` becomes when a digit is shifted out.
    #[inline(always)]
    fn bias(&self) -> u64 {
        MAGIC.to_bits() >> self.design.bits
    }

    /// The largest error; and into `carries` for every row, in order of digits, to which byte and
    /// how much it carries out before column `end`.
    #[inline(always)]
    pub(super) fn finish(self, carries: &mut [(usize, i64)], end: usize) -> f64 {
        let mut lanes = [0.0; 8];
        self.error.store(&mut lanes);
        let rows = self.design.rows();
        let padded = self.carries.len() / 2;
        let found = [0, padded].into_iter().flat_map(|at| &self.carries[at..at + rows]);
        for (row, (to, &carry)) in carries.iter_mut().zip(found).enumerate() {
            let byte = (row * self.design.columns + end) / 8 * self.design.bits as usize;
            *to = (byte, carry.wrapping_sub(self.bias()) as i64);
        }
        lanes.into_iter().fold(0.0, f64::max)
    }
}

/// `lo + hi 2^n`
#[inline(always)]
fn pair<F: Lanes>(lo: F, hi: F, n: u32) -> F {
    lo.or_bits(hi.shl_bits(n))
}
