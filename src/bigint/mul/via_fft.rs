//! Products through the convolution of [`crate::fft`].
//!
//! The planner there chooses length and digit width.

use crate::bigint::thresholds::thresholds;
use crate::cancel;
use crate::fft::{self, Plan, Transformed};
use crate::memory::Limbs;

/// The least length of an operand.
pub(in crate::bigint) const MIN_LEN: usize = 1;

/// `out = a b`.
pub(super) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) {
    cancel::check();
    fft::multiply(out, a, b);
}

/// `out = a b` of numbers with their residues.
pub(super) fn mul_known(out: &mut [u64], a: (&[u64], u64), b: (&[u64], u64)) {
    cancel::check();
    fft::multiply_known(out, a, b);
}

/// `out = a^2`.
pub(super) fn square(out: &mut [u64], a: &[u64]) {
    cancel::check();
    fft::square(out, a);
}

/// An operand of wrap-around products: transformed, if that is how they are done.
#[derive(Debug)]
pub(super) struct Cached(Transformed);

impl Cached {
    /// For products with operands of `other_len` limbs modulo `2^(64 m) + 1`, `m >= min_limbs`; none
    /// if a plain product is at least as good.
    pub(super) fn new(a: &[u64], other_len: usize, min_limbs: usize) -> Option<Self> {
        cancel::check();
        let min_limbs = min_limbs.max(a.len()).max(other_len);
        if a.len().min(other_len) < thresholds().fft || a.len() + other_len <= min_limbs {
            return None;
        }
        Some(Self(Plan::for_wraparound_proven_by_caller(min_limbs).transform(a)))
    }

    /// `m`.
    pub(super) fn modulus_limbs(&self) -> usize {
        self.0.plan().modulus_limbs()
    }

    /// `a b` modulo `2^(64 m) + 1` in `m + 1` limbs.
    pub(super) fn product(&self, b: &[u64]) -> Limbs {
        cancel::check();
        let mut out = Limbs::dirty(self.modulus_limbs() + 1);
        fft::multiply_wraparound_cached(&mut out, &self.0, b);
        out
    }

    /// `a^2` modulo `2^(64 m) + 1` in `m + 1` limbs.
    pub(super) fn square(&self) -> Limbs {
        cancel::check();
        let mut out = Limbs::dirty(self.modulus_limbs() + 1);
        fft::multiply_wraparound_transformed(&mut out, &self.0, &self.0);
        out
    }
}
