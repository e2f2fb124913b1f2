//! Common factors of P and Q: the pairs of terms that share them.
//!
//! A prime power `s` divides the P of some terms of a series and the Q of others, and both repeat
//! with the period `s`. [`Series::pairs`] pairs each such P with the Q of a later term, one factor of
//! the prime each. Pairs are disjoint, so the sum of two terms and all between them can be divided
//! by the prime: each of its products has either the P of the first or the Q of the second term.
//! The merge that separates the two terms divides.
//!
//! Source: Legendre's formula for the powers of a prime in a factorial, applied to
//! `(6k)! / ((3k)! k!^3)` and to `binomial(3k, k)`, in which they are never negative.

use super::LEAF_TERMS;
use super::group::Grouping;
use crate::bigint::residue::product;
use std::iter::repeat_n;

/// Powers up to so many times the terms of a leaf are looked at: of larger ones, few pairs have both
/// terms within. Read from `cargo bench --bench pi -- anatomy`.
const REACH: usize = 2;

/// Two terms of each period of a prime power `s`: for all multiples `r` of `s`, the prime divides the
/// P of term `r + first` and the Q of term `r + second`, where `first < second <= s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) first: u32,
    pub(crate) second: u32,
}

impl Pair {
    /// No pair: the second term is in no leaf.
    pub(crate) const NONE: Self = Self { first: 0, second: u32::MAX };
}

/// A prime power and its pairs.
#[derive(Debug)]
pub(crate) struct Power {
    power: u32,
    prime: u32,
    pairs: [Pair; 3],
}

/// The prime powers of a series that leaves look at, in rising order.
#[derive(Debug)]
pub(crate) struct Powers(Vec<Power>);

impl Powers {
    /// The powers with pairs.
    pub(in crate::pi::series) fn new(pairs: fn(prime: u32, power: u32) -> Option<[Pair; 3]>) -> Self {
        let most = REACH * LEAF_TERMS as usize;
        // The prime of each prime power; 0 for other numbers.
        let mut primes = vec![0; most + 1];
        let mut composite = vec![false; most + 1];
        for prime in 2..=most {
            if composite[prime] {
                continue;
            }
            composite.iter_mut().skip(prime).step_by(prime).for_each(|x| *x = true);
            let mut power = prime;
            while power <= most {
                primes[power] = prime as u32;
                power *= prime;
            }
        }
        let powers = primes.into_iter().enumerate().filter_map(|(power, prime)| {
            let power = power as u32;
            let pairs = if prime > 0 { pairs(prime, power)? } else { return None };
            Some(Power { power, prime, pairs })
        });
        Self(powers.collect())
    }
}

/// A pair in a leaf.
pub(super) struct Event {
    /// The groups of the terms of P and of Q.
    pub(super) groups: [usize; 2],
    pub(super) prime: u32,
}

/// The pairs of a leaf.
pub(super) struct Events {
    /// The product of the primes of all pairs within a group, for each term that has the P. Primes beyond a
    /// limb are left out.
    pub(super) divisors: Vec<u64>,
    /// Both groups, the prime, and the next event of the level.
    events: Vec<[u16; 4]>,
    /// The first event of each level, which merges of the level separate.
    heads: [u16; LEVELS],
}

/// Levels of a leaf.
const LEVELS: usize = LEAF_TERMS.ilog2() as usize + 1;
/// The end of a list.
const END: u16 = u16::MAX;

impl Events {
    /// No pairs among `n` terms.
    pub(super) fn none(n: usize) -> Self {
        Self { divisors: vec![1; n], events: Vec::new(), heads: [END; LEVELS] }
    }

    /// The pairs among `n` terms from `a` on.
    pub(super) fn of(Powers(powers): &Powers, a: u64, n: usize, groups: Grouping) -> Self {
        let group_of: Vec<u16> = (0..groups.count as u16).flat_map(|g| repeat_n(g, groups.terms)).collect();
        let mut found = Self { events: Vec::with_capacity(4 * n), ..Self::none(n) };
        for power in powers {
            let s = power.power as usize;
            if s > REACH * n {
                break;
            }
            let after = (a % s as u64) as usize;
            for pair in power.pairs {
                let (first, second) = (pair.first as usize, pair.second as usize);
                let distance = second - first;
                // No pair, or none that lies in this leaf.
                if distance >= n {
                    continue;
                }
                // The first term of a P that is not before `a`.
                let start = if first >= after { first - after } else { first + s - after };
                for place in (start + distance..n).step_by(s) {
                    let pair = [place - distance, place];
                    found.push(pair[0], pair.map(|place| group_of[place]), power.prime);
                }
            }
        }
        found
    }

    #[inline]
    fn push(&mut self, first: usize, [of_p, of_q]: [u16; 2], prime: u32) {
        if of_p == of_q {
            let divisor = &mut self.divisors[first];
            *divisor = divisor.checked_mul(prime.into()).unwrap_or(*divisor);
            return;
        }
        let level = (of_p ^ of_q).ilog2() as usize;
        let next = std::mem::replace(&mut self.heads[level], self.events.len() as u16);
        self.events.push([of_p, of_q, prime as u16, next]);
    }

    /// The residue of the product of all divisors.
    pub(super) fn residue_within(&self) -> u64 {
        product(&self.divisors)
    }

    /// The pairs that merges of two times `half` groups separate.
    pub(super) fn of_level(&self, half: usize) -> impl Iterator<Item = Event> {
        let mut next = self.heads[half.ilog2() as usize];
        std::iter::from_fn(move || {
            let &[of_p, of_q, prime, after] = self.events.get(next as usize)?;
            next = after;
            Some(Event { groups: [of_p.into(), of_q.into()], prime: prime.into() })
        })
    }
}
