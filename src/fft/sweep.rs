//! The sweep over the columns of a product: rounding, carries and packing.
//!
//! Each lane has a row of its own, with its own carry. Eight digits are exactly `bits` bytes, so every group
//! of eight is written as three words, and the next group overwrites the excess. Rows lie powers of two
//! apart, in the same cache sets; so the bytes are gathered in a small stage and leave it some cache
//! lines at a time.
//!
//! Rounding adds about `1.5 * 2^52`: the integer then stands in the mantissa,
//! and the carry is a shift of the bit pattern: see [`magic`]. The largest
//! distance between a value and its integer is the rounding error that
//! certifies the product.

use super::plan::Design;
use super::top_pass::{STAGE_MAX, WIDTH};
use crate::cpu::{Complex, Lanes, Simd};
use crate::memory::{Columns, Limbs, as_bytes, as_bytes_mut};

/// The number to add for rounding; its bit pattern is `bias (2^bits - 1)`.
///
/// Carries are kept larger by `bias`. Pattern and carry then sum to `bias 2^bits + digit + carry`: the low
/// bits are the digit, and the bits above are the next carry, larger by `bias` again.
fn magic(bits: u32) -> (f64, u64) {
    let about = 6_755_399_441_055_744.0_f64.to_bits(); // 1.5 * 2^52
    let bias = about / ((1 << bits) - 1);
    (f64::from_bits(bias * ((1 << bits) - 1)), bias)
}

/// The state of the sweep over the columns.
pub(super) struct Sweep<'a, S: Simd> {
    simd: S,
    design: &'a Design,
    scale: S::F,
    magic: S::F,
    error: S::F,
    /// The bits of all errors: those of a NaN or of an error above 2 set the top bit of the exponent.
    seen: S::F,
    /// A carry for each row of real parts, then of imaginary parts, each padded to whole vectors;
    /// larger by `bias`.
    carries: Vec<u64>,
    bias: u64,
    stage: Stage,
}

/// The rounded digits of some rows, one row in each lane: those of the real, then of the imaginary parts.
type Digits<F> = [[F; WIDTH]; 2];

/// Finished digits of every row, on their way to the result.
pub(super) struct Stage {
    memory: Limbs,
    /// Columns in the stage, and bytes from row to row.
    columns: usize,
    pitch: usize,
}

/// Bytes that the last group of eight digits may write beyond its end.
const SLACK: usize = 24;

impl Stage {
    pub(super) fn new(design: &Design) -> Self {
        let columns = design.columns.min(STAGE_MAX);
        let pitch = columns / 8 * design.bits as usize + SLACK;
        // All that leaves the stage has been written before.
        let memory = Limbs::dirty((2 * design.rows() * pitch).div_ceil(8));
        Self { memory, columns, pitch }
    }

    /// Moves all rows to their places in `out`; `first` is the stage's first column.
    fn leave(&self, bits: usize, first: usize, out: &mut Columns<'_, u8>) {
        let n = self.pitch - SLACK;
        let at = first / 8 * bits;
        for (row, bytes) in as_bytes(&self.memory).chunks_exact(self.pitch).enumerate() {
            let to = out.row(row, at..at + n);
            to.copy_from_slice(&bytes[..to.len()]);
        }
    }
}

impl<'a, S: Simd> Sweep<'a, S> {
    #[inline(always)]
    pub(super) fn new(simd: S, design: &'a Design, stage: Stage) -> Self {
        let padded = design.rows().next_multiple_of(S::LANES);
        let (magic, bias) = magic(design.bits);
        Self {
            simd,
            design,
            scale: simd.splat(1.0 / design.points() as f64),
            magic: simd.splat(magic),
            error: simd.splat(0.0),
            seen: simd.splat(0.0),
            carries: vec![bias; 2 * padded],
            bias,
            stage,
        }
    }

    /// Prefetches the places of the digits in `out`: those of some rows at each visit.
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

    /// Rounds, carries and stages the digits of some rows of every tree in `buffer`, whose rows lie
    /// `pitch` vectors apart.
    #[inline(always)]
    pub(super) fn columns(
        &mut self,
        buffer: &[Complex<S::F>],
        pitch: usize,
        first: usize,
        top: usize,
        count: usize,
    ) {
        let rows = self.design.rows();
        let (first_top, step) =
            if count < S::LANES { (0, S::LANES) } else { (top, 1 << self.design.row_levels) };
        let byte = first % self.stage.columns / 8 * self.design.bits as usize;
        let mut digits = [[self.simd.splat(0.0); WIDTH]; 2];
        for top in (first_top..rows).step_by(step) {
            let count = S::LANES.min(rows - top);
            self.round(&buffer[top * pitch..], pitch, count, &mut digits);
            for (part, digits) in digits.iter().enumerate() {
                self.carry_and_pack(digits, part, top, count, byte);
            }
        }
    }

