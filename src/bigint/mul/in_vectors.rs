//! Short products by [`crate::simd::multiply_basecase`], where the processor has it.
//!
//! `cargo bench --bench bigint -- mul/crossover` prints the times that the bounds are read from: operands of
//! 256 limbs take 0.9 of the time of a convolution, of 288 limbs 1.13; squares of 192 limbs 0.89, of 208 limbs 1.07.

use crate::simd::multiply_basecase;

/// From this length of the shorter operand on, and of squares.
const FROM: usize = 12;
const SQUARES_FROM: usize = 20;
/// A convolution is faster from `a b > BALANCE (a + b)` on, for operands of equal length from twice that.
const BALANCE: usize = 132;
/// Squares from this length on are faster as convolutions.
const SQUARES_TO: usize = 200;

/// Whether operands of these lengths are best multiplied here.
#[inline]
pub(super) fn pays(a: usize, b: usize) -> bool {
    a.min(b) >= FROM && a * b <= BALANCE * (a + b)
}

/// Whether a square is best computed here.
#[inline]
pub(super) fn square_pays(n: usize) -> bool {
    (SQUARES_FROM..SQUARES_TO).contains(&n)
}

/// `out = a b`; or false and nothing, if the processor or the lengths are not suitable.
#[inline]
pub(super) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    multiply_basecase(out, a, b)
}
