//! The leaves of [binary splitting](crate::pi::splitting): a few dozen terms, limb by limb.
//!
//! ```text
//! Q = 1, T = 0, and from the last term to the first:
//!     T = p_k (a_k Q +- T)
//!     Q = q_k Q                          both in one pass over the limbs
//! P = p_a ... p_(b-1)                    two factors in a pass
//! ```
//! From the right, T needs no P, and Q is multiplied by two limbs at once: 4.5 products of limbs
//! for each term and limb of T. The merges of a balanced tree take as many, and calls and memory
//! besides. Source: Horner's rule; P, Q, T as defined by Haible and Papanikolaou, "Fast
//! multiprecision evaluation of series of rational numbers" (1998), section 2.1.

use super::{Factors, Terms};
use crate::bigint::limbs::mul_limb_in_place;
use crate::memory::Limbs;
use crate::pi::pqt::{Pqt, Scaled};

/// Limbs by which one term can lengthen a number: one of `a_k` and four of [`Factors`].
const LIMBS_PER_TERM: usize = 5;

/// The terms `a <= k < b`, one after the other.
pub(super) fn leaf<S: Terms>(a: u64, b: u64) -> Pqt {
    let room = LIMBS_PER_TERM * ((b - a) as usize + 1);
    let (mut p, mut sum) = (Product::new(room), Sum::new(room));
    for k in (a..b).rev() {
        let term = S::term(k);
        sum.prepend::<S>(term.a, &term.p, &term.q);
        term.p.limbs().iter().for_each(|&factor| p.multiply_by(factor));
    }
    let (q, t) = sum.finish();
    Pqt { p: Scaled::exact(p.finish()), q: Scaled::exact(q), t: Scaled::exact(t) }
}

/// `Q` and `T` in the first `len` limbs.
struct Sum {
    q: Limbs,
    t: Limbs,
    len: usize,
}

impl Sum {
    fn new(room: usize) -> Self {
        let (mut q, mut t) = (Limbs::dirty(room), Limbs::dirty(room));
        (q[0], t[0]) = (1, 0);
        Self { q, t, len: 1 }
    }

    /// Adds the term before those that are in the sum.
    #[inline]
    fn prepend<S: Terms>(&mut self, a: u64, p: &Factors, q: &Factors) {
        let (p, q) = (p.limbs(), q.limbs());
        let pair = u128::from(q[0]) * u128::from(q.get(1).copied().unwrap_or(1));
        let end = self.len + 2;
        let (q_limbs, t_limbs) = (&mut self.q[..end], &mut self.t[..end]);
        if S::ALTERNATING {
            step::<true>(q_limbs, t_limbs, a, p[0], pair);
        } else {
            step::<false>(q_limbs, t_limbs, a, p[0], pair);
        }
        self.len = end;
        let (more_p, more_q) = (&p[1..], q.get(2..).unwrap_or_default());
        for k in 0..more_p.len().max(more_q.len()) {
            let times = |number: &mut [u64], factors: &[u64]| {
                let factor = factors.get(k).copied().unwrap_or(1);
                let (top, number) = number.split_last_mut().expect("a limb at least");
                *top = mul_limb_in_place(number, factor, 0);
            };
            times(&mut self.q[..=self.len], more_q);
            times(&mut self.t[..=self.len], more_p);
            self.len += 1;
        }
        while self.q[self.len - 1] == 0 && self.t[self.len - 1] == 0 {
            self.len -= 1;
        }
    }

    fn finish(mut self) -> (Limbs, Limbs) {
        self.q.truncate(self.len);
        self.t.truncate(self.len);
        (self.q, self.t)
    }
}

