//! From the rows of a product back to limbs: inverse top pass, rounding,
//! carries and packing, then what the rows carry to each other.
//!
//! A row is a run of consecutive digits with carries along it. The carry out of its end is added where the
//! next row begins, after all rows have been written. The parts of a row that different threads write
//! are joined in the same way.

use std::sync::atomic::{AtomicU64, Ordering};

use super::plan::{Design, Ring};
use super::sweep::{Stage, Sweep};
use super::threads;
use super::top_pass::{self, Top};
use crate::cpu::{Simd, Task};
use crate::memory::{Buffer, Columns, as_bytes_mut};

/// Writes the integer that the rows `x` stand for; returns the largest rounding error.
/// For integers, `out` gets the value modulo `2^(64 out.len())` in two's complement;
/// for Fermat rings it has `K/64 + 1` limbs and gets the residue in `0 ..= 2^K`.
pub(super) fn join(top: &Top<'_>, x: &mut [f64], out: &mut [u64]) -> f64 {
    let design = top.design;
    let bits = design.bits as usize;
    let used = match design.ring {
        Ring::Integers => out.len(),
        Ring::Fermat => design.limbs(),
    };
    let end = (2 * design.points() / 8 * bits).div_ceil(8).min(used);
    out[end..].fill(0);
    let mut memory = Buffer::dirty(if top.in_place() { 0 } else { top.parts() * top.buffer_len() });
    let (x, buffer) = if top.in_place() { (&[][..], x) } else { (&*x, &mut *memory) };
    let buffers = buffer.chunks_exact_mut(buffer.len() / top.parts());
    let bytes = Columns::new(as_bytes_mut(&mut out[..used]), design.columns / 8 * bits);
    // All carries between rows: the byte, and the amount. The last one leaves the topmost digit.
    let mut carries = vec![(0, 0); top.parts() * 2 * design.rows()];
    // Non-negative doubles are ordered as their bit patterns; a NaN is above all.
    let error = AtomicU64::new(0);
    let parts =
        bytes.parts(top.part / 8 * bits).zip(buffers).zip(carries.chunks_exact_mut(2 * design.rows()));
    let parts = parts.map(|((out, buffer), carries)| (out, buffer, carries, Stage::new(design)));
    threads::each(parts, |(out, buffer, carries, stage)| {
        design.level.run(Join { top, x, out, buffer, carries, stage, error: &error });
    });
    #[cfg_attr(not(test), expect(unused_mut))]
    let mut error = f64::from_bits(error.into_inner());
    #[cfg(test)]
    super::fault::after_join(&mut error, &mut carries, out);
    settle(design, &carries, out);
    error
}

/// The columns of one part, by way of a small buffer.
struct Join<'a> {
    top: &'a Top<'a>,
    x: &'a [f64],
    /// The bytes of its columns.
    out: Columns<'a, u8>,
    /// Some columns at a time; or all rows, in place of `x`.
    buffer: &'a mut [f64],
    /// The carry of each row out of the end of the part.
    carries: &'a mut [(usize, i64)],
    stage: Stage,
    /// The bits of the largest rounding error of all parts.
    error: &'a AtomicU64,
}

impl Task for Join<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { top, x, mut out, buffer, carries, stage, error } = self;
        let (design, buffer) = (top.design, simd.view_mut(buffer));
        // An empty slice is not aligned for vectors.
        let x = if top.in_place() { &[][..] } else { simd.view(x) };
        let bits = design.bits as usize;
        let (rows, trees, stride) = (design.rows(), design.radix, design.columns / S::LANES);
        let width = top_pass::WIDTH;
        let vectors = width / S::LANES;
        let part = out.range().start / bits * 8..out.range().end / bits * 8;
        let mut sweep = Sweep::new(simd, design, stage);
        let mut walk = top.walk(part.start);
        for first in part.clone().step_by(width) {
            if let Some(walk) = &mut walk {
                threads::check();
                walk.advance();
            }
            let tree = buffer.len() / trees;
            for (s, buffer) in buffer.chunks_exact_mut(tree).enumerate() {
                if top.in_place() && first > part.start {
                    break;
                }
                let fetched = if top.in_place() { 0 } else { tree / vectors };
                for (k, to) in buffer.chunks_exact_mut(vectors).take(fetched).enumerate() {
                    let row = s * (rows / trees) + k;
                    let from = &x[row * stride + first / S::LANES..][..vectors];
                    if let Some(walk) = &walk {
                        walk.weights(simd, row).undo(to, from);
                    }
                    let next = 16 * (row * design.columns + first + width);
                    for line in 0..width / 4 {
                        simd.prefetch(x, next + 64 * line);
                    }
                }
                top_pass::up(simd, buffer, s, top);
            }
            let pitch = buffer.len() / rows;
            let from = if top.in_place() { first / S::LANES } else { 0 };
            let at_once = sweep.rows_at_once();
            for row in (0..rows / trees).step_by(at_once) {
                let run = if top.in_place() { 1 } else { at_once };
                for row in (row..row + at_once).step_by(run) {
                    let from = row * pitch + from;
                    top_pass::odd_passes::<S, true>(simd, buffer, trees, from..from + run * vectors);
                }
                sweep.columns(&buffer[from..], pitch, first, row, at_once);
            }
            if top.twist.is_some() {
                sweep.approach(first, &mut out);
            }
            sweep.leave(first + width, &mut out);
        }
        let found = sweep.finish(carries, part.end);
        error.fetch_max(found.to_bits(), Ordering::Relaxed);
    }
}

/// Adds the carries out of the rows to the digits that follow.
fn settle(design: &Design, carries: &[(usize, i64)], out: &mut [u64]) {
    let (last, inner) = carries.split_last().expect("there are rows");
    match design.ring {
        Ring::Integers => {
            for &(byte, carry) in carries {
                add_at(out, byte, carry);
            }
        }
        Ring::Fermat => {
            let (top, digits) = out.split_last_mut().expect("a limb above the modulus");
            let mut wrapped = last.1;
            for &(byte, carry) in inner {
                wrapped += add_at(digits, byte, carry);
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

/// Adds `value * 2^(8 byte)`; returns the carry out of the top: -1, 0 or 1.
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
    // With one limb the upper half of the value has no place, and is cut off like all beyond.
    carry as i64 - (sign & 1) as i64
}
