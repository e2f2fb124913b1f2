//! Fractions of consecutive terms side by side, in vectors of doubles.
//!
//! ```text
//! x^2 mod m:   h = x x rounded      l = x x - h, exact by a fused multiply-add
//!              q = h / m rounded    r = (h - q m) + l, both steps exact
//! ```
//! A vector holds one fraction of `LANES` consecutive terms. The `N` fractions of a formula are `N`
//! chains of squarings that fill each other's waiting time.
//!
//! Exponents of neighbouring terms differ by the same number of bits. All but their lowest seven
//! bits are taken from the smallest exponent. In the last seven squarings each lane multiplies by a
//! power of two of its own, at most 8, which makes up for the difference.
//!
//! # Bounds
//!
//! Let `|x| <= c m`. Then `|q| <= c^2 m + 1`, which must stay below `2^51` for the rounding by a magic
//! constant. `1 / m` is off by half a unit, so that `q` is off by `1/2 + c^2 m / 2^53` at most, and
//! `|r| <= (1/2 + c^2 m / 2^53) m + 2^-53 x^2`. Every difference is an integer below `2^53`: exact.
//!
//! | kernel | after a factor `2^j` | holds for |
//! |---|---|---|
//! | narrow | nothing: `c` is 4.2 after a factor of 8 | `m < 2^46` |
//! | wide | one more reduction: `c` is 0.51 again, three instructions more | `m < 2^51.9` |
//!
//! Source: Dekker, "A floating-point technique for extending the available precision" (1971), for
//! the exact product; Muller et al., "Handbook of Floating-Point Arithmetic", for the modular one.

use super::formula::{Fraction, least};
use super::word::inverse;
use crate::cancel;
use crate::cpu::{Lanes, Level, Simd, Task};
use std::ops::Range;

/// Adding and subtracting this rounds to an integer: `1.5 * 2^52`.
const MAGIC: f64 = 6_755_399_441_055_744.0;
/// Terms from which on every modulus is above `2^7`, the largest first power of two.
const FIRST: u64 = 64;
/// Moduli below this are exact in the narrow kernel.
const NARROW: u64 = 1 << 46;
/// Moduli below this are exact in the wide kernel: 0.93 of `2^52`.
const WIDE: u64 = 4_188_000_000_000_000;
/// The exponents' bits that the lanes of a vector do not share.
const OWN_BITS: u32 = 7;
/// Blocks of terms between two checks for cancellation: some ten microseconds.
const CHECK_EVERY: u64 = 64;

/// Terms of `range` that [`sum`] can take: whole vectors, and none on a level without fused
/// multiply-adds.
pub(super) fn terms<const N: usize>(
    level: Level,
    fractions: &[Fraction; N],
    (bit, step): (u64, u64),
    range: &Range<u64>,
) -> Range<u64> {
    if largest(fractions, (bit, step)) >= WIDE || !level.run(Fuses) {
        return range.start..range.start;
    }
    // Exponents of the terms beyond these are negative.
    let end = range.end.min(bit.saturating_add_signed(least(fractions)) / step);
    let start = range.start.max(FIRST).min(range.end);
    let lanes = level.lanes() as u64;
    start..start + end.saturating_sub(start) / lanes * lanes
}

/// The largest modulus of a term whose exponents are not negative.
fn largest<const N: usize>(fractions: &[Fraction; N], (bit, step): (u64, u64)) -> u64 {
    fractions.iter().map(|f| bit / step * f.factor + f.offset).max().unwrap_or_default()
}

/// The sum of these terms in units of `2^-128`, wrapping. `step` is the formula's bits per term,
/// odd terms change their sign if `alternates`.
pub(super) fn sum<const N: usize>(
    level: Level,
    fractions: &'static [Fraction; N],
    (bit, step): (u64, u64),
    alternates: bool,
    terms: Range<u64>,
) -> u128 {
    if terms.is_empty() {
        return 0;
    }
    let wide = largest(fractions, (bit, step)) >= NARROW;
    level.run(Sum { fractions, bit, step, alternates, terms, wide })
}

/// A test for multiply-adds that round once.
struct Fuses;

impl Task for Fuses {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> bool {
        S::FUSED
    }
}

