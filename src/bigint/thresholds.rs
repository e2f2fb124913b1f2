//! Lengths at which algorithms change hands, in limbs.
//!
//! `cargo bench --bench bigint` prints the tables from which the thresholds of
//! products are read; `PI_SIMD` chooses the level. The length of a product is that of the shorter
//! operand. A const assertion ties each threshold to the least length of its algorithm.

use super::div::newton;
use super::mul::{karatsuba, via_fft};
use crate::cpu::{BASECASE_MAX, Basecase};

/// Thresholds that depend on the processor's vectors.
pub(super) struct Thresholds {
    /// Least lengths at which vectors beat the schoolbook, [`super::mul`]'s `in_vectors`.
    pub(super) vectors: usize,
    pub(super) vectors_square: usize,
    /// A convolution beats vectors where `a b > balance (a + b)`: for operands of one length, from
    /// twice the balance on.
    pub(super) balance: usize,
    /// Least length at which a square is faster as a convolution than in vectors.
    pub(super) vectors_square_end: usize,
    /// Least lengths at which [`karatsuba`] splits operands that vectors do not take.
    pub(super) karatsuba: usize,
    pub(super) karatsuba_square: usize,
    /// Least length at which a factor of two products is transformed once for both; read from
    /// whole runs of `cargo bench --bench pi -- pi/chudnovsky`.
    pub(super) shared: usize,
    /// Least lengths at which a product that vectors do not take is a convolution, [`via_fft`].
    pub(super) fft: usize,
    pub(super) fft_square: usize,
    /// Least length of divisor and quotient at which division is Newton's; smaller where short
    /// products are fast. The bench prints a table for division, too.
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

/// Against 64-bit multiplications 16 limbs take 1.08 of the time, 24 limbs 0.87. Against a convolution 112
/// limbs take 0.89, 120 limbs 1.0, 124 limbs 1.06, 144 limbs 1.3; squares of 88 limbs 0.93, of 96 limbs 1.07.
/// Against Newton's division 96 by 96 limbs take 0.97, 112 by 112 limbs 1.08. Whole runs differ by less than
/// 2 %.
const FMA: Thresholds = Thresholds {
    vectors: 16,
    vectors_square: 28,
    balance: 60,
    vectors_square_end: 94,
    shared: 140,
    newton: 100,
    ..PLAIN
};

/// Against 64-bit multiplications 8 by 8 limbs take 1.04 of the time, 12 by 8 limbs 0.78, 19 by 8 limbs
/// 0.55. Operands of 256 limbs take 0.9 of the time of a convolution, of 288 limbs 1.13; squares of 192 limbs
/// take 0.89, of 208 limbs 1.07.
const IFMA: Thresholds = Thresholds {
    vectors: 8,
    vectors_square: 20,
    balance: 132,
    vectors_square_end: 200,
    shared: 220,
    newton: 40,
    ..PLAIN
};

/// Least length of a number at which a residue proves a number read from text, or text of a radix that is
/// not ten: shorter operands meet no convolution, and the proof would take more than a hundredth of the
/// time.
pub(super) const PROVEN: usize = 200;

/// Least length at which an inverse is [`newton`]'s and not a schoolbook division.
pub(super) const INVERSE: usize = 32;

/// Least length at which decimal text comes from a fraction, and not by dividing off limbs.
pub(super) const DECIMAL_FRACTION: usize = 30;

/// Least length at which text of another radix comes from half-length divisions.
pub(super) const RADIX_DIVISION: usize = 30;

/// Least length, in limbs of digits, above which text is read by halves and a product.
pub(super) const PARSE: usize = 32;

/// Least length at which a residue comes from vectors and not from four sums: the start and end of
/// vectors must pay.
pub(super) const RESIDUE_VECTORS: usize = 32;

const _: () = {
    let mut i = 0;
    while i < 3 {
        let t = [&PLAIN, &FMA, &IFMA][i];
        assert!(t.vectors > 0 && t.vectors_square > 0 && t.vectors_square_end <= BASECASE_MAX + 1);
        assert!(t.karatsuba >= karatsuba::MIN_LEN && t.karatsuba_square >= karatsuba::MIN_LEN);
        // Scratch is counted for both by the threshold of products.
        assert!(t.karatsuba <= t.karatsuba_square);
        assert!(
            t.fft >= via_fft::MIN_LEN && t.fft_square >= via_fft::MIN_LEN && t.shared >= via_fft::MIN_LEN
        );
        assert!(t.newton >= newton::MIN_DIVISION);
        i += 1;
    }
    assert!(INVERSE >= newton::MIN_INVERSE);
    assert!(DECIMAL_FRACTION >= 2 && RADIX_DIVISION >= 2 && PARSE >= 1);
};

/// The thresholds of this processor.
#[inline]
pub(super) fn thresholds() -> &'static Thresholds {
    match Basecase::get() {
        Basecase::None => &PLAIN,
        Basecase::Fma => &FMA,
        Basecase::Ifma => &IFMA,
    }
}

/// Least length at which a factor of two products is best transformed once for both.
pub(crate) fn shared_from() -> usize {
    thresholds().shared
}

/// Least length of divisor and quotient at which division is Newton's.
pub(super) fn newton_from() -> usize {
    thresholds().newton
}
