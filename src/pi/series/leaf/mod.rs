//! The leaves of [binary splitting](crate::pi::splitting): up to some hundred terms, without their common
//! factors.
//!
//! ```text
//! groups      P, Q, T of some sixteen terms by Horner's rule; common factors are divided out on the way.
//!             With AVX-512 IFMA: eight groups side by side, longer ones
//! merges      g divides P1 and Q2:   T = T1 (Q2/g) + (P1/g) T2
//! ```
//! **Common factors.** Nodes of L terms lose about 3 log2 L - 7 bits of P, Q and T per term, where terms of
//! the Chudnovskys' series have 51, 77 and 95. [`pairs`] knows g without a greatest common divisor. No long
//! number is divided: P and Q stay in factors, one for each group, of which a merge divides each by a limb.
//! P1/g and Q2/g are multiplied from these factors, anew for each merge. For numbers of which a product takes
//! quadratic time, that is no more work than P1 P2 and Q1 Q2, which only the last merge needs.
//!
//! **Memory.** The T of a level lie one behind the other, and so do those of the next level.
//!
//! **Proof.** The residues of P, Q and T follow from closed forms of the terms: see [`proof`].
//!
//! Source: P, Q, T as defined by Haible and Papanikolaou, "Fast multiprecision evaluation of series of
//! rational numbers" (1998), section 2.1; common factors: `gmp-chudnovsky` by Hanhong Xue (2002).

mod blocks;
mod factors;
mod group;
mod lanes;
mod pairs;
mod proof;

pub(in crate::pi::series) use pairs::{Pair, Powers};

use super::Series;
use crate::bigint::limbs::{add_in_place, normalized, normalized_len};
use crate::bigint::mul::{product, product_into};
use crate::bigint::residue::times;
use crate::cancel;
use crate::cpu::Horner;
use crate::memory::Limbs;
use crate::pi::pqt::{Pqt, Scaled};
use factors::Factors;
use group::{Grouping, group};
use pairs::Events;
use proof::Residues;

/// Terms of a leaf, at most: read from whole runs of `cargo bench --bench pi -- anatomy`.
pub(crate) const LEAF_TERMS: u64 = 512;

/// The parts of a leaf that its caller needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needed {
    /// Compute P.
    pub(crate) p: bool,
    /// Remove common factors of P and Q.
    pub(crate) reduce: bool,
}

/// The terms `a <= k < b`, at most [`LEAF_TERMS`].
#[inline(never)]
pub(crate) fn leaf(series: &Series, a: u64, b: u64, needed: Needed) -> Pqt {
    let n = (b - a) as usize;
    let lanes = lanes::of(series, a, n);
    let groups = if lanes.is_some() { lanes::grouping(n) } else { Grouping::of(n) };
    let events =
        if needed.reduce { Events::of(series.powers(), a, n, groups) } else { Events::none(n, groups) };
    let Groups { mut factors, t: mut level } = Groups::new(series, a, groups, &events, lanes);
    let count = groups.count;
    let mut next = Level::new(groups);
    // Two products for a merge, and the halves of halves of each.
    let mut scratch = Limbs::dirty(4 * groups.limbs() * count);
    let mut half = 1;
    while 2 * half < count {
        cancel::check();
        factors.divide(&events, half);
        level.merge_into(&mut next, &factors, half, &mut scratch);
        std::mem::swap(&mut level, &mut next);
        half *= 2;
    }
    // P1 and Q2 of the last merge are parts of P and Q.
    let m = half.min(count);
    factors.divide(&events, half);
    let p1 = Limbs::from(factors.p(0..m, &mut scratch).0);
    let q2 = Limbs::from(factors.q(m..count, &mut scratch).0);
    let p = needed.p.then(|| product(&p1, factors.p(m..count, &mut scratch).0));
    let q = product(factors.q(0..m, &mut scratch).0, &q2);
    let [zeros1, zeros2] = [0..m, m..count].map(|groups| factors.zeros(groups));
    let t = if m < count {
        next.ends.clear();
        next.push(|out| join(out, level.number(0), (&q2, zeros2), &p1, level.number(1), &mut scratch));
        next.only()
    } else {
        level.only()
    };
    let removed = times(events.removed(), (series.cancelled)(a, b));
    let residues = Residues::of(series, a, n).finish(removed, zeros1 + zeros2);
    Pqt {
        p: p.map_or_else(Scaled::default, |p| Scaled::with_residue(p, 0, residues.p, false)),
        q: Scaled::with_residue(q, zeros1 + zeros2, residues.q, false).without_zeros(),
        t: Scaled::with_residue(t, 0, residues.t, false),
    }
}