struct Sum<const N: usize> {
    fractions: &'static [Fraction; N],
    bit: u64,
    step: u64,
    alternates: bool,
    terms: Range<u64>,
    /// The wide kernel. A branch that is always taken costs nothing beside twenty vector instructions, and
    /// a second copy of the code would.
    wide: bool,
}

impl<const N: usize> Task for Sum<N> {
    type Output = u128;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u128 {
        let mut sum = 0u128;
        if !S::FUSED {
            // `terms` leaves nothing to such a level: no code for it.
            return sum;
        }
        let mut k = self.terms.start;
        let mut blocks = 0u64;
        while k < self.terms.end {
            sum = sum.wrapping_add(self.block(simd, k));
            k += S::LANES as u64;
            blocks += 1;
            if blocks.is_multiple_of(CHECK_EVERY) {
                cancel::check();
            }
        }
        sum
    }
}

/// `N` moduli in every lane.
#[derive(Clone, Copy)]
struct Moduli<F, const N: usize> {
    m: [F; N],
    inverse: [F; N],
}

impl<const N: usize> Sum<N> {
    /// The terms `k .. k + LANES`.
    #[inline(always)]
    fn block<S: Simd>(&self, simd: S, k: u64) -> u128 {
        let moduli = self.moduli(simd, k);
        let least = least(self.fractions);
        // Exponents of the fraction with the least one: they fall by `step` from lane to lane.
        let first = (self.bit as i64 - (self.step * k) as i64 + least + 128) as u64;
        let power = self.powers(simd, &moduli, first);
        let mut sum = 0u128;
        for (f, fraction) in self.fractions.iter().enumerate() {
            let more = simd.splat((1u64 << (fraction.exponent - least)) as f64);
            let residue = nearest(simd, power[f].mul(more), moduli.m[f], moduli.inverse[f]);
            let mut t = [0; 8];
            // The integer stands in the mantissa.
            residue.add(simd.splat(MAGIC)).store_bits(&mut t);
            let first =
                (fraction.factor * k + fraction.offset, fraction.negative != (self.alternates && k % 2 == 1));
            let quotients = quotients(&t[..S::LANES], first, fraction.factor, self.alternates);
            sum = sum.wrapping_add(quotients);
        }
        sum
    }

    #[inline(always)]
    fn moduli<S: Simd>(&self, simd: S, k: u64) -> Moduli<S::F, N> {
        let zero = simd.splat(0.0);
        let mut moduli = Moduli { m: [zero; N], inverse: [zero; N] };
        for (f, fraction) in self.fractions.iter().enumerate() {
            let first = (fraction.factor * k + fraction.offset) as f64;
            let (mut m, mut inverse) = ([1.0; 8], [1.0; 8]);
            for lane in 0..8 {
                m[lane] = first + fraction.factor as f64 * lane as f64;
                inverse[lane] = 1.0 / m[lane];
            }
            moduli.m[f] = simd.load(&m);
            moduli.inverse[f] = simd.load(&inverse);
        }
        moduli
    }

    /// `2^e` modulo the moduli; `e` falls from `first` by `step` per lane.
    #[inline(always)]
    fn powers<S: Simd>(&self, simd: S, moduli: &Moduli<S::F, N>, first: u64) -> [S::F; N] {
        let shared = (first - self.step * (S::LANES as u64 - 1)) >> OWN_BITS;
        // Its top three bits at once: 2^7 at most, less than any modulus.
        let mut left = (u64::BITS - shared.leading_zeros()).saturating_sub(3);
        let mut power = [simd.splat((1u64 << (shared >> left)) as f64); N];
        while left > 0 {
            left -= 1;
            let factor = simd.splat((1u64 << (shared >> left & 1)) as f64);
            squares(simd, &mut power, moduli, factor, self.wide);
        }
        for bit in (0..OWN_BITS).rev() {
            let mut factors = [1.0; 8];
            for (lane, factor) in factors.iter_mut().enumerate().take(S::LANES) {
                // Below 2^7 + 70: the uppermost of its digits is at most 3.
                let own = first - self.step * lane as u64 - (shared << OWN_BITS);
                let digit = if bit == OWN_BITS - 1 { own >> bit } else { own >> bit & 1 };
                *factor = (1u64 << digit) as f64;
            }
            squares(simd, &mut power, moduli, simd.load(&factors), self.wide);
        }
        power
    }
}

