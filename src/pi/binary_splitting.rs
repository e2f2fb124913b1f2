//! Binary splitting: a sum of rational terms as one fraction, knowing no series.
//!
//! ```text
//! P(a,b) = p_a ... p_(b-1)      Q(a,b) = q_a ... q_(b-1)
//! T(a,b) = Q(a,b) times the sum of a_k (p_a..p_k) / (q_a..q_k) over a <= k < b
//!
//! merge of [a,m) and [m,b):  P = P1 P2   Q = Q1 Q2   T = T1 Q2 + P1 T2
//! ```
//!
//! The merge is associative: a sum can be extended at its end, and subtrees
//! are independent. Numbers here are magnitudes; with alternating signs, T has
//! the sign of its first term and P that of its length, so a merge adds if
//! the left part has an even length and subtracts otherwise.
//!
//! The transform of Q2 serves two products. With those of P1, T1, T2 in the same length and one inverse for
//! T1 Q2 + P1 T2, a merge would take 9 transforms, but all of the longest length; without them it takes as
//! long (measured: within a percent from 10^5 to 10^7 digits), and two transforms at a time instead of five.
//!
//! **Truncation.** To `n` limbs of the result, the part of the sum from the
//! term `a` on is `bits a` bits smaller than the whole. So `Q` and `T` of
//! `[a,b)` need only `n - bits a / 64` limbs, and `P`, which multiplies what
//! starts at `b`, needs `n - bits b / 64`. An error of Q is harmless as long
//! as the same rounded Q enters both T and Q of the merge.
//!
//! Source: Haible and Papanikolaou, "Fast multiprecision evaluation of series
//! of rational numbers" (1998), section 2.1.

use super::series::{Known, Series};
use crate::bigint::limbs::{add_in_place, normalized, normalized_len, sub_in_place};
use crate::bigint::mul::{product, product_into, shared_from};
use crate::bigint::parallel::in_parallel;
use crate::cancel;
use crate::fft::{self, Plan, Transformed};
use crate::memory::Limbs;

/// Terms of a [`leaf`], at most: read from whole runs of `cargo bench --bench pi -- pi/chudnovsky`.
const LEAF_TERMS: u64 = 32;
/// Subtrees of at most so many terms have a thread of their own; above, threads share each product, which
/// takes no more memory than one thread does.
const SUBTREE_TERMS: u64 = 1 << 17;
/// Terms up to which P is no work to speak of.
const OPEN_TERMS: u64 = 8 * LEAF_TERMS;
/// Limbs kept below the precision of a truncated number.
const GUARD_LIMBS: usize = 3;

/// A magnitude `limbs 2^(64 exponent)`; zero has no limbs.
#[derive(Clone, Debug, Default)]
pub struct Scaled {
    /// The significant limbs, normalized.
    pub limbs: Limbs,
    /// How many limbs have been cut off below.
    pub exponent: usize,
}

impl Scaled {
    pub(super) fn exact(mut limbs: Limbs, exponent: usize) -> Self {
        limbs.truncate(normalized_len(&limbs));
        Self { limbs, exponent }
    }

    /// Cuts off all but the upper `keep` limbs.
    fn truncate(&mut self, keep: usize) {
        if let Some(excess) = self.limbs.len().checked_sub(keep).filter(|&excess| excess > 0) {
            self.limbs.cut_front(excess);
            self.exponent += excess;
        }
    }

    /// A copy without what is below `2^(64 exponent)`.
    fn above(&self, exponent: usize) -> Self {
        let cut = exponent.saturating_sub(self.exponent).min(self.limbs.len());
        Self { limbs: self.limbs[cut..].into(), exponent: self.exponent + cut }
    }

    fn product(&self, other: &Self) -> Self {
        Self::exact(product(&self.limbs, &other.limbs), self.exponent + other.exponent)
    }
}

/// The fraction `T / Q` and the factor `P` for the terms that follow.
#[derive(Clone, Debug, Default)]
pub struct Pqt {
    /// The product of the numerators' factors; without limbs where nobody needs it.
    pub p: Scaled,
    /// The product of the denominators' factors.
    pub q: Scaled,
    /// The sum times `Q`.
    pub t: Scaled,
}

impl Pqt {
    /// A copy of the fraction alone, `limbs` limbs of it.
    pub(super) fn upper(&self, limbs: usize) -> Self {
        let cut = self.q.exponent + self.q.limbs.len().saturating_sub(limbs);
        Self { p: Scaled::default(), q: self.q.above(cut), t: self.t.above(cut) }
    }
}

