//! The Chudnovskys' series of 1988.
//!
//! ```text
//! 1/pi = 12 sum (-1)^k (6k)! (13591409 + 545140134 k) / ((3k)! k!^3 640320^(3k + 3/2))
//!   pi = 426880 sqrt(10005) / sum'                       (sum' has the first term 13591409)
//! ```
//! Source: D. and G. Chudnovsky, "Approximations and complex multiplication according to Ramanujan"
//! (1988); the splitting: Haible and Papanikolaou, "Fast multiprecision evaluation of series of
//! rational numbers" (1998).

use super::leaf::Pair;
use super::{ClosedForm, Closing, Series, Term};
use crate::bigint::residue::{power, times};
use crate::pi::profile::{Memory, Profile, Unbounded};
use std::sync::OnceLock;

/// `640320^3 / 24 = 2^15 3^2 5^3 23^3 29^3`.
const C: u64 = 10_939_058_860_032_000;
/// `a_k = A k + B`.
const A: u64 = 545_140_134;
const B: u64 = 13_591_409;

/// The factors of P of a term, and C.
type Parts = [u64; 4];

fn terms(first: u64, count: usize, out: &mut Vec<Term>) {
    const AT_ONCE: usize = 32;
    let mut parts = [Parts::default(); AT_ONCE];
    for start in (0..count).step_by(AT_ONCE) {
        let (from, parts) = (first + start as u64, &mut parts[..AT_ONCE.min(count - start)]);
        for (parts, k) in parts.iter_mut().zip(from..) {
            *parts = [2 * k - 1, 6 * k - 1, 6 * k - 5, C];
        }
        strip::<5>(from, parts);
        strip::<23>(from, parts);
        strip::<29>(from, parts);
        out.extend(parts.iter().zip(from..).map(|(&[x, y, z, c], k)| {
            let product = |[x, y, z]: [u64; 3]| u128::from(x) * u128::from(y) * u128::from(z);
            Term { a: A * k + B, p: product([x, y, z]), q: product([k; 3]), c }
        }));
    }
}

/// The factors that [`strip`] takes from the terms `a <= k < b`, by counting: up to three of each prime.
fn cancelled(a: u64, b: u64) -> u64 {
    let of = |prime, count| power(prime, count);
    times(times(of(5, stripped::<5>(a, b)), of(23, stripped::<23>(a, b))), of(29, stripped::<29>(a, b)))
}

/// How often [`strip`] takes `PRIME` from the terms `a <= k < b`.
#[inline(always)]
fn stripped<const PRIME: u64>(a: u64, b: u64) -> u64 {
    let powers = const { [PRIME, PRIME.pow(2), PRIME.pow(3)] };
    powers.into_iter().map(|power| multiples(power, b) - multiples(power, a)).sum()
}

/// Multiples of `power` among the factors of P of the terms before `k`.
#[inline(always)]
fn multiples(power: u64, k: u64) -> u64 {
    let (periods, rest) = (k / power, k % power);
    3 * periods + places(power).into_iter().map(|place| u64::from(place < rest)).sum::<u64>()
}

/// The terms of each period of `power` in which it divides `2k - 1`, and one and the other of `6k - 1` and
/// `6k - 5`.
///
/// 2k is 1 at the first place. 6k is 1 at the second for a power that is 5 modulo 6, and at the third for
/// others.
const fn places(power: u64) -> [u64; 3] {
    [power.div_ceil(2), power.div_ceil(6), (5 * power).div_ceil(6) % power]
}

/// Each of `2k - 1`, `6k - 5`, `6k - 1` with a factor of the next `k^3`. 2 and 3 divide no P, and
/// of 5, 23 and 29 the [`strip`] has taken what C has.
fn pairs(prime: u32, power: u32) -> Option<[Pair; 3]> {
    if matches!(prime, 2 | 3 | 5 | 23 | 29) {
        return None;
    }
    Some(places(power.into()).map(|first| Pair { first: first as u32, second: power }))
}

/// The Chudnovskys' series.
pub(crate) static CHUDNOVSKY: Series = Series {
    alternating: true,
    first: B,
    // log2(640320^3 / 1728) = 47.11041...
    bits_per_term: 47.1104,
    // 426880 sqrt(10005) = 426880 10005 / sqrt(10005); with 10005 = D 2^14
    // that is 426880 10005 / 2^7 / sqrt(D).
    closing: Closing::RootOverSum { factor: 426_880 / 128 * 10_005, radicand: 10_005 << 50 },
    last_term: (u64::MAX - B) / A,
    terms,
    // (2k - 1) (6k - 5) (6k - 1)
    closed_form: ClosedForm { p: [-5, 46, -108, 72], q: [0, 0, 0, C as i64], a: [B as i64, A as i64, 0, 0] },
    cancelled,
    pairs,
    powers: OnceLock::new(),
};

/// Measured time and memory.
pub(crate) static PROFILE: Profile = include!("chudnovsky.profile.rs");

/// Cancels the factors of `PRIME` that P and C of terms from `first` on share, up to the three that C has.
///
/// `PRIME` divides at most one of the factors of P, which differ by 2 and 4 when the first is taken three
/// times.
#[inline(always)]
fn strip<const PRIME: u64>(first: u64, terms: &mut [Parts]) {
    const { assert!(PRIME % 6 == 5) };
    let rest = first % PRIME;
    for (factor, place) in const { places(PRIME) }.into_iter().enumerate() {
        let start = if place >= rest { place - rest } else { place + PRIME - rest };
        for parts in terms.iter_mut().skip(start as usize).step_by(PRIME as usize) {
            for _ in 0..3 {
                if parts[factor] % PRIME != 0 {
                    break;
                }
                parts[factor] /= PRIME;
                parts[3] /= PRIME;
            }
        }
    }
}
