//! Certified products of long numbers by a complex floating-point FFT.
//!
//! ```text
//! digits   d_j of both operands, balanced, 11 to 21 bits            split
//! points   z_j = d_j + i d_(j+M), an element of C[x]/(x^M - i)      split
//! values   at the M roots, in bit-reversed order                    transform
//! product  point by point, back again                               transform
//! digits   rounded, carried, packed into limbs                      join, sweep
//! check    rounding error and residue; else again, narrower         certify, redo
//! ```
//! With `x^M = i`, `M` complex points are a real sequence of `2M` digits modulo `x^(2M) + 1`: neither weights
//! nor a real-to-complex step are needed (the "right-angle convolution"). With `2^K = B^(2M)` this is
//! multiplication modulo `2^K + 1`; a product shorter than `K` bits is exact.
//!
//! Sources: Crandall and Fagin, "Discrete weighted transforms and
//! large-integer arithmetic" (1994), for the right-angle convolution and
//! balanced digits; Percival, "Rapid multiplication modulo the sum and
//! difference of highly composite numbers" (2003), for rounding errors;
//! Bernstein, "Fast multiplication and its applications" (2008), for the tree
//! of `x^(2H) - w^2`.
//!
//! Limbs are little-endian 64-bit words. Results are integers and do not
//! depend on the level that computes them.

mod attempt;
mod butterfly;
mod certify;
#[cfg(test)]
mod fault;
mod fermat;
mod join;
mod moduli;
mod modulus;
mod operand;
mod plan;
mod product;
mod redo;
mod run;
mod sign;
mod split;
mod sweep;
#[cfg(test)]
mod tests;
mod threads;
mod top_pass;
mod transform;
mod twiddle;
mod twist;

pub use crate::memory::release as release_memory;
pub use fermat::{multiply_wraparound, multiply_wraparound_cached, multiply_wraparound_transformed};
pub use operand::{Plan, Transformed};
pub use product::{multiply, multiply_add, multiply_cached, multiply_transformed, residue, square};
pub(crate) use product::{multiply_cached_known, multiply_known};
pub use sign::Sign;
pub use threads::with_threads;
pub(crate) use threads::{Job, all};