/// What of a subtree is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Limbs of the final result, if nothing beyond them will ever be.
    pub precision: Option<usize>,
    /// Whether anything follows at the end.
    pub p: bool,
    /// Threads to be used.
    pub threads: usize,
}

/// The terms `a <= k < b` of a series, `a < b`.
///
/// # Panics
/// If a product fails its certificate for good, which a sound machine never shows.
#[must_use]
pub fn split<S: Series>(a: u64, b: u64, wanted: Wanted) -> Pqt {
    split_known(S::KNOWN, a, b, wanted)
}

pub(super) fn split_known(series: &'static Known, a: u64, b: u64, wanted: Wanted) -> Pqt {
    if b - a <= LEAF_TERMS {
        return truncated(series, (series.leaf)(a, b), (a, b), wanted.precision);
    }
    let m = a + (b - a) / 2;
    let left_wanted = Wanted { p: true, ..wanted };
    let (left, right) = if wanted.threads > 1 && b - a <= SUBTREE_TERMS {
        let halves = vec![(a, m, left_wanted), (m, b, wanted)];
        let threads = wanted.threads.div_ceil(2);
        let halves = in_parallel(halves, wanted.threads, |(a, b, wanted)| {
            split_known(series, a, b, Wanted { threads, ..wanted })
        });
        <[Pqt; 2]>::try_from(halves).expect("two halves").into()
    } else {
        (split_known(series, a, m, left_wanted), split_known(series, m, b, wanted))
    };
    merge_known(series, left, right, (a, m, b), wanted)
}

/// The terms `a <= k < b`, their P left as the factors that [`close`] multiplies: nobody needs it
/// before more terms follow.
pub(super) fn split_open(series: &'static Known, a: u64, b: u64, wanted: Wanted) -> (Pqt, Vec<Scaled>) {
    if b - a <= OPEN_TERMS {
        let mut whole = split_known(series, a, b, Wanted { p: true, ..wanted });
        let p = std::mem::take(&mut whole.p);
        return (whole, vec![p]);
    }
    let m = a + (b - a) / 2;
    let half = |(a, b, wanted, open)| {
        if open { split_open(series, a, b, wanted) } else { (split_known(series, a, b, wanted), Vec::new()) }
    };
    let halves = if wanted.threads > 1 && b - a <= SUBTREE_TERMS {
        let inner = Wanted { p: true, threads: wanted.threads.div_ceil(2), ..wanted };
        in_parallel(vec![(a, m, inner, false), (m, b, inner, true)], wanted.threads, half)
    } else {
        let wanted = Wanted { p: true, ..wanted };
        vec![half((a, m, wanted, false)), half((m, b, wanted, true))]
    };
    let [(left, mut factors), (right, others)] = <[_; 2]>::try_from(halves).expect("two halves");
    factors.push(left.p.clone());
    factors.extend(others);
    (merge_known(series, left, right, (a, m, b), Wanted { p: false, ..wanted }), factors)
}

/// The P of terms before `b` from its factors.
pub(super) fn close(series: &Known, factors: Vec<Scaled>, b: u64, wanted: Wanted) -> Scaled {
    // From the end, where they are short.
    let p = factors.into_iter().rev().reduce(|p, factor| factor.product(&p)).unwrap_or_default();
    truncated(series, Pqt { p, ..Pqt::default() }, (b, b), wanted.precision).p
}

/// `[a,m)` and `[m,b)` to `[a,b)`.
#[must_use]
pub fn merge<S: Series>(left: Pqt, right: Pqt, terms: (u64, u64, u64), wanted: Wanted) -> Pqt {
    merge_known(S::KNOWN, left, right, terms, wanted)
}

pub(super) fn merge_known(
    series: &Known,
    left: Pqt,
    right: Pqt,
    (a, m, b): (u64, u64, u64),
    wanted: Wanted,
) -> Pqt {
    cancel::check();
    let subtract = series.alternating && (m - a) % 2 == 1;
    let len = left.t.limbs.len().min(right.t.limbs.len());
    let merged = if len < shared_from() {
        merge_small(left, right, subtract, wanted.p)
    } else {
        merge_large(left, right, subtract, wanted.p)
    };
    truncated(series, merged, (a, b), wanted.precision)
}

fn truncated(series: &Known, mut pqt: Pqt, (a, b): (u64, u64), precision: Option<usize>) -> Pqt {
    if let Some(limbs) = precision {
        let keep = |from: u64| {
            let known = (from as f64 * series.bits_per_term / 64.0) as usize;
            limbs.saturating_sub(known) + GUARD_LIMBS
        };
        pqt.q.truncate(keep(a));
        pqt.t.truncate(keep(a));
        pqt.p.truncate(keep(b));
    }
    pqt
}

