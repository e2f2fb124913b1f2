//! Fractions of consecutive terms side by side, in vectors of doubles.
//!
//! A vector holds one fraction of `LANES` consecutive terms. The `N` fractions of `B` vectors are
//! `N B` chains of squarings that fill each other's waiting time: a squaring waits some 24 cycles for
//! itself and occupies two units for 2 or 3.
//!
//! Exponents of neighbouring terms differ by the same number of bits. All lanes of a vector take the
//! bits of the smallest exponent. Before the last squaring each lane is multiplied by a power of two
//! of its own, at most `2^39`, which makes up for the difference.
//!
//! A window is one or two bits of the exponent: as many squarings, then a factor of 8 at most. `c` is
//! the bound of `|x| / m`; `residues` derives that of a squaring.
//!
//! | kernel | window | after the factor | `c` then, and before a second squaring | holds for |
//! |---|---|---|---|---|
//! | narrow | 2 bits | nothing | 4.1, 0.77 | `m < 2^46` |
//! | wide | 2 bits | one more reduction, three instructions | 0.51, 0.69 | `m < 2^51.5` |
//! | widest | 1 bit | the same | 0.51 | `m < 2^52.79` |
//!
//! Moduli grow with the terms, and each term takes the fastest kernel that its largest modulus allows.

mod residues;

use super::formula::{Fraction, least};
use crate::cancel;
use crate::cpu::{Lanes, Level, Simd, Task};
use residues::{Constants, DIGITS, Moduli, divide, nearest, square, whole};
use std::ops::Range;

/// Terms from which on every modulus is above `2^7`, the largest first power of two.
const FIRST: u64 = 64;
/// A kernel of the table above.
struct Kernel {
    /// Moduli below this are exact.
    below: u64,
    /// Bits of the exponent for each multiplication by a power of two.
    window: u32,
    /// A reduction after the power of two.
    wide: bool,
}

/// The kernels, the fastest one first.
const KERNELS: [Kernel; 3] = [
    Kernel { below: 1 << 46, window: 2, wide: false },
    Kernel { below: 3_180_000_000_000_000, window: 2, wide: true },
    Kernel { below: 7_800_000_000_000_000, window: 1, wide: true },
];
/// Terms from which on Newton's steps lead from one block's `1 / m` to the next one's: `m` grows by
/// less than `2^-15` of itself, and two steps make that `2^-60`.
const NEWTON: u64 = 1 << 20;
/// Powers of two that a window multiplies by.
const POWERS: [f64; 4] = [1.0, 2.0, 4.0, 8.0];
/// Blocks of terms between two checks for cancellation, some ten microseconds. No sum of digits is
/// longer than that: at most 32 times 16 chains.
const CHECK_EVERY: u64 = 32;

/// Terms of `range` that [`sum`] can take: whole blocks of `B` vectors, and none on a level without
/// fused multiply-adds.
pub(super) fn terms<const N: usize, const B: usize>(
    level: Level,
    fractions: &[Fraction; N],
    (bit, step): (u64, u64),
    range: &Range<u64>,
) -> Range<u64> {
    if !level.run(Fuses) {
        return range.start..range.start;
    }
    let [.., widest] = KERNELS;
    // Exponents of the terms beyond these are negative.
    let positive = bit.saturating_add_signed(least(fractions)) / step;
    let end = range.end.min(positive).min(terms_of(&widest, fractions));
    let start = range.start.max(FIRST).min(range.end);
    let block = (B * level.lanes()) as u64;
    start..start + end.saturating_sub(start) / block * block
}

/// The number of terms, from the first one on, whose moduli are small enough for a kernel.
fn terms_of<const N: usize>(kernel: &Kernel, fractions: &[Fraction; N]) -> u64 {
    fractions.iter().map(|f| (kernel.below - f.offset) / f.factor).min().unwrap_or_default()
}

/// Terms at which another kernel begins, the last one that of words.
pub(super) fn changes<const N: usize>(fractions: &[Fraction; N]) -> [u64; KERNELS.len()] {
    KERNELS.map(|kernel| terms_of(&kernel, fractions))
}

