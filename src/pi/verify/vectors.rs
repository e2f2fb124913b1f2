//! Many terms of Bellard's formula side by side, in vectors of doubles.
//!
//! ```text
//! x y mod m:   h = x y rounded      l = x y - h, exact by a fused multiply-add
//!              q = h / m rounded    r = (h - q m) + l, both steps exact
//! ```
//! `r` lies between `-m/2` and `m/2`, give or take a hair, so that no step ever
//! corrects it. A vector holds one fraction of consecutive terms; the seven
//! fractions are seven chains that fill each other's waiting time.
//!
//! The exponents of neighbouring terms differ by ten. All but their lowest
//! seven bits are taken from the smallest one; in the last seven squarings
//! each lane multiplies by powers of two of its own, which make up for it.
//!
//! Source: Dekker, "A floating-point technique for extending the available
//! precision" (1971), for the exact product; see Muller et al., "Handbook of
//! Floating-Point Arithmetic", 2.4, for the modular one.

use super::bellard::{FRACTIONS, LEAST};
use crate::cpu::{Lanes, Level, Simd, Task};
use std::ops::Range;

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// Terms from which on every `m` is above the first power of two, 2^7.
const FIRST: u64 = 64;
/// Positions for which `m` is below 2^46: then a square of `8 m` leaves a quotient below 2^52.
const BITS: u64 = 1 << 45;
/// The exponents' bits that the lanes of a vector do not share.
const OWN_BITS: u32 = 7;

/// The terms of `range` that [`sum`] can take: whole vectors, and none on a
/// level without fused multiply-adds.
pub(super) fn terms(level: Level, bits: u64, range: &Range<u64>) -> Range<u64> {
    if bits >= BITS || !level.run(Fuses) {
        return range.start..range.start;
    }
    // Beyond these the exponents are negative.
    let end = range.end.min(bits.saturating_add_signed(LEAST) / 10);
    let start = range.start.max(FIRST).min(range.end);
    let lanes = level.lanes() as u64;
    start..start + end.saturating_sub(start) / lanes * lanes
}

/// The sum of these terms times `2^bits`, in units of `2^-64`.
pub(super) fn sum(level: Level, bits: u64, terms: Range<u64>) -> u64 {
    if terms.is_empty() { 0 } else { level.run(Sum { bits, terms }) }
}

/// Whether a multiply-add rounds once.
struct Fuses;

impl Task for Fuses {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> bool {
        S::FUSED
    }
}

struct Sum {
    bits: u64,
    terms: Range<u64>,
}

impl Task for Sum {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let mut sum = 0u64;
        let mut k = self.terms.start;
        while k < self.terms.end {
            sum = sum.wrapping_add(block(simd, self.bits, k));
            k += S::LANES as u64;
        }
        sum
    }
}

/// Seven moduli in every lane.
#[derive(Clone, Copy)]
struct Moduli<F> {
    m: [F; 7],
    inverse: [F; 7],
}

/// The terms `k .. k + LANES`.
#[inline(always)]
fn block<S: Simd>(simd: S, bits: u64, k: u64) -> u64 {
    let moduli = moduli(simd, k);
    // The exponents of the fractions with the least one: they fall by ten from lane to lane.
    let first = (bits as i64 - 10 * k as i64 + LEAST + 64) as u64;
    let last = first - 10 * (S::LANES as u64 - 1);
    let power = powers(simd, &moduli, first, last);
    let mut sum = 0u64;
    for (f, &(negative, exponent, factor, offset)) in FRACTIONS.iter().enumerate() {
        let more = simd.splat((1u64 << (exponent - LEAST)) as f64);
        let residue = reduced(simd, power[f].mul(more), &moduli, f);
        let quotients = quotients(simd, residue, factor * k + offset, factor);
        for lane in (0..S::LANES).step_by(2) {
            let pair = quotients[lane].wrapping_sub(quotients[lane + 1]);
            sum = if negative { sum.wrapping_sub(pair) } else { sum.wrapping_add(pair) };
        }
    }
    if k % 2 == 1 { sum.wrapping_neg() } else { sum }
}

#[inline(always)]
fn moduli<S: Simd>(simd: S, k: u64) -> Moduli<S::F> {
    let zero = simd.splat(0.0);
    let mut moduli = Moduli { m: [zero; 7], inverse: [zero; 7] };
    for (f, &(_, _, factor, offset)) in FRACTIONS.iter().enumerate() {
        let first = (factor * k + offset) as f64;
        let (mut m, mut inverse) = ([1.0; 8], [1.0; 8]);
        for lane in 0..8 {
            m[lane] = first + factor as f64 * lane as f64;
            inverse[lane] = 1.0 / m[lane];
        }
        moduli.m[f] = simd.load(&m);
        moduli.inverse[f] = simd.load(&inverse);
    }
    moduli
}

