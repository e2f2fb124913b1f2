//! Common factors of P and Q: which pairs of terms share them.
//!
//! A prime power `s` divides the P of some terms of a series and the Q of others, and both repeat
//! with the period `s`. [`Terms::pairs`] pairs each such P with the Q of a later term, one factor of
//! the prime each. Pairs are disjoint, so the sum of two terms and all between them can be divided
//! by the prime: each of its products has either the P of the first or the Q of the second term.
//!
//! ```text
//! m = r + rest, r a multiple of s, 0 < rest <= s: m separates pairs of this one period only
//! ```
//! Source: Legendre's formula for the powers of a prime in a factorial, applied to
//! `(6k)! / ((3k)! k!^3)` and to `binomial(3k, k)`, in which they are never negative.

use super::Terms;
use crate::bigint::limbs::{mul_limb_in_place, normalized_len};
use crate::memory::Limbs;

/// The largest power in the table.
const MOST: usize = 2 << 10;
/// Powers up to so many times the terms of a node are looked at: of larger ones, few pairs have both
/// terms within. Read from `cargo bench --bench pi -- anatomy`.
const REACH: u64 = 2;

/// Two terms of each period of a prime power `s`: for all multiples `r` of `s`, the prime divides the
/// P of term `r + first` and the Q of term `r + second`, where `first < second <= s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) first: u32,
    pub(crate) second: u32,
}

/// Prime powers in rising order, each with its prime.
static POWERS: [(u16, u16); count()] = powers();

/// The prime of a prime power; 0 for all other numbers.
const fn prime_of(power: usize) -> usize {
    let mut prime = 2;
    while prime * prime <= power {
        if power.is_multiple_of(prime) {
            let mut rest = power;
            while rest.is_multiple_of(prime) {
                rest /= prime;
            }
            return if rest == 1 { prime } else { 0 };
        }
        prime += 1;
    }
    if power > 1 { power } else { 0 }
}

const fn count() -> usize {
    let (mut count, mut power) = (0, 2);
    while power <= MOST {
        count += (prime_of(power) > 0) as usize;
        power += 1;
    }
    count
}

const fn powers() -> [(u16, u16); count()] {
    let mut powers = [(0, 0); count()];
    let (mut count, mut power) = (0, 2);
    while power <= MOST {
        if prime_of(power) > 0 {
            powers[count] = (power as u16, prime_of(power) as u16);
            count += 1;
        }
        power += 1;
    }
    powers
}

/// The powers up to `most`, with their primes and their pairs.
#[inline(always)]
fn powers_up_to<S: Terms>(most: u64) -> impl Iterator<Item = (u32, u32, S::Pairs)> {
    let powers = POWERS.iter().map(|&(power, prime)| (u32::from(power), u32::from(prime)));
    let powers = powers.take_while(move |&(power, _)| u64::from(power) <= most);
    powers.filter_map(|(power, prime)| Some((power, prime, S::pairs(prime, power)?)))
}

/// The product of the primes of all pairs that `m` separates and whose terms are in `[a,b)`: it divides
/// `P(a,m)` and `Q(m,b)`. Nodes have fewer than 2^32 terms.
pub(super) fn between<S: Terms>(a: u64, m: u64, b: u64) -> Limbs {
    let mut product = Product::new();
    let (before, behind) = ((m - a) as u32, (b - m) as u32);
    for (power, prime, pairs) in powers_up_to::<S>(REACH * (b - a)) {
        let rest = remainder(m - 1, power) + 1;
        let factor = |Pair { first, second }| {
            // first < rest <= second, and neither is too far from m: a difference below zero wraps.
            // No branches: which pairs are separated looks random.
            let close = u64::from(rest.wrapping_sub(first).wrapping_sub(1) < before);
            let is_separated = close & u64::from(second.wrapping_sub(rest) < behind);
            1 + is_separated * u64::from(prime - 1)
        };
        product.multiply_by(pairs.into_iter().map(factor).product());
    }
    product.finish()
}

/// `x mod power`, by the short division of 32 bits where `x` has no more.
#[inline(always)]
fn remainder(x: u64, power: u32) -> u32 {
    u32::try_from(x).map_or_else(|_| (x % u64::from(power)) as u32, |x| x % power)
}

/// A product of small factors, which gather in `pending`.
struct Product {
    limbs: Limbs,
    pending: u64,
}