/// Terms before the first merge.
struct Groups {
    factors: Factors,
    t: Level,
}

impl Groups {
    fn new(series: &Series, a: u64, groups: Grouping, events: &Events, lanes: Option<Horner>) -> Self {
        let mut factors = Factors::with_room(groups);
        let mut t = Level::new(groups);
        let sums = lanes.map(|lanes| lanes::sums(lanes, series, a, groups, &events.divisors));
        let mut terms = Vec::new();
        for (k, divisors) in events.divisors.chunks(groups.terms).enumerate() {
            t.push(|t| {
                let places = [factors.p.next(), factors.q.next(), t];
                let lens = if let Some(sums) = &sums {
                    sums.write(k, places)
                } else {
                    terms.clear();
                    (series.terms)(a + (k * groups.terms) as u64, divisors.len(), &mut terms);
                    #[cfg(test)]
                    tests::damage_some(&mut terms);
                    group(&terms, divisors, series.alternating, places)
                };
                factors.push(lens.p, lens.q, lens.twos);
                lens.t
            });
        }
        Self { factors, t }
    }
}

/// `T1 Q2 + P1 T2` of the groups from `a` to `m` and from there to `b`. Returns the length.
fn merge(
    factors: &Factors,
    [a, m, b]: [usize; 3],
    [t1, t2]: [&[u64]; 2],
    out: &mut [u64],
    scratch: &mut [u64],
) -> usize {
    let (q2, scratch) = factors.q(m..b, scratch);
    let (p1, scratch) = factors.p(a..m, scratch);
    join(out, t1, (q2, factors.zeros(m..b)), p1, t2, scratch)
}

/// `T1 Q2 2^(64 zeros) + P1 T2` to the start of `out`: the left part has an even number of terms. Returns
/// the length.
fn join(
    out: &mut [u64],
    t1: &[u64],
    (q2, zeros): (&[u64], usize),
    p1: &[u64],
    t2: &[u64],
    scratch: &mut [u64],
) -> usize {
    let end = zeros + t1.len() + q2.len();
    out[..zeros].fill(0);
    product_into(&mut out[zeros..end], t1, q2);
    let other = &mut scratch[..p1.len() + t2.len()];
    product_into(other, p1, t2);
    let other = normalized(other);
    let all = end.max(other.len()) + 1;
    out[end] = 0;
    if all > end + 1 {
        out[end..all].fill(0);
    }
    let carry = add_in_place(&mut out[..all], other);
    debug_assert!(!carry);
    #[cfg(test)]
    crate::bigint::testing::faults::damage(&mut out[..all]);
    normalized_len(&out[..all])
}

/// Numbers one behind the other.
struct Level {
    limbs: Limbs,
    ends: Vec<usize>,
}

impl Level {
    /// For the T of these groups.
    fn new(groups: Grouping) -> Self {
        let limbs = Limbs::dirty(groups.limbs() * (groups.count + 1));
        Self { limbs, ends: Vec::with_capacity(groups.count) }
    }

    /// Replaces `next` by the merges of this level, each of two times `half` groups.
    fn merge_into(&self, next: &mut Self, factors: &Factors, half: usize, scratch: &mut [u64]) {
        next.ends.clear();
        let count = factors.count();
        for (k, first) in (0..self.ends.len()).step_by(2).enumerate() {
            let (t1, m) = (self.number(first), (2 * k + 1) * half);
            if first + 1 == self.ends.len() {
                next.push(|out| {
                    out[..t1.len()].copy_from_slice(t1);
                    t1.len()
                });
            } else {
                let (groups, t) = ([m - half, m, count.min(m + half)], [t1, self.number(first + 1)]);
                next.push(|out| merge(factors, groups, t, out, scratch));
            }
        }
    }

    /// Appends the number that `write` leaves at the start of its argument; it returns the length.
    fn push(&mut self, write: impl FnOnce(&mut [u64]) -> usize) {
        let start = self.ends.last().copied().unwrap_or(0);
        let len = write(&mut self.limbs[start..]);
        self.ends.push(start + len);
    }

    fn number(&self, index: usize) -> &[u64] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.limbs[start..self.ends[index]]
    }

    /// The only number.
    fn only(mut self) -> Limbs {
        self.limbs.truncate(self.ends[0]);
        self.limbs
    }
}

#[cfg(test)]
mod tests;
