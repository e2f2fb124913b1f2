//! From limbs to the rows of a transform: digit extraction fused with the top pass.

use super::columns;
use super::plan::{Design, Ring};
use super::twiddle::Forest;
use super::twist::{Twist, twist_into};
use crate::simd::{Buffer, Complex, DigitSpec, Kernel, Lanes, Simd, as_bytes};

/// Transforms of this many points are written past the caches, which could not hold them.
const STREAM_FROM: usize = 1 << 18;

/// Fills `x` with the rows of operand `a` after the top pass.
pub(super) struct Split<'a, S: Simd> {
    pub(super) design: &'a Design,
    pub(super) forest: &'a Forest,
    pub(super) a: &'a [u64],
    pub(super) x: &'a mut [Complex<S::F>],
}

impl<S: Simd> Kernel<S> for Split<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, simd: S) {
        let Self { design, forest, a, x } = self;
        let (rows, stride, half) = (design.rows(), design.columns / S::LANES, design.points());
        let width = columns::WIDTH;
        let vectors = width / S::LANES;
        let twist = design.twisted().then(|| Twist::get(design, forest, S::LANES, width));
        let stream = half >= STREAM_FROM;
        let mut memory = Buffer::dirty(2 * width * rows);
        let buffer = simd.view_mut(&mut memory);
        let digits =
            Digits { bytes: as_bytes(a), bits: design.bits as usize, spec: DigitSpec::new(design.bits) };
        for first in (0..design.columns).step_by(width) {
            for (row, out) in buffer.chunks_exact_mut(vectors).enumerate() {
                let digit = row * design.columns + first;
                digits.extract(simd, digit, half, out);
            }
            if first == 0 && design.ring == Ring::Fermat && top_bit(design, a) {
                // Digit N wraps around to -1 times digit 0.
                let mut one = [0.0; 8];
                one[0] = 1.0;
                buffer[0].re = buffer[0].re.sub(simd.load(&one));
            }
            columns::down(simd, buffer, design, forest);
            for (row, from) in buffer.chunks_exact(vectors).enumerate() {
                let to = &mut x[row * stride + first / S::LANES..][..vectors];
                if let Some(twist) = &twist {
                    let base = twist.base(simd, row, first);
                    twist_into::<S>(to, from, base, twist.near(simd, row), stream);
                } else {
                    columns::copy(to, from);
                }
            }
        }
        if stream {
            simd.fence();
        }
    }
}

/// Whether the topmost digit of `a` modulo `2^K + 1` is negative when balanced.
fn top_bit(design: &Design, a: &[u64]) -> bool {
    a.len() == design.limbs() && a.last().is_some_and(|top| top >> 63 == 1)
}

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
        for (k, out) in out.chunks_exact_mut(per).enumerate() {
            let mut re = [simd.splat(0.0); 4];
            let mut im = re;
            self.eight(simd, digit + 8 * k, &mut re);
            self.eight(simd, digit + half + 8 * k, &mut im);
            for h in 0..per {
                out[h] = Complex { re: re[h], im: im[h] };
            }
        }
    }

    /// Eight digits from `digit` on, a multiple of 8; zeros beyond the end.
    #[inline(always)]
    fn eight<S: Simd>(&self, simd: S, digit: usize, out: &mut [S::F; 4]) {
        let byte = digit / 8 * self.bits;
        if let Some(start) = byte.checked_sub(1)
            && let Some(window) = self.bytes.get(start..start + 32)
        {
            simd.digits8(window.try_into().expect("32 bytes"), &self.spec, out);
        } else if byte <= self.bytes.len() {
            let mut window = [0; 32];
            let (at, from) = if byte == 0 { (1, 0) } else { (0, byte - 1) };
            let n = (self.bytes.len() - from).min(32 - at);
            window[at..at + n].copy_from_slice(&self.bytes[from..from + n]);
            simd.digits8(&window, &self.spec, out);
        }
    }
}