/// `t = p (a q -+ t)` and `q = m q`, both two limbs longer; the upper two limbs are overwritten.
#[inline]
fn step<const SUBTRACT: bool>(q: &mut [u64], t: &mut [u64], a: u64, p: u64, m: u128) {
    let n = q.len() - 2;
    assert_eq!(t.len(), n + 2);
    let (m0, m1) = (m as u64, (m >> 64) as u64);
    // Carries of a q, of a q -+ t, of p times that sum, and of q m0 and q m1; the products by m1
    // weigh one limb more.
    let (mut ca, mut over, mut cp, mut c0, mut c1, mut below) = (0, false, 0, 0, 0, 0u64);
    for (x, y) in q[..n].iter_mut().zip(&mut t[..n]) {
        let (sum, mut low);
        (sum, ca) = x.carrying_mul(a, ca);
        (*y, over) = if SUBTRACT { sum.borrowing_sub(*y, over) } else { sum.carrying_add(*y, over) };
        (*y, cp) = y.carrying_mul(p, cp);
        (low, c0) = x.carrying_mul(m0, c0);
        (low, c1) = below.carrying_mul_add(m1, low, c1);
        below = *x;
        *x = low;
    }
    // No overflow here: a q -+ t is not negative and has at most n + 1 limbs.
    let top = if SUBTRACT { ca - u64::from(over) } else { ca + u64::from(over) };
    (t[n], t[n + 1]) = top.carrying_mul(p, cp);
    (q[n], q[n + 1]) = below.carrying_mul_add(m1, c0, c1);
}

/// A product of limbs. Factors gather in `pending` until they fill a limb.
struct Product {
    limbs: Limbs,
    len: usize,
    pending: u64,
}

impl Product {
    fn new(room: usize) -> Self {
        let mut limbs = Limbs::dirty(room);
        limbs[0] = 1;
        Self { limbs, len: 1, pending: 1 }
    }

    #[inline]
    fn multiply_by(&mut self, factor: u64) {
        if let Some(product) = self.pending.checked_mul(factor) {
            self.pending = product;
        } else {
            self.multiply_by_pair(u128::from(self.pending) * u128::from(factor));
            self.pending = 1;
        }
    }

    fn multiply_by_pair(&mut self, m: u128) {
        let (m0, m1) = (m as u64, (m >> 64) as u64);
        let (mut c0, mut c1, mut below) = (0, 0, 0u64);
        for x in &mut self.limbs[..self.len] {
            let mut low;
            (low, c0) = x.carrying_mul(m0, c0);
            (low, c1) = below.carrying_mul_add(m1, low, c1);
            below = *x;
            *x = low;
        }
        let n = self.len;
        (self.limbs[n], self.limbs[n + 1]) = below.carrying_mul_add(m1, c0, c1);
        self.len = n + 2 - usize::from(self.limbs[n + 1] == 0);
    }

    fn finish(mut self) -> Limbs {
        self.multiply_by_pair(u128::from(self.pending));
        self.limbs.truncate(self.len);
        self.limbs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::to_big;
    use crate::pi::series::chudnovsky::ChudnovskyTerms;
    use crate::pi::series::gosper::GosperTerms;
    use num_bigint::{BigInt, BigUint};

    fn number(factors: &Factors) -> BigUint {
        factors.limbs().iter().map(|&limb| BigUint::from(limb)).product()
    }

    /// `P, Q, T` by their definition, term after term; `T` has the sign of its first term.
    fn plain<S: Terms>(a: u64, b: u64) -> [BigInt; 3] {
        let (mut p, mut q, mut t) = (BigInt::from(1), BigInt::from(1), BigInt::from(0));
        for k in a..b {
            let term = S::term(k);
            let (p_k, q_k) = (BigInt::from(number(&term.p)), BigInt::from(number(&term.q)));
            (p, q) = (p * p_k, q * &q_k);
            let sign = if S::ALTERNATING && (k - a) % 2 == 1 { -1i64 } else { 1 };
            t = t * q_k + BigInt::from(term.a) * sign * &p;
        }
        [p, q, t]
    }

    fn check<S: Terms>(a: u64, b: u64) {
        let Pqt { p, q, t } = leaf::<S>(a, b);
        let found = [p, q, t].map(|number| {
            assert!(number.exponent == 0 && number.limbs.last() != Some(&0));
            number.check();
            BigInt::from(to_big(&number.limbs))
        });
        assert_eq!(found, plain::<S>(a, b), "{a}..{b}");
    }

    #[test]
    fn leaves_of_every_length_and_far_out() {
        // From 2^19, 2^21 and 2^32 on, the factors of a term take more limbs.
        for start in [1, 2, 1000, 634_000, 700_000, 2_640_000, 3_000_000, 1 << 32, 1 << 33] {
            for len in (1..20).chain([31, 32, 64, 90]) {
                check::<ChudnovskyTerms>(start, start + len);
                check::<GosperTerms>(start, start + len);
            }
        }
    }
}
