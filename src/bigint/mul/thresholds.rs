//! Where the algorithms change hands, for each way to multiply short numbers.
//!
//! `cargo bench --bench bigint -- mul/crossover` prints the times that all of them are read from; `PI_SIMD` chooses the
//! level. Lengths are in limbs, those of products are the shorter operand's.

use crate::cpu::Basecase;

pub(super) struct Thresholds {
    /// From these lengths on, [`super::in_vectors`] beats the schoolbook.
    pub(super) vectors: usize,
    pub(super) vectors_square: usize,
    /// A convolution beats vectors from `a b > balance (a + b)` on, for operands of one length from twice that.
    pub(super) balance: usize,
    /// Squares from this length on are faster as convolutions than in vectors.
    pub(super) vectors_square_end: usize,
    /// From these lengths on, [`super::karatsuba`] splits what vectors do not take.
    pub(super) karatsuba: usize,
    pub(super) karatsuba_square: usize,
    /// From this length on, a factor of two products is best transformed once for both: read from whole runs of
    /// `cargo bench --bench pi -- pi/chudnovsky`.
    pub(super) shared: usize,
    /// From these lengths on, what vectors do not take is a convolution: [`super::via_fft`].
    pub(super) fft: usize,
    pub(super) fft_square: usize,
    /// From this length of divisor and quotient on, division is Newton's, sooner where short products are fast:
    /// `cargo bench --bench bigint -- div/crossover` prints the times.
    pub(super) newton: usize,
}

/// No vectors: SSE2, NEON and plain Rust.
const PLAIN: Thresholds = Thresholds {
    vectors: usize::MAX,
    vectors_square: usize::MAX,
    balance: 0,
    vectors_square_end: 0,
    shared: 96,
    karatsuba: 32,
    karatsuba_square: 44,
    fft: 72,
    fft_square: 72,
    newton: 70,
};

/// Against 64-bit multiplications 16 limbs take 1.08 of the time, 24 limbs 0.87; against a convolution 144 limbs
/// 0.9 to 1.3, by how well its length fits, squares of 128 limbs 1.1 to 1.3. Whole runs differ by less than 1 % for
/// a balance of 70 to 110.
const FMA: Thresholds = Thresholds {
    vectors: 16,
    vectors_square: 28,
    balance: 88,
    vectors_square_end: 112,
    shared: 140,
    ..PLAIN
};

/// Operands of 256 limbs take 0.9 of the time of a convolution, of 288 limbs 1.13; squares of 192 limbs 0.89, of 208
/// limbs 1.07.
const IFMA: Thresholds = Thresholds {
    vectors: 12,
    vectors_square: 20,
    balance: 132,
    vectors_square_end: 200,
    shared: 220,
    newton: 40,
    ..PLAIN
};

/// Those of this processor.
#[inline]
pub(super) fn thresholds() -> &'static Thresholds {
    match Basecase::get() {
        Basecase::None => &PLAIN,
        Basecase::Fma => &FMA,
        Basecase::Ifma => &IFMA,
    }
}

/// From this length on, a factor of two products is best transformed once for both.
pub(crate) fn shared_from() -> usize {
    thresholds().shared
}

/// From this length of divisor and quotient on, division is Newton's.
pub(crate) fn newton_from() -> usize {
    thresholds().newton
}
