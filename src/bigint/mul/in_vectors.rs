//! Short products by [`crate::cpu::multiply_basecase`], where the processor has it.

use crate::anatomy;
use crate::bigint::thresholds::thresholds;
use crate::cpu::multiply_basecase;

/// `out = a b` if it is best done here; else false and nothing.
#[inline]
pub(super) fn mul_if_it_pays(out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    pays(a.len(), b.len()) && mul(out, a, b)
}

/// Tells whether products of `n` by `m` limbs are best done here, where there are vectors.
#[inline]
pub(super) fn pays(n: usize, m: usize) -> bool {
    let t = thresholds();
    n.min(m) >= t.vectors && n * m <= t.balance * (n + m)
}

/// `out = a^2` if it is best done here; else false and nothing.
#[inline]
pub(super) fn square_if_it_pays(out: &mut [u64], a: &[u64]) -> bool {
    let t = thresholds();
    (t.vectors_square..t.vectors_square_end).contains(&a.len()) && mul(out, a, a)
}

/// `out = a b`; or false and nothing, if the processor or the lengths are not suitable.
#[inline]
pub(super) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    anatomy::short(a.len(), b.len(), || multiply_basecase(out, a, b))
}