/// `2^e` modulo the moduli, `e` falling from `first` by ten per lane to `last`.
#[inline(always)]
fn powers<S: Simd>(simd: S, moduli: &Moduli<S::F>, first: u64, last: u64) -> [S::F; 7] {
    let shared = last >> OWN_BITS;
    // Its top three bits at once: 2^7 at most, less than any modulus.
    let mut left = (u64::BITS - shared.leading_zeros()).saturating_sub(3);
    let mut power = [simd.splat((1u64 << (shared >> left)) as f64); 7];
    while left > 0 {
        left -= 1;
        let factor = simd.splat((1u64 << (shared >> left & 1)) as f64);
        squares(simd, &mut power, moduli, factor);
    }
    for bit in (0..OWN_BITS).rev() {
        let mut factors = [1.0; 8];
        for (lane, factor) in factors.iter_mut().enumerate().take(S::LANES) {
            // Below 2^7 + 70: the uppermost of its digits is at most 3.
            let own = first - 10 * lane as u64 - (shared << OWN_BITS);
            let digit = if bit == OWN_BITS - 1 { own >> bit } else { own >> bit & 1 };
            *factor = (1u64 << digit) as f64;
        }
        squares(simd, &mut power, moduli, simd.load(&factors));
    }
    power
}

/// Squares the seven, and multiplies by a power of two up to 8.
#[inline(always)]
fn squares<S: Simd>(simd: S, x: &mut [S::F; 7], moduli: &Moduli<S::F>, factor: S::F) {
    let magic = simd.splat(MAGIC);
    let (mut high, mut minus_low, mut q) = (*x, *x, *x);
    for f in 0..7 {
        high[f] = x[f].mul(x[f]);
    }
    for f in 0..7 {
        minus_low[f] = x[f].neg_mul_add(x[f], high[f]);
    }
    for f in 0..7 {
        q[f] = high[f].mul_add(moduli.inverse[f], magic).sub(magic);
    }
    for f in 0..7 {
        x[f] = q[f].neg_mul_add(moduli.m[f], high[f]).sub(minus_low[f]).mul(factor);
    }
}

/// `x` modulo the modulus of fraction `f`, near zero.
#[inline(always)]
fn reduced<S: Simd>(simd: S, x: S::F, moduli: &Moduli<S::F>, f: usize) -> S::F {
    let magic = simd.splat(MAGIC);
    x.mul_add(moduli.inverse[f], magic).sub(magic).neg_mul_add(moduli.m[f], x)
}

/// `floor(r 2^64 / m)` in every lane, where `residue` is `r 2^64` modulo `m`, which grows by `step`:
/// `-t / m` modulo `2^64`, `t` the least residue.
#[inline(always)]
fn quotients<S: Simd>(simd: S, residue: S::F, m: u64, step: u64) -> [u64; 8] {
    let mut t = [0; 8];
    // The integer stands in the mantissa.
    residue.add(simd.splat(MAGIC)).store_bits(&mut t);
    let mut quotients = [0; 8];
    for lane in 0..S::LANES {
        let m = m + step * lane as u64;
        let t = t[lane].wrapping_sub(MAGIC.to_bits());
        let t = t.wrapping_add(m & (((t as i64) >> 63) as u64));
        // Five bits of the inverse, doubled four times.
        let mut x = m.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            x = x.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(x)));
        }
        quotients[lane] = t.wrapping_neg().wrapping_mul(x);
    }
    quotients
}

#[cfg(test)]
mod tests {
    use super::super::bellard::term;
    use super::*;

    #[test]
    fn vectors_are_as_one_after_the_other() {
        // Near the ends of what they take: small moduli, small exponents, moduli of 46 bits.
        let last = BITS - 1;
        for (bits, k) in [
            (30_011, FIRST),
            (30_011, 2900),
            (123_456_789, 1_234_567),
            (123_456_789, 12_345_600),
            (last, FIRST),
            (last, last / 20),
            (last, last / 10 - 16),
        ] {
            let range = k..k + 19;
            for level in Level::available() {
                let terms = terms(level, bits, &range);
                if level.run(Fuses) {
                    assert!(terms.start == k && terms.end - k >= 8, "{level} {bits} {k}");
                }
                let expected = terms.clone().fold(0, |sum: u64, k| sum.wrapping_add(term(bits, k)));
                assert_eq!(sum(level, bits, terms), expected, "{level} {bits} {k}");
            }
        }
    }

    #[test]
    fn nothing_is_taken_where_it_does_not_fit() {
        for level in Level::available() {
            assert!(terms(level, BITS, &(1000..2000)).is_empty());
            assert!(terms(level, 1_000_000, &(0..FIRST)).is_empty());
            assert!(terms(level, 1_000_000, &(100_000..100_008)).is_empty());
            assert!(terms(level, 3, &(0..8)).is_empty());
        }
    }
}
