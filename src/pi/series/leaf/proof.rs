//! The residues of P, Q and T from the terms alone: what the long numbers are proved by.
//!
//! ```text
//! P = p_k P,  T = q_k T +- a_k P,  Q = q_k Q      from the first term to the last
//! ```
//! The primes that a leaf removes are divided out at the end.

use crate::bigint::residue::{PRIME, fold, inverse, power_of_two, times};
use crate::pi::series::Term;

/// Residues modulo [`PRIME`], up to some units above it.
pub(super) struct Residues {
    pub(super) p: u64,
    pub(super) q: u64,
    pub(super) t: u64,
}

impl Residues {
    /// No terms.
    pub(super) fn new() -> Self {
        Self { p: 1, q: 1, t: 0 }
    }

    /// Appends a term.
    #[inline]
    pub(super) fn push(&mut self, term: &Term, subtract: bool) {
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let q = fold(product(fold(term.q), fold(term.c.into())));
        self.p = fold(product(self.p, fold(term.p)));
        let signed = if subtract { 2 * PRIME - self.p } else { self.p };
        self.t = fold(product(self.t, q) + product(fold(term.a.into()), signed));
        self.q = fold(product(self.q, q));
    }

    /// The residues of P, Q and T without the factor `removed`, and of Q without `zeros` limbs of zeros.
    pub(super) fn finish(self, removed: u64, zeros: usize) -> Self {
        let left = if removed == 1 { 1 } else { inverse(removed) };
        let without_zeros = power_of_two(61 - 64 * zeros % 61);
        Self { p: times(self.p, left), q: times(times(self.q, left), without_zeros), t: times(self.t, left) }
    }
}
