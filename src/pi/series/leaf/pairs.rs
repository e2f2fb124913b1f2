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
use crate::bigint::residue::{product, times};

/// Powers up to so many times the terms of a leaf are looked at: of larger ones, few pairs have both
/// terms within. Read from `cargo bench --bench pi -- anatomy`.
const REACH: usize = 2;
/// A divisor of so many bits and a prime power fit a limb.
const OPEN_BITS: u32 = 53;
const _: () = assert!(REACH * LEAF_TERMS as usize <= 1 << (63 - OPEN_BITS));

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

/// The pairs of a leaf, as divisors.
pub(super) struct Events {
    /// The product of the primes of all pairs within a group, for each term that has the P. Primes beyond a
    /// limb are left out.
    pub(super) divisors: Vec<u64>,
    count: usize,
    /// For each level, a divisor of P and one of Q for each group, less than `2^54`.
    open: Vec<[u64; 2]>,
    /// Divisors beside those, of which the next prime would have been too much.
    full: Vec<Full>,
}

/// The number that a divisor divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    P,
    Q,
}

/// A divisor of a group at a level.
struct Full {
    level: u8,
    of: Of,
    group: u16,
    divisor: u64,
}

impl Events {
    /// No pairs among `n` terms.
    pub(super) fn none(n: usize, groups: Grouping) -> Self {
        let count = groups.count;
        // With one group there is no merge, but a level that asks for divisors.
        let levels = count.next_power_of_two().ilog2().max(1) as usize;
        Self { divisors: vec![1; n], count, open: vec![[1; 2]; levels * count], full: Vec::new() }
    }

    /// The pairs among `n` terms from `a` on.
    pub(super) fn of(Powers(powers): &Powers, a: u64, n: usize, groups: Grouping) -> Self {
        let mut found = Self::none(n, groups);
        let group_of = groups.group_of();
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
                let mut of_p = if first >= after { first - after } else { first + s - after };
                // An iterator by steps would divide to know its length.
                while of_p + distance < n {
                    found.push(of_p, [of_p, of_p + distance].map(&group_of), power.prime.into());
                    of_p += s;
                }
            }
        }
        found
    }

    #[inline]
    fn push(&mut self, first: usize, groups: [usize; 2], prime: u64) {
        let [of_p, of_q] = groups;
        if of_p == of_q {
            let divisor = &mut self.divisors[first];
            *divisor = divisor.checked_mul(prime).unwrap_or(*divisor);
            return;
        }
        let level = (of_p ^ of_q).ilog2() as usize;
        for (of, group) in [Of::P, Of::Q].into_iter().zip(groups) {
            let divisor = &mut self.open[level * self.count + group][of as usize];
            if *divisor >> OPEN_BITS > 0 {
                let divisor = std::mem::replace(divisor, 1);
                self.full.push(Full { level: level as u8, of, group: group as u16, divisor });
            }
            *divisor *= prime;
        }
    }

    /// The residue of the product of all primes.
    pub(super) fn removed(&self) -> u64 {
        let open: Vec<u64> = self.open.iter().map(|&[of_p, _]| of_p).collect();
        let full = self.full.iter().filter(|full| full.of == Of::P);
        let full: Vec<u64> = full.map(|full| full.divisor).collect();
        [&self.divisors, &open, &full]
            .into_iter()
            .fold(1, |removed, factors| times(removed, product(factors)))
    }

    /// Groups and divisors of their P or Q, for the pairs that merges of two times `half` groups separate.
    pub(super) fn of_level(&self, half: usize, of: Of) -> impl Iterator<Item = (usize, u64)> {
        let level = half.ilog2() as usize;
        let open =
            self.open[level * self.count..][..self.count].iter().map(move |divisors| divisors[of as usize]);
        let open = open.enumerate().filter(|&(_, divisor)| divisor > 1);
        let full = self.full.iter().filter(move |full| (full.level.into(), full.of) == (level, of));
        open.chain(full.map(|full| (full.group.into(), full.divisor)))
    }
}
