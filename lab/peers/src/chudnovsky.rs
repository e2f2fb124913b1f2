//! The Chudnovskys' series by binary splitting, as plain as it can be.
//!
//! ```text
//! p(k) = (6k-5)(2k-1)(6k-1)    q(k) = k^3 640320^3 / 24    a(k) = 13591409 + 545140134 k
//! leaf   P = p(k), Q = q(k), T = (-1)^k p(k) a(k)          (k = 0: P = Q = 1, T = a(0))
//! merge  P = P1 P2, Q = Q1 Q2, T = T1 Q2 + P1 T2
//! pi     = 426880 sqrt(10005) Q / T
//! ```
//!
//! No tricks: leaves of one term, P everywhere, nothing truncated, nothing
//! factored, the square root and the quotient scaled by a power of ten, the
//! text by the library's own conversion. Every peer runs exactly this.
//!
//! Source: Haible and Papanikolaou, "Fast multiprecision evaluation of series
//! of rational numbers" (1998).

use crate::number::Number;
use crate::products::turn;
use std::hint::black_box;

/// Guard digits: decimals that are computed and dropped.
const GUARD: usize = 10;
/// Decimals per term: log10(640320^3 / 1728).
const DIGITS_PER_TERM: f64 = 14.181_647;

/// The text of the first `digits` digits, "3." and decimals.
pub fn text<N: Number>(digits: usize) -> String {
    let decimals = digits - 1 + GUARD;
    let terms = (decimals as f64 / DIGITS_PER_TERM) as i128 + 2;
    let (_, q, t) = split::<N>(0, terms);
    let scale = N::power_of_ten(u32::try_from(2 * decimals).expect("below two billion digits"));
    let root = N::new(10_005).mul(&scale).sqrt();
    let numerator = q.mul(&N::new(426_880)).mul(&root);
    drop((q, root, scale));
    let mut text = numerator.div(&t).to_decimal();
    text.truncate(digits);
    if digits > 1 {
        text.insert(1, '.');
    }
    text
}

/// M(N): seconds of one product of two different numbers of `digits` digits.
pub fn product_seconds<N: Number>(digits: usize) -> f64 {
    let power = N::power_of_ten(u32::try_from(digits).expect("below four billion digits"));
    let (a, b) = (power.div(&N::new(7)), power.div(&N::new(13)));
    turn(&|| drop(black_box(black_box(&a).mul(&b)))) / 1e9
}

fn split<N: Number>(a: i128, b: i128) -> (N, N, N) {
    if b - a == 1 {
        return leaf(a);
    }
    let middle = (a + b) / 2;
    let (p1, q1, t1) = split::<N>(a, middle);
    let (p2, q2, t2) = split::<N>(middle, b);
    (p1.mul(&p2), q1.mul(&q2), t1.mul(&q2).add(&p1.mul(&t2)))
}

fn leaf<N: Number>(k: i128) -> (N, N, N) {
    let a = 13_591_409 + 545_140_134 * k;
    if k == 0 {
        return (N::new(1), N::new(1), N::new(a));
    }
    let p = (6 * k - 5) * (2 * k - 1) * (6 * k - 1);
    let q = k * k * k * 10_939_058_860_032_000;
    let t = p.checked_mul(a).expect("leaves fit 128 bits up to 1.1e8 digits");
    (N::new(p), N::new(q), N::new(if k % 2 == 1 { -t } else { t }))
}
