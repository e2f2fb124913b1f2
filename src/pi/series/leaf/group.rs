//! P, Q and T of a few terms by Horner's rule, from the last term to the first.
//!
//! ```text
//! T = p_k (a_k Q +- T),  Q = q_k Q          in one pass over the limbs
//! T = T/d,  Q = Q/d                         every few terms; d divides the p_k and the q_k so far
//! ```
//! From the right, T needs no P: five products of limbs for each term and limb of T.

use crate::bigint::div::OddLimb;
use crate::bigint::limbs::{mul_limb_in_place, mul_two_limbs_in_place, normalized_len, shr_in_place};
use crate::pi::series::Term;

/// Terms of a group, at least, where there are several. Read from whole runs of
/// `cargo bench --bench pi -- anatomy`.
const LEAST_TERMS: usize = 12;
/// Limbs by which a term can lengthen a number: two of `q_k` and one of `c_k`, or `a_k` and two of `p_k`.
const LIMBS_PER_TERM: usize = 3;

/// The groups of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grouping {
    /// Terms of a group, an even number; the last group may have fewer.
    pub(super) terms: usize,
    /// The number of groups.
    pub(super) count: usize,
}

impl Grouping {
    /// Groups of equal length, in number a power of two or little less: merges are of equals.
    pub(super) fn of(n: usize) -> Self {
        let most = 1usize << (n / LEAST_TERMS).max(1).ilog2();
        let terms = n.div_ceil(most).next_multiple_of(2);
        Self { terms, count: n.div_ceil(terms) }
    }

    /// The group of each term of a leaf.
    pub(super) fn group_of(self) -> impl Fn(usize) -> usize {
        // A product in place of a division: at most 512 / 2^16 too large, less than a term of 128.
        let inverse = (1 << 16) / self.terms + 1;
        move |term| (term * inverse) >> 16
    }

    /// Limbs that a number of a group needs at its place, at most.
    pub(super) fn limbs(self) -> usize {
        LIMBS_PER_TERM * (self.terms + 1)
    }
}

/// Terms after which common factors are divided out: as many as a limb often holds.
const DIVIDE_EVERY: usize = 8;

/// Q and T of the terms so far, in limbs of one number.
struct Horner<'a> {
    q: &'a mut [u64],
    t: &'a mut [u64],
    len: usize,
    /// Common factors that are still in Q and T.
    common: u64,
}

impl Horner<'_> {
    /// Adds a term before the others.
    #[inline]
    fn prepend(&mut self, term: &Term, subtract: bool) {
        let end = self.len + 2;
        let short = term.p >> 64 == 0 && term.q.leading_zeros() + term.c.leading_zeros() >= 64;
        let (p, q) = if short { (term.p as u64, term.q * u128::from(term.c)) } else { (1, term.q) };
        step(&mut self.q[..end], &mut self.t[..end], term.a, p, q, subtract);
        self.len = end;
        if !short {
            self.t[end] = 0;
            mul_two_limbs_in_place(&mut self.t[..=end], term.p);
            self.q[end] = mul_limb_in_place(&mut self.q[..end], term.c, 0);
            self.len += 1;
        }
        self.shorten();
    }

    /// Leaves a divisor of Q and T to [`Horner::settle`].
    fn divide(&mut self, divisor: u64) {
        let product = self.common.checked_mul(divisor);
        self.common = product.unwrap_or_else(|| {
            self.settle();
            divisor
        });
    }

    fn settle(&mut self) {
        if self.common > 1 {
            let divisor = OddLimb::new(std::mem::replace(&mut self.common, 1));
            OddLimb::divide_each([&divisor; 2], [&mut self.q[..self.len], &mut self.t[..self.len]]);
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        while self.q[self.len - 1] == 0 && self.t[self.len - 1] == 0 {
            self.len -= 1;
        }
    }
}