/// Bits of the product of three primes, and those that `pending` has before a factor at most.
const FACTOR_BITS: u32 = 35;
const PENDING_BITS: u32 = 64 - FACTOR_BITS;
const _: () = assert!((MOST as u64).pow(3) < 1 << FACTOR_BITS);

impl Product {
    fn new() -> Self {
        Self { limbs: Limbs::from([1]), pending: 1 }
    }

    #[inline(always)]
    fn multiply_by(&mut self, factor: u64) {
        self.pending *= factor;
        if self.pending >> PENDING_BITS > 0 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let carry = mul_limb_in_place(&mut self.limbs, self.pending, 0);
        if carry > 0 {
            self.limbs.push(carry);
        }
        self.pending = 1;
    }

    fn finish(mut self) -> Limbs {
        self.flush();
        debug_assert_eq!(normalized_len(&self.limbs), self.limbs.len());
        self.limbs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::to_big;
    use crate::pi::series::chudnovsky::ChudnovskyTerms;
    use crate::pi::series::gosper::GosperTerms;
    use num_bigint::BigUint;

    #[test]
    fn the_table_holds_the_prime_powers() {
        let first: Vec<u16> = POWERS.iter().map(|power| power.0).take(12).collect();
        assert_eq!(first, [2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19]);
        assert!(POWERS.contains(&(343, 7)) && POWERS.last() == Some(&(2048, 2)));
        assert_eq!(POWERS.len(), 340);
    }

    fn product(limbs: impl Iterator<Item = u64>) -> BigUint {
        limbs.map(BigUint::from).product()
    }

    fn p_of<S: Terms>(a: u64, b: u64) -> BigUint {
        (a..b).map(|k| product(S::term(k).p.limbs().iter().copied())).product()
    }

    fn q_of<S: Terms>(a: u64, b: u64) -> BigUint {
        (a..b).map(|k| product(S::term(k).q.limbs().iter().copied())).product()
    }

    /// In each pair both terms have the prime as often as the powers of it tell.
    fn check_pairs<S: Terms>() {
        for &(power, prime) in POWERS.iter().filter(|power| power.0 < 700) {
            let (power, prime) = (u32::from(power), u32::from(prime));
            let Some(pairs) = S::pairs(prime, power) else { continue };
            for pair in pairs {
                assert!(pair.first < pair.second && pair.second <= power, "{power}: {pair:?}");
                for r in [u64::from(power), 30 * u64::from(power)] {
                    let (i, j) = (r + u64::from(pair.first), r + u64::from(pair.second));
                    let (p, q) = (p_of::<S>(i, i + 1), q_of::<S>(j, j + 1));
                    assert!((p % power) == BigUint::ZERO, "P of {i}");
                    assert!((q % power) == BigUint::ZERO, "Q of {j}");
                }
            }
        }
    }

    #[test]
    fn both_terms_of_a_pair_have_the_power() {
        check_pairs::<ChudnovskyTerms>();
        check_pairs::<GosperTerms>();
    }

    /// The factors that all merges of a tree remove.
    fn removed<S: Terms>(a: u64, b: u64) -> BigUint {
        if b - a <= 1 {
            return BigUint::from(1u8);
        }
        let m = a + (b - a) / 2;
        removed::<S>(a, m) * removed::<S>(m, b) * to_big(&between::<S>(a, m, b))
    }

    #[test]
    fn pairs_are_removed_once_and_most_common_factors_with_them() {
        let check = |p: BigUint, q: BigUint, removed: BigUint, least: f64| {
            assert!(&p % &removed == BigUint::ZERO && &q % &removed == BigUint::ZERO);
            let bits = |x: &BigUint| x.bits() as f64;
            let gcd = gcd_of(p, q);
            assert!(bits(&removed) > least * bits(&gcd), "{} of {} bits", removed.bits(), gcd.bits());
        };
        for (a, b) in [(1, 200), (5000, 5333), (1 << 33, (1 << 33) + 150)] {
            let c = (p_of::<ChudnovskyTerms>(a, b), q_of::<ChudnovskyTerms>(a, b));
            check(c.0, c.1, removed::<ChudnovskyTerms>(a, b), 0.5);
            let g = (p_of::<GosperTerms>(a, b), q_of::<GosperTerms>(a, b));
            check(g.0, g.1, removed::<GosperTerms>(a, b), 0.4);
        }
    }

    fn gcd_of(mut a: BigUint, mut b: BigUint) -> BigUint {
        while b != BigUint::ZERO {
            (a, b) = (b.clone(), a % b);
        }
        a
    }
}
