//! Short products by [`crate::simd::multiply_basecase`], where the processor has it.
//!
//! The bounds are estimates, to be checked by `cargo bench --bench bigint -- mul/crossover`: a limb
//! product was taken as 0.14 ns, a convolution as 15 ns per limb of equal operands.

use crate::simd::multiply_basecase;

/// From this length of the shorter operand on, and of squares.
const FROM: usize = 12;
const SQUARES_FROM: usize = 20;
/// A convolution is faster from `a b > BALANCE (a + b)` on, for operands of equal length from twice that.
const BALANCE: usize = 52;
/// Squares from this length on are faster as convolutions.
const SQUARES_TO: usize = 84;

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
