//! Products through the convolution of [`crate::fft`].
//!
//! The planner there chooses length and digit width; here is only the lower
//! end, where a transform begins to pay.

use crate::fft::{self, Plan};

/// From this length of the shorter operand on, a product is a convolution.
///
/// `cargo bench --bench bigint -- mul/crossover` prints the table.
pub(super) const THRESHOLD: usize = 120;
/// The same for squares.
pub(super) const SQUARE_THRESHOLD: usize = 120;

/// `out = a b`.
pub(super) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) {
    fft::multiply(out, a, b);
}

/// `out = a^2`.
pub(super) fn square(out: &mut [u64], a: &[u64]) {
    fft::square(out, a);
}

/// `a b` modulo `2^(64 m) + 1` in `m + 1` limbs, `m >= min_limbs`; none if a
/// plain product is at least as good.
pub(super) fn wraparound(a: &[u64], b: &[u64], min_limbs: usize) -> Option<Vec<u64>> {
    let min_limbs = min_limbs.max(a.len()).max(b.len());
    if a.len().min(b.len()) < THRESHOLD || a.len() + b.len() <= min_limbs {
        return None;
    }
    let plan = Plan::for_wraparound(min_limbs);
    let mut out = vec![0; plan.modulus_limbs() + 1];
    fft::multiply_wraparound(&mut out, &plan, a, b);
    Some(out)
}
