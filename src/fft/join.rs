//! From the rows of a product back to limbs: inverse top pass, rounding,
//! carries and packing in one sweep.
//!
//! A row is a run of consecutive digits, and carries along it; different rows
//! stand in different lanes, each with its own carry. Eight digits are exactly
//! `bits` bytes, so every group of eight is written as three words, of which
//! the next group overwrites what is too much. Rows lie powers of two apart,
//! in the same cache sets: so the bytes are gathered in a small stage and
//! leave it some cache lines at a time. What a row carries out at its end is
//! added where the next row begins, when all rows have been written.
//!
//! Rounding adds `1.5 * 2^52`: the integer then stands in the mantissa, and
//! the carry is a shift of the bit pattern. The largest distance between a
//! value and its integer is the rounding error that certifies the product.

use super::columns;
use super::plan::{Design, Ring};
use super::twiddle::Forest;
use super::twist::Twist;
use crate::simd::{Buffer, Complex, Kernel, Lanes, Simd, as_bytes_mut};

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Writes the integer that the rows `x` stand for. For integers, `out` gets
/// the value modulo `2^(64 out.len())` in two's complement; for Fermat rings
/// it has `K/64 + 1` limbs and gets the residue in `0 ..= 2^K`.
pub(super) struct Join<'a, S: Simd> {
    pub(super) design: &'a Design,
    pub(super) forest: &'a Forest,
    pub(super) x: &'a [Complex<S::F>],
    pub(super) out: &'a mut [u64],
}

impl<S: Simd> Kernel<S> for Join<'_, S> {
    /// The largest rounding error.
    type Output = f64;

    #[inline(always)]
    fn run(self, simd: S) -> f64 {
        let Self { design, forest, x, out } = self;
        let (rows, stride) = (design.rows(), design.columns / S::LANES);
        let width = columns::WIDTH;
        let vectors = width / S::LANES;
        let twist = design.twisted().then(|| Twist::get(design, forest, S::LANES, width));
        let mut memory = Buffer::dirty(2 * width * rows);
        let buffer = simd.view_mut(&mut memory);
        let mut sweep = Sweep::new(simd, design);
        let used = match design.ring {
            Ring::Integers => out.len(),
            Ring::Fermat => design.limbs(),
        };
        let end = (2 * design.points() / 8 * design.bits as usize).div_ceil(8).min(used);
        out[end..].fill(0);
        let bytes = as_bytes_mut(&mut out[..used]);
        for first in (0..design.columns).step_by(width) {
            let tree = buffer.len() / design.radix;
            for (s, buffer) in buffer.chunks_exact_mut(tree).enumerate() {
                for (k, to) in buffer.chunks_exact_mut(vectors).enumerate() {
                    let row = s * (rows / design.radix) + k;
                    let from = &x[row * stride + first / S::LANES..][..vectors];
                    if let Some(twist) = &twist {
                        twist.weights(simd, row, first).undo(to, from);
                    } else {
                        columns::copy(to, from);
                    }
                    let next = 16 * (row * design.columns + first + width);
                    for line in 0..width / 4 {
                        simd.prefetch(x, next + 64 * line);
                    }
                }
                columns::up(simd, buffer, s, design, forest);
            }
            let at_once = sweep.rows_at_once();
            for top in (0..rows / design.radix).step_by(at_once) {
                columns::odd_passes::<S, true>(
                    simd,
                    buffer,
                    design.radix,
                    top * vectors..(top + at_once) * vectors,
                );
                sweep.columns(buffer, first, top, at_once);
            }
            if twist.is_some() {
                sweep.stage.approach(simd, design, first, bytes);
            }
            sweep.leave(first + width, bytes);
        }
        #[cfg_attr(not(test), expect(unused_mut))]
        let (mut error, mut carries) = sweep.finish();
        #[cfg(test)]
        break_it(&mut error, &mut carries, out);
        settle(design, &carries, out);
        error
    }
}

/// Does what a test has asked for: see `fault`.
#[cfg(test)]
fn break_it(error: &mut f64, carries: &mut [i64], out: &mut [u64]) {
    use super::fault::{Fault, take};
    match take() {
        Some(Fault::Coefficient) => carries[0] += 1,
        Some(Fault::Carry) => *carries.iter_mut().find(|c| **c != 0).expect("a carry") = 0,
        Some(Fault::Rounding) => *error = 0.49,
        Some(Fault::Bit) => out[3] ^= 1 << 40,
        None => {}
    }
}

/// The state of the sweep over the columns.
struct Sweep<'a, S: Simd> {
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
struct Stage {
    bytes: Vec<u8>,
    /// Columns that it takes, and the bytes of a row between two others.
    columns: usize,
    pitch: usize,
}

/// Bytes by which a group of eight digits may be written too far.
const SLACK: usize = 24;

impl Stage {
    fn new(design: &Design) -> Self {
        let columns = design.columns.min(128);
        let pitch = columns / 8 * design.bits as usize + SLACK;
        Self { bytes: vec![0; 2 * design.rows() * pitch], columns, pitch }
    }

