//! Binary splitting: a sum of rational terms as one fraction. Knows no particular series.
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
//! The transform of Q2 serves two products. Transforms of P1, T1, T2 in the same length and one
//! inverse transform for T1 Q2 + P1 T2 would save products, but all nine transforms would have the
//! longest length: measured within a percent of the time from 10^5 to 10^7 digits, and five
//! transforms in memory instead of two.
//!
//! **Truncation.** To `n` limbs of the result, the part of the sum from the
//! term `a` on is `bits a` bits smaller than the whole. So `Q` and `T` of
//! `[a,b)` need only `n - bits a / 64` limbs, and `P`, which multiplies what
//! starts at `b`, needs `n - bits b / 64`. An error of Q is harmless as long
//! as the same rounded Q enters both T and Q of the merge.
//!
//! **Zeros.** Q is without the zeros at its low end: its exponent counts them. In the Chudnovskys'
//! series they are 18 bits of 95 per term, from `2^15` in C and from `k^3`. So products by Q are
//! shorter, and T1 Q2 is added to P1 T2 at a distance.
//!
//! **Common factors** of P1 and Q2 are removed in the [`leaf`]s of long sums.
//!
//! **Check.** Each number carries a residue that follows from those of its operands, from the
//! leaves on: see [`Scaled`]. The caller checks the last Q and T.
//!
//! Source: Haible and Papanikolaou, "Fast multiprecision evaluation of series
//! of rational numbers" (1998), section 2.1.

use super::pqt::{Pqt, Scaled};
use super::series::Series;
use super::series::leaf::{LEAF_TERMS, Needed, leaf};
use crate::anatomy;
use crate::bigint::limbs::{add_in_place, normalized, sub_in_place};
use crate::bigint::mul::{known_product, known_product_into};
use crate::bigint::parallel::in_parallel;
use crate::bigint::residue::{minus, plus, power_of_two, times};
use crate::bigint::shared_from;
use crate::cancel;
use crate::fft::{self, Plan, Transformed};
use crate::memory::Limbs;

/// Subtrees of at most so many terms have a thread of their own. Larger ones share each product
/// among all threads, which takes no more memory than one thread does.
const SUBTREE_TERMS: u64 = 1 << 17;
/// Terms of a whole sum from which on it pays to remove common factors of P and Q.
const REDUCE_FROM: u64 = if cfg!(test) { 64 } else { 1 << 10 };
/// Limbs kept below the precision of a truncated number.
const GUARD_LIMBS: usize = 3;

/// The parts of a subtree that its caller needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Limbs of the final result, if it will never have more.
    pub(crate) precision: Option<usize>,
    /// Compute P: more terms follow.
    pub(crate) p: bool,
    /// Remove common factors of P and Q in the [`leaf`]s.
    pub(crate) reduce: bool,
    /// Threads to use.
    pub(crate) threads: usize,
}

/// The terms `a <= k < b` of a series, `a < b`.
///
/// # Panics
/// If a product fails its certificate twice, which a sound machine never shows.
#[must_use]
pub(crate) fn split(series: &'static Series, a: u64, b: u64, wanted: Wanted) -> Pqt {
    if b - a <= LEAF_TERMS {
        return anatomy::part("leaf", level(a, b), || {
            let needed = Needed { p: wanted.p, reduce: wanted.reduce };
            recorded(truncated(series, leaf(series, a, b, needed), (a, b), wanted.precision))
        });
    }
    let m = a + (b - a) / 2;
    let left_wanted = Wanted { p: true, ..wanted };
    let (left, right) = if wanted.threads > 1 && b - a <= SUBTREE_TERMS {
        let halves = vec![(a, m, left_wanted), (m, b, wanted)];
        let threads = wanted.threads.div_ceil(2);
        let halves = in_parallel(halves, wanted.threads, |(a, b, wanted)| {
            split(series, a, b, Wanted { threads, ..wanted })
        });
        <[Pqt; 2]>::try_from(halves).expect("two halves").into()
    } else {
        (split(series, a, m, left_wanted), split(series, m, b, wanted))
    };
    merge(series, left, right, (a, m, b), wanted)
}

/// Tells whether it pays to remove common factors in a sum of so many terms.
pub(crate) fn pays_to_reduce(terms: u64) -> bool {
    terms >= REDUCE_FROM
}

