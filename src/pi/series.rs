//! Series as data: what binary splitting must know of one.
//!
//! A series is a sum of terms `a_k (p_1 ... p_k) / (q_1 ... q_k)` with small
//! integers `a`, `p`, `q`; the sum from `k = 1` on is what the splitting
//! computes, and [`Series::FIRST`] is its term at `k = 0`. Pi is
//!
//! ```text
//! Gosper      pi = sum                                        (the sum divides)
//! Chudnovsky  pi = 426880 sqrt(10005) / sum                   (is divided by it)
//! ```

use super::binary_splitting::Pqt;
use super::leaf::leaf;

/// Factors of a term, multiplied together as long as they fit a limb.
#[derive(Clone, Copy, Debug, Default)]
pub struct Factors {
    limbs: [u64; 4],
    len: usize,
}

impl Factors {
    /// The product of `factors`, at most four limbs of it.
    #[inline(always)]
    pub fn new(factors: &[u64]) -> Self {
        let mut packed = Self { limbs: [1; 4], len: 1 };
        for &factor in factors {
            packed.push(factor);
        }
        packed
    }

    #[inline(always)]
    fn push(&mut self, factor: u64) {
        let last = &mut self.limbs[self.len - 1];
        if let Some(product) = last.checked_mul(factor) {
            *last = product;
        } else {
            self.limbs[self.len] = factor;
            self.len += 1;
        }
    }

    /// The limbs whose product this is.
    #[inline(always)]
    pub fn limbs(&self) -> &[u64] {
        &self.limbs[..self.len]
    }
}

/// The `k`-th term, `k >= 1`: the sum gains `a_k p_1..p_k / q_1..q_k`.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The coefficient, not negative.
    pub a: u64,
    /// The magnitude of the numerator's factor.
    pub p: Factors,
    /// The denominator's factor.
    pub q: Factors,
}

/// How pi comes from the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Pi is the sum.
    Sum,
    /// Pi is `factor / sqrt(radicand / 2^64)`, divided by the sum.
    RootOverSum {
        /// Multiplies the denominators `Q`.
        factor: u64,
        /// The number under the root, its top bit set.
        radicand: u64,
    },
}

/// A series as data. What computes with one takes this, and so is compiled once for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// [`Series::ALTERNATING`]
    pub alternating: bool,
    /// [`Series::FIRST`]
    pub first: u64,
    /// [`Series::BITS_PER_TERM`]
    pub bits_per_term: f64,
    /// [`Series::CLOSING`]
    pub closing: Closing,
    /// P, Q, T of a few terms: there every series has code of its own.
    pub(super) leaf: fn(u64, u64) -> Pqt,
}

impl Known {
    /// The terms after which the rest of the sum is below `2^(-64 limbs)`.
    #[must_use]
    pub fn terms_for(&self, limbs: usize) -> u64 {
        (64.0 * limbs as f64 / self.bits_per_term) as u64 + 2
    }
}

/// A series for pi.
pub trait Series: Copy + Send + Sync {
    /// Whether the signs alternate: each `p_k` stands for `-p_k`.
    const ALTERNATING: bool;
    /// The magnitude of `a_0`, whose sign is opposite to that of the rest of the sum.
    const FIRST: u64;
    /// Bits of the result that each term contributes, rounded down.
    const BITS_PER_TERM: f64;
    /// Digits and measured peak memory in bytes of a process, ascending: see [`super::memory`].
    const PEAKS: &'static [(u64, u64)];
    /// What to do with the sum.
    const CLOSING: Closing;
    /// All of this as data.
    const KNOWN: &'static Known = &Known {
        alternating: Self::ALTERNATING,
        first: Self::FIRST,
        bits_per_term: Self::BITS_PER_TERM,
        closing: Self::CLOSING,
        leaf: leaf::<Self>,
    };

    /// The term at `k >= 1`.
    fn term(k: u64) -> Term;

    /// The terms after which the rest of the sum is below `2^(-64 limbs)`.
    #[must_use]
    fn terms_for(limbs: usize) -> u64 {
        Self::KNOWN.terms_for(limbs)
    }
}

/// Gosper's series of 1974, the one the digit-at-a-time spigot uses too:
/// `pi = sum (50 k - 6) / (binomial(3k, k) 2^k)`.
///
/// Source: Gosper, "Acceleration of series" (1974); Gibbons, "Unbounded
/// spigot algorithms for the digits of pi" (2006), section 6.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gosper;