    /// Brings the places nearer to which the rows will move: of some rows for each visit.
    #[inline(always)]
    fn approach<S: Simd>(&self, simd: S, design: &Design, first: usize, out: &[u8]) {
        let bits = design.bits as usize;
        let row_bytes = design.columns / 8 * bits;
        let within = first % self.columns;
        for row in (within / columns::WIDTH..2 * design.rows()).step_by(self.columns / columns::WIDTH) {
            let at = row * row_bytes + (first - within) / 8 * bits;
            for byte in (0..self.pitch - SLACK + 63).step_by(64) {
                simd.prefetch(out, at + byte);
            }
        }
    }

    /// Moves all rows to their places in `out`; `first` is the stage's first column.
    fn leave(&self, design: &Design, first: usize, out: &mut [u8]) {
        let bits = design.bits as usize;
        let row_bytes = design.columns / 8 * bits;
        for (row, bytes) in self.bytes.chunks_exact(self.pitch).enumerate() {
            let at = row * row_bytes + first / 8 * bits;
            if at < out.len() {
                let n = (self.pitch - SLACK).min(out.len() - at);
                out[at..at + n].copy_from_slice(&bytes[..n]);
            }
        }
    }
}

impl<'a, S: Simd> Sweep<'a, S> {
    #[inline(always)]
    fn new(simd: S, design: &'a Design) -> Self {
        let padded = design.rows().next_multiple_of(S::LANES);
        Self {
            simd,
            design,
            scale: simd.splat(1.0 / design.points() as f64),
            error: simd.splat(0.0),
            carries: vec![MAGIC.to_bits() >> design.bits; 2 * padded],
            stage: Stage::new(design),
        }
    }

    /// Empties the stage when the columns before `next` fill it.
    #[inline(always)]
    fn leave(&self, next: usize, out: &mut [u8]) {
        if next.is_multiple_of(self.stage.columns) {
            self.stage.leave(self.design, next - self.stage.columns, out);
        }
    }

    /// Rows of each tree that are swept together: as many as there are lanes,
    /// or all, if trees are so small that a vector takes rows of several.
    #[inline(always)]
    fn rows_at_once(&self) -> usize {
        (1 << self.design.row_levels).min(S::LANES)
    }

    /// Rounds, carries and stages the digits of some rows of every tree in `buffer`.
    #[inline(always)]
    fn columns(&mut self, buffer: &[Complex<S::F>], first: usize, top: usize, count: usize) {
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

    /// The largest error, and the carry out of every row in order of digits.
    #[inline(always)]
    fn finish(self) -> (f64, Vec<i64>) {
        let mut lanes = [0.0; 8];
        self.error.store(&mut lanes);
        let rows = self.design.rows();
        let padded = self.carries.len() / 2;
        let carries = [0, padded].into_iter().flat_map(|at| &self.carries[at..at + rows]);
        let carries = carries.map(|c| c.wrapping_sub(self.bias()) as i64);
        (lanes.into_iter().fold(0.0, f64::max), carries.collect())
    }
}

/// `lo + hi 2^n`
#[inline(always)]
fn pair<F: Lanes>(lo: F, hi: F, n: u32) -> F {
    lo.or_bits(hi.shl_bits(n))
}

/// Adds what the rows carry out to the rows that follow.
fn settle(design: &Design, carries: &[i64], out: &mut [u64]) {
    let row_bytes = design.columns / 8 * design.bits as usize;
    let (last, inner) = carries.split_last().expect("there are rows");
    match design.ring {
        Ring::Integers => {
            for (row, &carry) in carries.iter().enumerate() {
                add_at(out, (row + 1) * row_bytes, carry);
            }
        }
        Ring::Fermat => {
            let (top, digits) = out.split_last_mut().expect("a limb above the modulus");
            let mut wrapped = *last;
            for (row, &carry) in inner.iter().enumerate() {
                wrapped += add_at(digits, (row + 1) * row_bytes, carry);
            }
            *top = 0;
            // 2^K = -1: subtract what has come out at the top, and come back in range.
            let borrow = add_at(digits, 0, -wrapped);
            if borrow < 0 {
                // X - wrapped = digits - 2^K = digits + 1 modulo 2^K + 1
                *top = add_at(digits, 0, 1) as u64;
            } else if borrow > 0 {
                // digits + 2^K = digits - 1, or 2^K itself
                if digits.iter().all(|&d| d == 0) {
                    *top = 1;
                } else {
                    add_at(digits, 0, -1);
                }
            }
        }
    }
}

/// Adds `value * 2^(8 byte)`; returns what leaves at the top: -1, 0 or 1.
fn add_at(limbs: &mut [u64], byte: usize, value: i64) -> i64 {
    let (first, shift) = (byte / 8, 8 * (byte % 8) as u32);
    if value == 0 || first >= limbs.len() {
        return 0;
    }
    let wide = i128::from(value) << shift;
    let mut add = [wide as u64, (wide >> 64) as u64];
    let sign = if value < 0 { u64::MAX } else { 0 };
    let mut carry = 0u64;
    for (k, limb) in limbs[first..].iter_mut().enumerate() {
        let addend = if k < 2 { std::mem::take(&mut add[k]) } else { sign };
        let sum = u128::from(*limb) + u128::from(addend) + u128::from(carry);
        *limb = sum as u64;
        carry = (sum >> 64) as u64;
        // Beyond the value, an addend of 0 without carry, or of -1 with one, changes nothing.
        if k >= 1 && carry == (sign & 1) {
            return 0;
        }
    }
    // One limb only: its upper half has had no place to go, and is cut off like all beyond.
    carry as i64 - (sign & 1) as i64
}