    /// Rounds the first `count` rows, and turns them into lanes.
    #[inline(always)]
    fn round(&mut self, buffer: &[Complex<S::F>], pitch: usize, count: usize, digits: &mut Digits<S::F>) {
        let vectors = WIDTH / S::LANES;
        // Spare lanes repeat the last row.
        let mut rows = [&buffer[..vectors]; 8];
        for (l, row) in rows.iter_mut().enumerate().take(S::LANES) {
            *row = &buffer[l.min(count - 1) * pitch..][..vectors];
        }
        let [re, im] = digits;
        let (scale, magic) = (self.scale, self.magic);
        let (mut worst, mut seen) = (self.error, self.seen);
        let places = re.chunks_exact_mut(S::LANES).zip(im.chunks_exact_mut(S::LANES));
        for (k, (re, im)) in places.enumerate() {
            let mut lanes = [[scale; 8]; 2];
            for (l, row) in rows.iter().enumerate().take(S::LANES) {
                let (error_re, error_im);
                (lanes[0][l], error_re) = nearest(row[k].re, scale, magic);
                (lanes[1][l], error_im) = nearest(row[k].im, scale, magic);
                worst = worst.max(error_re.max(error_im));
                seen = seen.or_bits(error_re.or_bits(error_im));
            }
            for (to, lanes) in [re, im].into_iter().zip(&mut lanes) {
                S::F::transpose(&mut lanes[..S::LANES]);
                to.copy_from_slice(&lanes[..S::LANES]);
            }
        }
        (self.error, self.seen) = (worst, seen);
    }

    /// Stages one part of `count` rows from `top` on: eight digits per lane become `bits` bytes,
    /// written as three words.
    #[inline(always)]
    fn carry_and_pack(&mut self, digits: &[S::F], part: usize, top: usize, count: usize, byte: usize) {
        let (bits, pitch) = (self.design.bits, self.stage.pitch);
        let mask = self.simd.splat_bits((1 << bits) - 1);
        let rows = self.design.rows();
        let at = part * rows.next_multiple_of(S::LANES) + top;
        let carries = &mut self.carries[at..][..S::LANES];
        let mut carry = self.simd.load_bits(carries);
        let stage = &mut as_bytes_mut(&mut self.stage.memory)[(part * rows + top) * pitch + byte..];
        for (k, e) in digits.chunks_exact(8).enumerate() {
            let mut e = [e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]];
            for e in &mut e {
                let t = e.add_bits(carry);
                carry = t.shr_bits(bits);
                *e = t.and_bits(mask);
            }
            let p0 = pair(pair(e[0], e[1], bits), e[2], 2 * bits);
            let p1 = pair(pair(e[3], e[4], bits), e[5], 2 * bits);
            let p2 = pair(e[6], e[7], bits);
            let words = [
                pair(p0, p1, 3 * bits),
                pair(p1.shr_bits(64 - 3 * bits), p2, 6 * bits - 64),
                p2.shr_bits(128 - 6 * bits),
            ];
            S::F::store_rows(words, &mut stage[k * bits as usize..], pitch, count);
        }
        carry.store_bits(carries);
    }

    /// Returns the largest error, or a NaN if one of the values was none. Writes into `carries`, for
    /// each row in the order of digits, the byte to which the row carries out before column `end`, and
    /// the carry.
    #[inline(always)]
    pub(super) fn finish(self, carries: &mut [(usize, i64)], end: usize) -> f64 {
        let (mut lanes, mut bits) = ([0.0; 8], [0; 8]);
        self.error.store(&mut lanes);
        self.seen.store_bits(&mut bits);
        carried_out(self.design, &self.carries, self.bias, carries, end);
        // The maximum may have dropped a NaN.
        let too_large = bits.into_iter().any(|bits| bits >> 62 & 1 == 1);
        if too_large { f64::NAN } else { lanes.into_iter().fold(0.0, f64::max) }
    }
}

/// The carries of [`Sweep::finish`], the same on every level.
fn carried_out(design: &Design, found: &[u64], bias: u64, carries: &mut [(usize, i64)], end: usize) {
    let rows = design.rows();
    let padded = found.len() / 2;
    let found = [0, padded].into_iter().flat_map(|at| &found[at..at + rows]);
    for (row, (to, &carry)) in carries.iter_mut().zip(found).enumerate() {
        let byte = (row * design.columns + end) / 8 * design.bits as usize;
        *to = (byte, carry.wrapping_sub(bias) as i64);
    }
}

/// `lo + hi 2^n`
#[inline(always)]
fn pair<F: Lanes>(lo: F, hi: F, n: u32) -> F {
    lo.or_bits(hi.shl_bits(n))
}

/// The nearest integer to `x scale`, in the low bits, and its distance.
#[inline(always)]
fn nearest<F: Lanes>(x: F, scale: F, magic: F) -> (F, F) {
    let y = x.mul_add(scale, magic);
    (y, x.neg_mul_add(scale, y.sub(magic)).abs())
}
