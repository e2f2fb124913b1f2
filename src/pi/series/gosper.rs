//! Gosper's series of 1974, which the digit-at-a-time spigot uses too.
//!
//! ```text
//! pi = sum (50 k - 6) / (binomial(3k, k) 2^k)
//! ```
//! Source: Gosper, "Acceleration of series" (1974); Gibbons, "Unbounded spigot algorithms for the
//! digits of pi" (2006), section 6.

use super::leaf::Pair;
use super::{ClosedForm, Closing, Series, Term};
use crate::pi::profile::{Memory, Profile, Unbounded};
use std::sync::OnceLock;

/// The ratio of consecutive binomials is `k 2k (2k-1) / (3k (3k-1) (3k-2))`; the powers of 2 give 1/2.
fn terms(first: u64, count: usize, out: &mut Vec<Term>) {
    let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
    out.extend((first..first + count as u64).map(|k| {
        let (p, q) = (product(k, 2 * k - 1), product(3 * k - 1, 3 * k - 2));
        Term { a: 50 * k - 6, p, q, c: 3 }
    }));
}

/// `2k - 1` with the second, `k` with the first of `3k - 1` and `3k - 2` behind it. 3 divides
/// neither of these two, and 2 would need a rule of its own.
fn pairs(prime: u32, power: u32) -> Option<[Pair; 3]> {
    if prime <= 3 {
        return None;
    }
    let pair = |first, second| Pair { first, second };
    let (third, two_thirds) = (power.div_ceil(3), (2 * power).div_ceil(3));
    Some([pair(0, third), pair(power.div_ceil(2), two_thirds), Pair::NONE])
}

/// Gosper's series.
pub(crate) static GOSPER: Series = Series {
    alternating: false,
    first: 6,
    // log2(27 / 2) = 3.75488...
    bits_per_term: 3.7548,
    closing: Closing::Sum,
    last_term: u64::MAX / 50,
    terms,
    // k (2k - 1) and 3 (3k - 1) (3k - 2)
    closed_form: ClosedForm { p: [0, -1, 2, 0], q: [6, -27, 27, 0], a: [-6, 50, 0, 0] },
    cancelled: |_, _| 1,
    pairs,
    powers: OnceLock::new(),
};

/// Measured time and memory.
pub(crate) static PROFILE: Profile = include!("gosper.profile.rs");