fn merge_small(left: Pqt, mut right: Pqt, subtract: bool, want_p: bool) -> Pqt {
    let mut t1 = left.t;
    let exponent = align(&mut t1, &right.q, &left.p, &mut right.t);
    let other = product(&left.p.limbs, &right.t.limbs);
    let other = normalized(&other);
    let len = t1.limbs.len() + right.q.limbs.len();
    let mut t = Limbs::dirty(len.max(other.len()) + 1);
    product_into(&mut t[..len], &t1.limbs, &right.q.limbs);
    t[len..].fill(0);
    let overflow = if subtract { sub_in_place(&mut t, other) } else { add_in_place(&mut t, other) };
    debug_assert!(!overflow);
    Pqt {
        p: if want_p { left.p.product(&right.p) } else { Scaled::default() },
        q: left.q.product(&right.q),
        t: Scaled::exact(t, exponent),
    }
}

/// [`merge_small`] with little memory: what is not needed any more goes at once, only Q2 is kept as a
/// transform, and much longer numbers meet it in pieces.
fn merge_large(left: Pqt, mut right: Pqt, subtract: bool, want_p: bool) -> Pqt {
    let mut t1 = left.t;
    let exponent = align(&mut t1, &right.q, &left.p, &mut right.t);
    let p = if want_p { left.p.product(&right.p) } else { Scaled::default() };
    drop(right.p);
    let q_exponent = left.q.exponent + right.q.exponent;
    let other_len = left.p.limbs.len() + right.t.limbs.len();
    let (mut t, q) = {
        let q2 = Repeated::new(&right.q.limbs, t1.limbs.len().max(left.q.limbs.len()));
        right.q = Scaled::default();
        let t = q2.times(&t1.limbs, other_len + 1);
        drop(t1);
        (t, q2.times(&left.q.limbs, 0))
    };
    drop(left.q);
    let other = product(&left.p.limbs, &right.t.limbs);
    drop((left.p, right.t));
    let other = normalized(&other);
    let overflow = if subtract { sub_in_place(&mut t, other) } else { add_in_place(&mut t, other) };
    debug_assert!(!overflow);
    Pqt { p, q: Scaled::exact(q, q_exponent), t: Scaled::exact(t, exponent) }
}

/// A transformed factor of long numbers.
struct Repeated {
    transformed: Transformed,
    len: usize,
    /// Limbs that are multiplied at a time.
    piece: usize,
}

impl Repeated {
    /// For numbers of up to `longest` limbs: in pieces if they have nearly twice the length of `factor`.
    /// Nine transforms instead of five, two thirds as long, in two thirds of the memory.
    fn new(factor: &[u64], longest: usize) -> Self {
        cancel::check();
        let len = factor.len();
        let piece = longest.div_ceil((longest + len / 8).div_euclid(len.max(1)).max(1));
        Self { transformed: Plan::for_product(piece, len).transform(factor), len, piece }
    }

    /// The product, with a zero on top, in `min_len` limbs at least.
    fn times(&self, a: &[u64], min_len: usize) -> Limbs {
        cancel::check();
        let mut out = Limbs::dirty((a.len() + self.len + 1).max(min_len));
        let (first, rest) = a.split_at(a.len().min(self.piece));
        let end = first.len() + self.len;
        fft::multiply_cached(&mut out[..end], &self.transformed, first);
        out[end..].fill(0);
        for (k, piece) in rest.chunks(self.piece).enumerate() {
            cancel::check();
            let mut product = Limbs::dirty(piece.len() + self.len);
            fft::multiply_cached(&mut product, &self.transformed, piece);
            let carry = add_in_place(&mut out[(k + 1) * self.piece..], &product);
            debug_assert!(!carry);
        }
        out
    }
}

/// Cuts T1 or T2 so that T1 Q2 and P1 T2 have one exponent, the result. What is cut is
/// of the size of the errors that the other product has already.
fn align(t1: &mut Scaled, q2: &Scaled, p1: &Scaled, t2: &mut Scaled) -> usize {
    let (first, second) = (t1.exponent + q2.exponent, p1.exponent + t2.exponent);
    if first < second {
        t1.truncate(t1.limbs.len().saturating_sub(second - first));
    } else {
        t2.truncate(t2.limbs.len().saturating_sub(first - second));
    }
    first.max(second)
}