/// The terms `a <= k < b`; their P stays in the factors that [`close`] multiplies once more terms
/// follow.
pub(crate) fn split_open(series: &'static Series, a: u64, b: u64, wanted: Wanted) -> (Pqt, Vec<Scaled>) {
    if b - a <= LEAF_TERMS {
        let mut whole = split(series, a, b, Wanted { p: true, ..wanted });
        let p = std::mem::take(&mut whole.p);
        return (whole, vec![p]);
    }
    let m = a + (b - a) / 2;
    let half = |(a, b, wanted, open)| {
        if open { split_open(series, a, b, wanted) } else { (split(series, a, b, wanted), Vec::new()) }
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
    (merge(series, left, right, (a, m, b), Wanted { p: false, ..wanted }), factors)
}

/// Multiplies the factors of the P of terms before `b`.
pub(crate) fn close(series: &Series, factors: Vec<Scaled>, b: u64, wanted: Wanted) -> Scaled {
    // From the end: the last factors are the shortest.
    anatomy::part("P of a stream", 0, || {
        let p = factors.into_iter().rev().reduce(|p, factor| factor.times(&p)).unwrap_or_default();
        truncated(series, Pqt { p, ..Pqt::default() }, (b, b), wanted.precision).p
    })
}

/// Joins `[a,m)` and `[m,b)` to `[a,b)`.
pub(crate) fn merge(
    series: &Series,
    left: Pqt,
    right: Pqt,
    (a, m, b): (u64, u64, u64),
    wanted: Wanted,
) -> Pqt {
    cancel::check();
    let subtract = series.alternating && (m - a) % 2 == 1;
    let len = left.t.limbs.len().min(right.t.limbs.len());
    anatomy::part("merge", level(a, b), || {
        let merged = if len < shared_from() {
            merge_small(left, right, subtract, wanted.p)
        } else {
            merge_large(left, right, subtract, wanted.p)
        };
        recorded(truncated(series, merged, (a, b), wanted.precision))
    })
}

/// The level of a node in the [anatomy]: it has at most `2^level` terms.
fn level(a: u64, b: u64) -> u32 {
    (b - a).next_power_of_two().ilog2()
}

/// Counts the limbs of a node.
fn recorded(node: Pqt) -> Pqt {
    anatomy::numbers([&node.p, &node.q, &node.t].map(|number| number.limbs.len()));
    node
}

fn truncated(series: &Series, mut pqt: Pqt, (a, b): (u64, u64), precision: Option<usize>) -> Pqt {
    if let Some(limbs) = precision {
        let keep = |from: u64| {
            let known = (from as f64 * series.bits_per_term / 64.0) as usize;
            limbs.saturating_sub(known) + GUARD_LIMBS
        };
        // Without common factors Q1 may be shorter than what the merge adds to the precision of Q2.
        pqt.q.truncate(keep(a));
        if pqt.q.is_cut {
            let zeros = keep(a) - pqt.q.limbs.len();
            pqt.q.with_zeros_down_to(pqt.q.exponent.saturating_sub(zeros));
        }
        pqt.t.truncate(keep(a));
        pqt.p.truncate(keep(b));
    }
    pqt
}

fn merge_small(left: Pqt, mut right: Pqt, subtract: bool, want_p: bool) -> Pqt {
    let mut t1 = left.t;
    let sum = Sum::align(&mut t1, &right.q, &left.p, &mut right.t, subtract);
    let other = known_product(left.p.known(), right.t.known());
    let end = sum.first_shift + t1.limbs.len() + right.q.limbs.len();
    let mut t = Limbs::dirty(end.max(sum.second_shift + other.len()) + 1);
    t[..sum.first_shift].fill(0);
    known_product_into(&mut t[sum.first_shift..end], t1.known(), right.q.known());
    t[end..].fill(0);
    Pqt {
        p: if want_p { left.p.times(&right.p) } else { Scaled::default() },
        q: left.q.times(&right.q).without_zeros(),
        t: sum.finish(t, &other),
    }
}

/// [`merge_small`] with little memory: frees each number after its last use, keeps the transform of
/// Q2 only, and multiplies much longer numbers by it in pieces.
fn merge_large(left: Pqt, mut right: Pqt, subtract: bool, want_p: bool) -> Pqt {
    let mut t1 = left.t;
    let sum = Sum::align(&mut t1, &right.q, &left.p, &mut right.t, subtract);
    let q_residue = times(left.q.residue, right.q.residue);
    let p = if want_p { left.p.times(&right.p) } else { Scaled::default() };
    drop(right.p);
    let (q_exponent, q_is_cut) = (left.q.exponent + right.q.exponent, left.q.is_cut || right.q.is_cut);
    let other_end = sum.second_shift + left.p.limbs.len() + right.t.limbs.len();
    let (t, q) = {
        let q2 = Repeated::new(right.q.known(), t1.limbs.len().max(left.q.limbs.len()));
        right.q = Scaled::default();
        let t = q2.times(t1.known(), sum.first_shift, other_end + 1);
        drop(t1);
        (t, q2.times(left.q.known(), 0, 0))
    };
    drop(left.q);
    let other = known_product(left.p.known(), right.t.known());
    drop((left.p, right.t));
    let q = Scaled::with_residue(q, q_exponent, q_residue, q_is_cut).without_zeros();
    Pqt { p, q, t: sum.finish(t, &other) }
}

/// The way to add T1 Q2 and P1 T2.
struct Sum {
    subtract: bool,
    exponent: usize,
    /// Limbs between the exponents of T1 Q2 and of the sum, and of P1 T2 and of the sum.
    first_shift: usize,
    second_shift: usize,
    residue: u64,
    is_cut: bool,
}

impl Sum {
    /// Cuts T1 or T2 where the limbs weigh no more than the errors of the other product.
    ///
    /// The sum has the exponent of the product with the larger error, or the lower exponent where
    /// both are exact; an exponent above it counts zeros.
    fn align(t1: &mut Scaled, q2: &Scaled, p1: &Scaled, t2: &mut Scaled, subtract: bool) -> Self {
        let (first, second) = (t1.exponent + q2.exponent, p1.exponent + t2.exponent);
        let exponent = match (t1.is_cut || q2.is_cut, p1.is_cut || t2.is_cut) {
            (false, false) => first.min(second),
            (true, false) => first,
            (false, true) => second,
            (true, true) => first.max(second),
        };
        for (t, of_product) in [(&mut *t1, first), (&mut *t2, second)] {
            t.truncate(t.limbs.len().saturating_sub(exponent.saturating_sub(of_product)));
        }
        let (first_shift, second_shift) = (first.saturating_sub(exponent), second.saturating_sub(exponent));
        let shifted =
            |a: &Scaled, b: &Scaled, shift| times(times(a.residue, b.residue), power_of_two(64 * shift));
        let (first, second) = (shifted(t1, q2, first_shift), shifted(p1, t2, second_shift));
        let residue = if subtract { minus(first, second) } else { plus(first, second) };
        let is_cut = [&*t1, q2, p1, &*t2].iter().any(|number| number.is_cut);
        Self { subtract, exponent, first_shift, second_shift, residue, is_cut }
    }

    /// T from T1 Q2, at its place and with room for the sum, and from P1 T2.
    fn finish(self, mut t: Limbs, other: &[u64]) -> Scaled {
        let (at, other) = (&mut t[self.second_shift..], normalized(other));
        let overflow = if self.subtract { sub_in_place(at, other) } else { add_in_place(at, other) };
        debug_assert!(!overflow);
        Scaled::with_residue(t, self.exponent, self.residue, self.is_cut)
    }
}

/// A factor whose transform serves several products.
struct Repeated {
    transformed: Transformed,
    len: usize,
    /// Limbs of the other factor in one transform.
    piece: usize,
}

impl Repeated {
    /// For products with numbers of up to `longest` limbs. Numbers of nearly twice the length of
    /// `factor` or more are cut into pieces: nine transforms instead of five, two thirds as long,
    /// in two thirds of the memory.
    fn new(factor: (&[u64], u64), longest: usize) -> Self {
        cancel::check();
        let len = factor.0.len();
        let piece = longest.div_ceil((longest + len / 6).div_euclid(len.max(1)).max(1));
        Self { transformed: Plan::for_product(piece, len).transform_known(factor), len, piece }
    }

    /// The product of `a` and the factor above `shift` zeros, with a zero on top, in at least
    /// `min_len` limbs.
    fn times(&self, (a, residue): (&[u64], u64), shift: usize, min_len: usize) -> Limbs {
        cancel::check();
        let mut out = Limbs::dirty((shift + a.len() + self.len + 1).max(min_len));
        let (zeros, above) = out.split_at_mut(shift);
        zeros.fill(0);
        let (first, rest) = a.split_at(a.len().min(self.piece));
        let end = first.len() + self.len;
        if rest.is_empty() {
            fft::multiply_cached_known(&mut above[..end], &self.transformed, (first, residue));
        } else {
            fft::multiply_cached(&mut above[..end], &self.transformed, first);
        }
        above[end..].fill(0);
        for (k, piece) in rest.chunks(self.piece).enumerate() {
            cancel::check();
            let mut product = Limbs::dirty(piece.len() + self.len);
            fft::multiply_cached(&mut product, &self.transformed, piece);
            let carry = add_in_place(&mut above[(k + 1) * self.piece..], &product);
            debug_assert!(!carry);
        }
        out
    }
}