/// `t = p (a q -+ t)` and `q = m q`, both two limbs longer; the upper two limbs are overwritten.
#[inline]
fn step(q: &mut [u64], t: &mut [u64], a: u64, p: u64, m: u128, subtract: bool) {
    let (q, q_top) = q.split_last_chunk_mut::<2>().expect("two limbs at least");
    let (t, t_top) = t.split_last_chunk_mut::<2>().expect("two limbs at least");
    let (m0, m1) = (m as u64, (m >> 64) as u64);
    // Carries of a q -+ t, of p times that sum, and of q m0 and q m1; the products by m1 weigh one limb more.
    // A difference is the sum with the complement and 1.
    let (mut ca, mut cp, mut c0, mut c1, mut below) = (u64::from(subtract), 0, 0, 0, 0u64);
    let flip = if subtract { u64::MAX } else { 0 };
    for (x, y) in q.iter_mut().zip(t) {
        let (sum, mut low);
        (sum, ca) = x.carrying_mul_add(a, *y ^ flip, ca);
        (*y, cp) = sum.carrying_mul(p, cp);
        (low, c0) = x.carrying_mul(m0, c0);
        (low, c1) = below.carrying_mul_add(m1, low, c1);
        below = std::mem::replace(x, low);
    }
    // No overflow: a q -+ t is not negative and has at most a limb more than q.
    let last = ca - u64::from(subtract);
    (t_top[0], t_top[1]) = last.carrying_mul(p, cp);
    (q_top[0], q_top[1]) = below.carrying_mul_add(m1, c0, c1);
}

/// Lengths of the numbers of a group, and what has been left out of Q.
pub(super) struct Lens {
    pub(super) p: usize,
    pub(super) q: usize,
    pub(super) t: usize,
    /// Factors 2 of Q.
    pub(super) twos: u32,
}

/// Writes P, Q without factors 2, and T to the starts of the slices. Each divisor divides the `p_k` of its
/// term and the product of all later `q_k`.
pub(super) fn group(terms: &[Term], divisors: &[u64], alternating: bool, [p, q, t]: [&mut [u64]; 3]) -> Lens {
    let (mut product, mut twos) = (Product::new(p), 0);
    (q[0], t[0]) = (1, 0);
    let mut sum = Horner { q: &mut *q, t: &mut *t, len: 1, common: 1 };
    for (k, (term, &divisor)) in terms.iter().zip(divisors).enumerate().rev() {
        product.multiply_by(quotient(term.p, divisor));
        sum.prepend(term, alternating);
        sum.divide(divisor);
        if k % DIVIDE_EVERY == 0 {
            sum.settle();
        }
        twos += term.q.trailing_zeros() + term.c.trailing_zeros();
    }
    let len = sum.len;
    #[cfg(test)]
    [&mut *q, &mut *t]
        .into_iter()
        .for_each(|number| crate::bigint::testing::faults::damage(&mut number[..len]));
    let zeros = twos as usize / 64;
    q.copy_within(zeros..len, 0);
    shr_in_place(&mut q[..len - zeros], twos % 64);
    Lens { p: product.finish(), q: normalized_len(&q[..len - zeros]), t: normalized_len(&t[..len]), twos }
}

/// `p / divisor`, which is exact.
#[inline]
fn quotient(p: u128, divisor: u64) -> u128 {
    if let Ok(p) = u64::try_from(p) {
        return (p / divisor).into();
    }
    let mut limbs = [p as u64, (p >> 64) as u64];
    OddLimb::new(divisor).divide(&mut limbs);
    u128::from(limbs[1]) << 64 | u128::from(limbs[0])
}

/// A product of limbs. Factors gather in `pending` until they fill two limbs.
struct Product<'a> {
    limbs: &'a mut [u64],
    len: usize,
    pending: u128,
}

impl<'a> Product<'a> {
    fn new(limbs: &'a mut [u64]) -> Self {
        limbs[0] = 1;
        Self { limbs, len: 1, pending: 1 }
    }

    #[inline]
    fn multiply_by(&mut self, factor: u128) {
        let bits = |x: u128| 128 - x.leading_zeros();
        if bits(self.pending) + bits(factor) > 128 {
            self.flush();
        }
        self.pending *= factor;
    }

    fn flush(&mut self) {
        mul_two_limbs_in_place(&mut self.limbs[..self.len + 2], std::mem::replace(&mut self.pending, 1));
        self.len += 2;
        while self.limbs[self.len - 1] == 0 {
            self.len -= 1;
        }
    }

    fn finish(mut self) -> usize {
        self.flush();
        self.len
    }
}
