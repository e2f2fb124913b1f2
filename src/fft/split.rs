//! From limbs to the rows of a transform: digit extraction fused with the top pass.

use super::plan::{self, Design, MAX_BITS, Ring};
use super::threads;
use super::top_pass::{self, Top};
use crate::cpu::{Complex, DigitSpec, Lanes, Simd, Streaming, Task};
use crate::memory::{Buffer, Columns, as_bytes};

/// Points from which on a transform is written past the caches, because they could not hold it.
const STREAM_FROM: usize = 1 << 18;

const _: () = assert!(STREAM_FROM >= plan::TWIST_FROM, "only transforms with a buffer are streamed");

/// An operand, and the rows that it becomes.
pub(super) type Operand<'a> = (&'a [u64], &'a mut [f64]);

/// Fills each `x` with the rows of its operand after the top pass.
pub(super) fn split(top: &Top<'_>, operands: &mut [Operand<'_>]) {
    let (level, pitch) = (top.design.level, 2 * top.design.columns);
    if top.in_place() {
        for (a, buffer) in operands {
            level.run(Split { top, a, x: Columns::new(&mut [], pitch), buffer });
        }
        return;
    }
    let mut memory = Buffer::dirty(top.parts() * top.buffer_len());
    let columns = |operand| {
        let (a, x): &mut (_, &mut _) = operand;
        (*a, Columns::new(x, pitch).parts(2 * top.part))
    };
    let mut operands: Vec<_> = operands.iter_mut().map(columns).collect();
    let parts = memory.chunks_exact_mut(top.buffer_len()).map(|buffer| {
        let part = |(a, parts): &mut (_, _)| (*a, Iterator::next(parts).expect("a part for each buffer"));
        (operands.iter_mut().map(part).collect::<Vec<_>>(), buffer)
    });
    threads::each(parts, |(operands, buffer)| {
        for (a, x) in operands {
            level.run(Split { top, a, x, buffer: &mut *buffer });
        }
    });
}

/// [`split`] for some of the columns.
struct Split<'a> {
    top: &'a Top<'a>,
    a: &'a [u64],
    /// The columns, of two doubles each.
    x: Columns<'a, f64>,
    /// Some columns at a time on their way to `x`; or all rows, if the top pass is done in place.
    buffer: &'a mut [f64],
}

impl Task for Split<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { top, a, mut x, buffer } = self;
        let (design, buffer) = (top.design, simd.view_mut(buffer));
        let (rows, trees, half) = (design.rows(), design.radix, design.points());
        let width = top_pass::WIDTH;
        let vectors = width / S::LANES;
        // Its end is the fence.
        let streaming = (half >= STREAM_FROM).then(|| Streaming::new(simd));
        let digits =
            Digits { bytes: as_bytes(a), bits: design.bits as usize, spec: DigitSpec::new(design.bits) };
        let part = x.range().start / 2..x.range().end / 2;
        let mut walk = top.walk(part.start);
        let pitch = buffer.len() / rows;
        for first in part.clone().step_by(width) {
            let from = if top.in_place() { first / S::LANES } else { 0 };
            for i in 0..rows / trees {
                for row in (0..trees).map(|k| k * (rows / trees) + i) {
                    let out = &mut buffer[row * pitch + from..][..vectors];
                    digits.extract(simd, row * design.columns + first, half, out);
                    simd.prefetch(a, (row * design.columns + first + 2 * width) / 8 * digits.bits);
                }
                let from = i * pitch + from;
                if first == 0 && i == 0 && design.ring == Ring::Fermat && top_bit(design, a) {
                    // The carry into digit N is a carry of -1 into digit 0.
                    let mut one = [0.0; 8];
                    one[0] = 1.0;
                    buffer[0].re = buffer[0].re.sub(simd.load(&one));
                }
                top_pass::odd_passes::<S, false>(simd, buffer, trees, from..from + vectors);
            }
            if top.in_place() && first + width < part.end {
                continue;
            }
            if let Some(walk) = &mut walk {
                walk.advance();
            }
            let tree = buffer.len() / trees;
            for (s, buffer) in buffer.chunks_exact_mut(tree).enumerate() {
                top_pass::down(simd, buffer, s, top);
                let Some(walk) = &walk else { continue };
                for (k, from) in buffer.chunks_exact(vectors).enumerate() {
                    // Within a column too: the first one touches all pages of fresh memory.
                    if k.is_multiple_of(16) {
                        threads::check();
                    }
                    let row = s * (rows / trees) + k;
                    let to = simd.view_mut(x.row(row, 2 * first..2 * (first + width)));
                    walk.weights(simd, row).apply(to, from, streaming.as_ref());
                }
            }
        }
    }
}

/// True if the topmost digit of `a` modulo `2^K + 1` is negative when balanced.
fn top_bit(design: &Design, a: &[u64]) -> bool {
    a.len() == design.limbs() && a.last().is_some_and(|top| top >> 63 == 1)
}

/// Bytes that the windows of one visit to a row take up, at most.
const RUN: usize = top_pass::WIDTH / 8 * MAX_BITS as usize + 32;

/// The balanced digits of an operand.
struct Digits<'a> {
    bytes: &'a [u8],
    bits: usize,
    spec: DigitSpec,
}

impl Digits<'_> {
    /// Points `digit ..` of one row: real parts from there, imaginary parts from `digit + half`.
    #[inline(always)]
    fn extract<S: Simd>(&self, simd: S, digit: usize, half: usize, out: &mut [Complex<S::F>]) {
        let per = 8 / S::LANES;
        for part in 0..2 {
            let byte = (digit + part * half) / 8 * self.bits;
            if byte > self.bytes.len() {
                for out in out.iter_mut() {
                    *place(out, part) = simd.splat(0.0);
                }
                continue;
            }
            // The window of an octet begins one byte early.
            let inner = byte.checked_sub(1).and_then(|start| self.bytes.get(start..)?.get(..RUN));
            let edge;
            let mut bytes = if let Some(bytes) = inner {
                bytes
            } else {
                edge = self.edge(byte);
                &edge[..]
            };
            for out in out.chunks_exact_mut(per) {
                let mut values = [simd.splat(0.0); 4];
                let window = bytes.first_chunk().expect("a window for each octet");
                simd.digits8(window, &self.spec, &mut values);
                for (out, value) in out.iter_mut().zip(values) {
                    *place(out, part) = value;
                }
                bytes = &bytes[self.bits..];
            }
        }
    }

    /// The bytes of a visit whose first octet is at `byte`, zeros outside of the operand.
    #[cold]
    fn edge(&self, byte: usize) -> [u8; RUN] {
        let mut run = [0; RUN];
        let (at, from) = if byte == 0 { (1, 0) } else { (0, byte - 1) };
        let bytes = self.bytes.get(from..).unwrap_or_default();
        let n = bytes.len().min(RUN - at);
        run[at..at + n].copy_from_slice(&bytes[..n]);
        run
    }
}

/// The real or the imaginary part.
#[inline(always)]
fn place<F>(point: &mut Complex<F>, part: usize) -> &mut F {
    if part == 0 { &mut point.re } else { &mut point.im }
}
