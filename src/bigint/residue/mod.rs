//! Residues modulo `2^61 - 1`: the proof of results that no single product certifies.
//!
//! A wrong result keeps its residue with a chance of `2^-61`; a single flipped bit never does. Two
//! flipped bits a multiple of 61 apart cancel where one is set and the other cleared. A residue takes
//! less than a nanosecond per limb, as `2^64 = 8`: multiplying by a power of two is a shift.

mod digits;
mod lanes;

pub(crate) use digits::residue_of_digits;
pub(crate) use lanes::{Field, Wide, product};

use super::thresholds::RESIDUE_VECTORS;
use crate::fft;

/// The prime.
pub(crate) const PRIME: u64 = (1 << 61) - 1;

/// `number mod PRIME`.
#[must_use]
pub(crate) fn residue(number: &[u64]) -> u64 {
    if number.len() < RESIDUE_VECTORS { by_four_sums(number) } else { fft::residue(number) }
}

/// `limb mod PRIME`.
#[must_use]
pub(crate) fn of_limb(limb: u64) -> u64 {
    limb % PRIME
}

fn by_four_sums(number: &[u64]) -> u64 {
    // Four sums, each of every fourth limb, so that none waits for another: a step weighs 2^(4 * 64) = 2^12.
    // Five steps take a sum from 62 to 123 bits.
    let (rest, blocks) = number.as_rchunks::<4>();
    let mut sums = [0u64; 4];
    for steps in blocks.rchunks(5) {
        let mut wide = sums.map(u128::from);
        for block in steps.iter().rev() {
            for (sum, &limb) in wide.iter_mut().zip(block) {
                *sum = (*sum << 12) + u128::from(limb);
            }
        }
        sums = wide.map(fold);
    }
    let upward = rest.iter().chain(&sums).rev();
    reduced(upward.fold(0, |total, &x| (total << 3) + u128::from(x)))
}

/// A number with the residue of `x`, less than `2^61 + 4`, for `x < 2^124`.
#[inline]
pub(crate) fn fold(x: u128) -> u64 {
    let x = (x as u64 & PRIME) + (x >> 61) as u64;
    (x & PRIME) + (x >> 61)
}

/// The residue of `x < 2^124`.
#[inline]
fn reduced(x: u128) -> u64 {
    let x = fold(x);
    if x >= PRIME { x - PRIME } else { x }
}

/// `a b`, for `a, b < 2^62`.
#[must_use]
#[inline]
pub(crate) fn times(a: u64, b: u64) -> u64 {
    reduced(u128::from(a) * u128::from(b))
}

/// `a + b`, for `a, b < 2^62`.
#[must_use]
pub(crate) fn plus(a: u64, b: u64) -> u64 {
    (a + b) % PRIME
}

/// `a - b`, for `a, b <= PRIME`.
#[must_use]
pub(crate) fn minus(a: u64, b: u64) -> u64 {
    (a + (PRIME - b)) % PRIME
}

/// `2^exponent`.
#[must_use]
pub(crate) fn power_of_two(exponent: usize) -> u64 {
    1 << (exponent % 61)
}

/// The residue of a number without its lowest limbs `low`, from the residue of the whole.
#[must_use]
pub(crate) fn without_low(whole: u64, low: &[u64]) -> u64 {
    times(minus(whole, residue(low)), power_of_two(61 - 64 * low.len() % 61))
}

/// `base^exponent`.
#[must_use]
pub(crate) fn power(base: u64, exponent: u64) -> u64 {
    (0..64 - exponent.leading_zeros()).rev().fold(1, |power, bit| {
        let square = times(power, power);
        if exponent >> bit & 1 == 1 { times(square, base) } else { square }
    })
}

/// `1 / x`, for `x` not 0: its power `2^61 - 3`, as `2^61 - 3 = 4 (2^59 - 1) + 1`.
#[must_use]
pub(crate) fn inverse(x: u64) -> u64 {
    let squared = |y: u64, count: u32| (0..count).fold(y, |y, _| times(y, y));
    // The power 2^n - 1, for the upper bits n of 59.
    let (mut n, mut ones) = (1, x);
    for bit in (0..5).rev() {
        (n, ones) = (2 * n, times(squared(ones, n), ones));
        if 59 >> bit & 1 == 1 {
            (n, ones) = (n + 1, times(squared(ones, 1), x));
        }
    }
    times(squared(ones, 2), x)
}

/// [`inverse`] of `2^exponent + 1`, without a product for each bit.
///
/// As `2^61 = 1`, `2 / (1 + y)` is `1 - y + y^2 - ... + y^60` for `y = 2^exponent`, all powers of two.
#[must_use]
pub(crate) fn inverse_of_fermat(exponent: usize) -> u64 {
    let (mut sums, mut at) = ([0, 0], 0);
    for i in 0..61 {
        sums[i % 2] += power_of_two(at);
        at += exponent % 61;
    }
    times(minus(sums[0], sums[1]), power_of_two(60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{patterns, to_big};
    use num_bigint::BigUint;

    #[test]
    fn residues_of_every_length_and_pattern() {
        for n in (1..20).chain([100, RESIDUE_VECTORS - 1, RESIDUE_VECTORS, 1001]) {
            for number in patterns(n) {
                assert_eq!(BigUint::from(residue(&number)), to_big(&number) % PRIME, "{n} limbs");
            }
        }
    }

    #[test]
    fn arithmetic() {
        assert_eq!(power(5, 100), residue(&crate::bigint::radix::power_of_five(100)));
        for x in [1, 2, 10, PRIME - 1, 1 << 60, 0x0123_4567_89ab_cdef] {
            assert_eq!(times(x, inverse(x)), 1);
            assert_eq!(inverse(x), power(x, PRIME - 2));
            assert_eq!(plus(minus(3, x), x), 3);
        }
        for exponent in (0..200).chain([1 << 20, 64 * 12_345]) {
            assert_eq!(inverse_of_fermat(exponent), inverse(plus(power_of_two(exponent), 1)));
        }
        assert_eq!(power_of_two(64), 8);
        assert_eq!(without_low(residue(&[7, 8, 9, 10]), &[7, 8]), residue(&[9, 10]));
    }
}