impl Series for Gosper {
    const ALTERNATING: bool = false;
    const FIRST: u64 = 6;
    // log2(27 / 2) = 3.75488...
    const BITS_PER_TERM: f64 = 3.7548;
    const PEAKS: &'static [(u64, u64)] = &[
        (10_000, 4_050_000),
        (30_000, 4_550_000),
        (50_000, 7_150_000),
        (100_000, 7_300_000),
        (150_000, 9_300_000),
        (200_000, 11_400_000),
        (500_000, 16_150_000),
        (700_000, 16_250_000),
        (1_000_000, 22_000_000),
        (2_000_000, 34_600_000),
        (5_000_000, 68_500_000),
        (7_000_000, 83_200_000),
        (10_000_000, 120_900_000),
    ];
    const CLOSING: Closing = Closing::Sum;

    #[inline]
    fn term(k: u64) -> Term {
        // The ratio of binomials: k 2k (2k-1) / (3k (3k-1) (3k-2)), and the 2.
        Term { a: 50 * k - 6, p: Factors::new(&[k, 2 * k - 1]), q: Factors::new(&[3, 3 * k - 1, 3 * k - 2]) }
    }
}

/// The Chudnovskys' series of 1988:
/// `1/pi = 12 sum (-1)^k (6k)! (13591409 + 545140134 k) / ((3k)! k!^3 640320^(3k + 3/2))`.
///
/// Source: D. and G. Chudnovsky, "Approximations and complex multiplication
/// according to Ramanujan" (1988); the splitting: Haible and Papanikolaou,
/// "Fast multiprecision evaluation of series of rational numbers" (1998).
#[derive(Clone, Copy, Debug, Default)]
pub struct Chudnovsky;

impl Series for Chudnovsky {
    const ALTERNATING: bool = true;
    const FIRST: u64 = 13_591_409;
    // log2(640320^3 / 1728) = 47.11041...
    const BITS_PER_TERM: f64 = 47.1104;
    const PEAKS: &'static [(u64, u64)] = &[
        (10_000, 3_950_000),
        (50_000, 4_700_000),
        (70_000, 7_100_000),
        (150_000, 7_150_000),
        (200_000, 9_200_000),
        (300_000, 11_450_000),
        (500_000, 13_200_000),
        (700_000, 13_900_000),
        (1_000_000, 16_400_000),
        (1_200_000, 19_700_000),
        (1_500_000, 21_700_000),
        (2_000_000, 24_000_000),
        (3_000_000, 30_300_000),
        (5_000_000, 40_900_000),
        (7_000_000, 57_700_000),
        (10_000_000, 74_500_000),
        (20_000_000, 141_900_000),
        (30_000_000, 200_500_000),
        (50_000_000, 318_200_000),
        (70_000_000, 444_300_000),
        (100_000_000, 628_900_000),
        (200_000_000, 1_220_000_000),
        (300_000_000, 1_846_000_000),
        (400_000_000, 3_154_000_000),
        (500_000_000, 4_140_000_000),
        (1_000_000_000, 7_161_000_000),
    ];
    // 426880 sqrt(10005) = 426880 10005 / sqrt(10005); with 10005 = D 2^14
    // that is 426880 10005 / 2^7 / sqrt(D).
    const CLOSING: Closing = Closing::RootOverSum { factor: 426_880 / 128 * 10_005, radicand: 10_005 << 50 };

    #[inline]
    fn term(k: u64) -> Term {
        let (mut p, mut c) = ([2 * k - 1, 6 * k - 5, 6 * k - 1], C);
        strip::<5>(k, &mut p, &mut c);
        strip::<23>(k, &mut p, &mut c);
        strip::<29>(k, &mut p, &mut c);
        Term { a: 545_140_134 * k + 13_591_409, p: Factors::new(&p), q: Factors::new(&[k, k, k, c]) }
    }
}

/// `640320^3 / 24 = 2^15 3^2 5^3 23^3 29^3`.
const C: u64 = 10_939_058_860_032_000;

/// Divides out what `p` and `c`, that has `PRIME^3`, have in common of it: a prime of the form `6 m - 1`, so
/// that `1/6` is `m` modulo it. It divides at most one of the factors, which differ by 2 and 4, the first taken
/// three times; `k` modulo the prime tells which.
#[inline(always)]
fn strip<const PRIME: u64>(k: u64, p: &mut [u64; 3], c: &mut u64) {
    let sixth = const {
        assert!(PRIME % 6 == 5);
        (PRIME + 1) / 6
    };
    let rest = k % PRIME;
    let factor = if rest == PRIME.div_ceil(2) {
        &mut p[0]
    } else if rest == 5 * sixth % PRIME {
        &mut p[1]
    } else if rest == sixth {
        &mut p[2]
    } else {
        return;
    };
    for _ in 0..3 {
        if *factor % PRIME != 0 {
            return;
        }
        (*factor, *c) = (*factor / PRIME, *c / PRIME);
    }
}