/// The sum of these terms in units of `2^-128`, wrapping. `step` is the formula's bits per term,
/// odd terms change their sign if `alternates`.
pub(super) fn sum<const N: usize, const B: usize>(
    level: Level,
    fractions: &'static [Fraction; N],
    (bit, step): (u64, u64),
    alternates: bool,
    terms: Range<u64>,
) -> u128 {
    let block = (B * level.lanes()) as u64;
    let (mut start, mut sum) = (terms.start, 0u128);
    for kernel in &KERNELS {
        let end = terms_of(kernel, fractions).clamp(start, terms.end);
        // A block has one kernel. Those of `terms` are whole.
        let end = start + (end - start) / block * block;
        if end > start {
            let terms = start..end;
            sum =
                sum.wrapping_add(level.run(Sum::<N, B> { fractions, bit, step, alternates, terms, kernel }));
        }
        start = end;
    }
    debug_assert_eq!(start, terms.end, "`terms` gives no others");
    sum
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

struct Sum<const N: usize, const B: usize> {
    fractions: &'static [Fraction; N],
    bit: u64,
    step: u64,
    alternates: bool,
    terms: Range<u64>,
    /// A branch that is always taken costs nothing beside a hundred vector instructions. A second copy of
    /// the code would.
    kernel: &'static Kernel,
}

impl<const N: usize, const B: usize> Task for Sum<N, B> {
    type Output = u128;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u128 {
        let mut sum = 0u128;
        if !S::FUSED {
            // `terms` leaves nothing to such a level: no code for it.
            return sum;
        }
        let constants = self.constants(simd);
        let mut k = self.terms.start;
        let mut moduli = self.moduli(simd, k);
        while k < self.terms.end {
            let mut digits = [simd.splat(0.0); DIGITS.len()];
            for _ in 0..CHECK_EVERY.min((self.terms.end - k) / Self::block(simd)) {
                let power = self.powers(simd, &moduli, &constants, k);
                for (moduli, power) in moduli.iter().zip(power) {
                    divide(simd, moduli, &constants, power, &mut digits);
                }
                k += Self::block(simd);
                if k < NEWTON {
                    moduli = self.moduli(simd, k);
                } else {
                    self.next(simd, &mut moduli);
                }
            }
            sum = sum.wrapping_add(whole(digits));
            cancel::check();
        }
        sum
    }
}

impl<const N: usize, const B: usize> Sum<N, B> {
    /// Terms in a block.
    #[inline(always)]
    fn block<S: Simd>(_: S) -> u64 {
        (B * S::LANES) as u64
    }

    #[inline(always)]
    fn constants<S: Simd>(&self, simd: S) -> Constants<S::F, N> {
        let zero = simd.splat(0.0);
        let mut constants = Constants { own: [zero; N], sign: [zero; N] };
        for (f, fraction) in self.fractions.iter().enumerate() {
            let (mut own, mut sign) = ([1.0; 8], [1.0; 8]);
            for lane in 0..S::LANES {
                let exponent = self.step / 2 * (S::LANES - 1 - lane) as u64 + self.more(fraction) / 2;
                own[lane] = (1u64 << exponent) as f64;
                let odd = self.alternates && (self.terms.start + lane as u64) % 2 == 1;
                sign[lane] = if fraction.negative == odd { 1.0 } else { -1.0 };
            }
            constants.own[f] = simd.load(&own);
            constants.sign[f] = simd.load(&sign);
        }
        constants
    }

    /// The fraction's exponent beyond the least one of a term.
    #[inline(always)]
    fn more(&self, fraction: &Fraction) -> u64 {
        (fraction.exponent - least(self.fractions)) as u64
    }

    /// The moduli of the block from term `k` on.
    #[inline(always)]
    fn moduli<S: Simd>(&self, simd: S, k: u64) -> [Moduli<S::F, N>; B] {
        let zero = simd.splat(0.0);
        let mut moduli = [Moduli { m: [zero; N], inverse: [zero; N] }; B];
        for (b, moduli) in moduli.iter_mut().enumerate() {
            let k = k + (b * S::LANES) as u64;
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
        }
        moduli
    }

    /// The moduli of the next block.
    #[inline(always)]
    fn next<S: Simd>(&self, simd: S, moduli: &mut [Moduli<S::F, N>; B]) {
        let one = simd.splat(1.0);
        for Moduli { m, inverse } in moduli {
            for (f, fraction) in self.fractions.iter().enumerate() {
                m[f] = m[f].add(simd.splat((fraction.factor * Self::block(simd)) as f64));
                for _ in 0..2 {
                    let error = inverse[f].neg_mul_add(m[f], one);
                    inverse[f] = inverse[f].mul_add(error, inverse[f]);
                }
            }
        }
    }

    /// The powers of two of all fractions, modulo the moduli; at most three times the modulus.
    #[inline(always)]
    fn powers<S: Simd>(
        &self,
        simd: S,
        moduli: &[Moduli<S::F, N>; B],
        constants: &Constants<S::F, N>,
        k: u64,
    ) -> [[S::F; N]; B] {
        // Exponents of the last lanes of the fraction with the least one: they fall from vector to vector.
        let mut exponents = [0u64; B];
        for (b, exponent) in exponents.iter_mut().enumerate() {
            let last = k + ((b + 1) * S::LANES) as u64 - 1;
            *exponent = (self.bit - self.step * last).wrapping_add_signed(least(self.fractions));
        }
        // The last bit comes with the lanes' own powers; the first ones make a power below 2k + 1.
        let Kernel { window, wide, .. } = *self.kernel;
        let bits = u64::BITS - (exponents[0] >> 1).leading_zeros();
        let mut left = bits.saturating_sub((k.ilog2() + 2).ilog2()).next_multiple_of(window) + 1;
        let mut power = [[simd.splat(1.0); N]; B];
        for b in 0..B {
            power[b] = [simd.splat((1u64 << (exponents[b] >> left)) as f64); N];
        }
        while left > 1 {
            for _ in 0..window {
                for b in 0..B {
                    square(simd, &mut power[b], &moduli[b]);
                }
            }
            left -= window;
            for b in 0..B {
                let digit = exponents[b] >> left & ((1 << window) - 1);
                let factor = simd.splat(POWERS[digit as usize & 3]);
                for power in &mut power[b] {
                    *power = power.mul(factor);
                }
            }
            if wide {
                for b in 0..B {
                    nearest(simd, &mut power[b], &moduli[b]);
                }
            }
        }
        for b in 0..B {
            for (power, own) in power[b].iter_mut().zip(constants.own) {
                *power = power.mul(own);
            }
            nearest(simd, &mut power[b], &moduli[b]);
            square(simd, &mut power[b], &moduli[b]);
            for (f, fraction) in self.fractions.iter().enumerate() {
                let last = (exponents[b] & 1) + self.more(fraction) % 2;
                power[b][f] = power[b][f].mul(simd.splat(POWERS[last as usize & 3]));
            }
        }
        power
    }
}

#[cfg(test)]
mod tests {
    use super::super::formula::{BBP, BELLARD};
    use super::super::part::{Part, one_by_one};
    use super::*;

    fn compare<const N: usize, const B: usize>(
        fractions: &'static [Fraction; N],
        step: u64,
        alternates: bool,
    ) {
        let factor = fractions.iter().map(|fraction| fraction.factor).max().unwrap();
        let [narrow, two_bits, widest] = KERNELS.map(|kernel| kernel.below);
        // The bit at which the largest modulus reaches a limit.
        let at = |limit: u64| (limit - 10) / factor * step;
        for bit in [
            30_011,
            123_456_789,
            at(narrow),
            at(narrow) + 12_345,
            at(1 << 50),
            at(two_bits),
            at(two_bits) + 54_321,
            at(widest),
            at(widest) + 777,
            Part::MAX_BIT,
        ] {
            let last = (bit / step - 110).min(at(widest) / step - 110);
            let mut starts = vec![FIRST, NEWTON, bit / (2 * step), bit / (3 * step) * 2 + 1, last];
            // Small moduli, moduli in the middle, the largest ones, and a change of the kernel in the range.
            starts.extend(KERNELS.iter().map(|kernel| terms_of(kernel, fractions) - 50));
            for k in starts {
                let range = k..k + 107;
                for level in Level::available() {
                    let terms = terms::<N, B>(level, fractions, (bit, step), &range);
                    if level.run(Fuses) && k <= last {
                        assert!(terms.start == k && terms.end - k >= 76, "{level} {bit} {k}");
                    }
                    let expected = one_by_one(fractions, (bit, step), alternates, terms.clone());
                    let found = sum::<N, B>(level, fractions, (bit, step), alternates, terms);
                    assert_eq!(found, expected, "{level}, bit {bit}, term {k}");
                }
            }
        }
    }

    #[test]
    fn vectors_are_as_one_after_the_other() {
        compare::<7, 2>(&BELLARD, 10, true);
        compare::<4, 4>(&BBP, 4, false);
    }

    #[test]
    fn nothing_is_taken_that_does_not_fit() {
        let [.., widest] = KERNELS;
        for level in Level::available() {
            let [first, second] = [terms_of(&widest, &BELLARD), terms_of(&widest, &BBP)];
            let at = Part::MAX_BIT;
            assert!(terms::<7, 2>(level, &BELLARD, (at, 10), &(first..first + 1000)).is_empty());
            assert!(terms::<4, 4>(level, &BBP, (at, 4), &(second..second + 1000)).is_empty());
            let end = terms::<4, 4>(level, &BBP, (at, 4), &(second - 1000..second + 1000)).end;
            assert!(end <= second, "{end} {second}");
            assert!(terms::<7, 2>(level, &BELLARD, (1_000_000, 10), &(0..FIRST)).is_empty());
            assert!(terms::<7, 2>(level, &BELLARD, (1_000_000, 10), &(100_000..100_008)).is_empty());
            assert!(terms::<7, 2>(level, &BELLARD, (3, 10), &(0..8)).is_empty());
        }
    }
}