/// Squares all `N` and multiplies them by a power of two up to 8.
#[inline(always)]
fn squares<S: Simd, const N: usize>(
    simd: S,
    x: &mut [S::F; N],
    moduli: &Moduli<S::F, N>,
    factor: S::F,
    wide: bool,
) {
    let magic = simd.splat(MAGIC);
    let (mut high, mut minus_low, mut q) = (*x, *x, *x);
    for f in 0..N {
        high[f] = x[f].mul(x[f]);
    }
    for f in 0..N {
        minus_low[f] = x[f].neg_mul_add(x[f], high[f]);
    }
    for f in 0..N {
        q[f] = high[f].mul_add(moduli.inverse[f], magic).sub(magic);
    }
    for f in 0..N {
        x[f] = q[f].neg_mul_add(moduli.m[f], high[f]).sub(minus_low[f]).mul(factor);
    }
    if wide {
        for (f, x) in x.iter_mut().enumerate() {
            *x = nearest(simd, *x, moduli.m[f], moduli.inverse[f]);
        }
    }
}

/// The residue of `x` modulo `m` that is nearest to zero, give or take a hair.
#[inline(always)]
fn nearest<S: Simd>(simd: S, x: S::F, m: S::F, inverse: S::F) -> S::F {
    let magic = simd.splat(MAGIC);
    x.mul_add(inverse, magic).sub(magic).neg_mul_add(m, x)
}

/// The sum of `floor(r 2^128 / m)` over the lanes, where `t` has the bits of [`MAGIC`] plus
/// `r 2^128` modulo `m`: a quotient is `-t / m` modulo `2^128` for the least `t` that is not negative.
///
/// `m` begins at `first` and grows by `step` from lane to lane; a quotient is subtracted if
/// `negative`, which `alternates`. A function of its own: scalar code that all levels share.
#[inline(never)]
fn quotients(t: &[u64], first: (u64, bool), step: u64, alternates: bool) -> u128 {
    let (mut m, mut negative) = first;
    let mut sum = 0u128;
    for t in t {
        let t = t.wrapping_sub(MAGIC.to_bits());
        let t = t.wrapping_add(m & (((t as i64) >> 63) as u64));
        let quotient = u128::from(t).wrapping_neg().wrapping_mul(inverse(m));
        sum = if negative { sum.wrapping_sub(quotient) } else { sum.wrapping_add(quotient) };
        m += step;
        negative ^= alternates;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::formula::{BBP, BELLARD};
    use super::super::part::one_by_one;
    use super::*;

    fn compare<const N: usize>(fractions: &'static [Fraction; N], step: u64, alternates: bool) {
        let factor = fractions.iter().map(|fraction| fraction.factor).max().unwrap();
        // The bit at which the largest modulus reaches a limit.
        let at = |limit: u64| (limit - 10) / factor * step;
        for bit in [30_011, 123_456_789, at(NARROW), at(NARROW) + 12_345, at(1 << 50), at(WIDE)] {
            // Small moduli, moduli in the middle, the largest ones with small exponents.
            for k in [FIRST, bit / (2 * step), bit / (3 * step) * 2 + 1, bit / step - 40] {
                let range = k..k + 27;
                for level in Level::available() {
                    let terms = terms(level, fractions, (bit, step), &range);
                    if level.run(Fuses) {
                        assert!(terms.start == k && terms.end - k >= 8, "{level} {bit} {k}");
                    }
                    let expected = one_by_one(fractions, (bit, step), alternates, terms.clone());
                    let found = sum(level, fractions, (bit, step), alternates, terms);
                    assert_eq!(found, expected, "{level}, bit {bit}, term {k}");
                }
            }
        }
    }

    #[test]
    fn vectors_are_as_one_after_the_other() {
        compare(&BELLARD, 10, true);
        compare(&BBP, 4, false);
    }

    #[test]
    fn nothing_is_taken_that_does_not_fit() {
        for level in Level::available() {
            assert!(terms(level, &BELLARD, (WIDE, 10), &(1000..2000)).is_empty());
            assert!(terms(level, &BBP, (WIDE / 2, 4), &(1000..2000)).is_empty());
            assert!(terms(level, &BELLARD, (1_000_000, 10), &(0..FIRST)).is_empty());
            assert!(terms(level, &BELLARD, (1_000_000, 10), &(100_000..100_008)).is_empty());
            assert!(terms(level, &BELLARD, (3, 10), &(0..8)).is_empty());
        }
    }
}
