//! Residues modulo `2^61 - 1`: the proof of results that no single product certifies.
//!
//! A wrong result keeps its residue with a chance of `2^-61`; a single flipped bit never does. Two
//! flipped bits a multiple of 61 apart cancel where one is set and the other cleared. A residue takes
//! less than a nanosecond per limb, as `2^64 = 8`: multiplying by a power of two is a shift.

use super::thresholds::RESIDUE_VECTORS;
use crate::fft;

/// The prime.
pub(crate) const PRIME: u64 = (1 << 61) - 1;

/// `number mod PRIME`.
#[must_use]
pub(crate) fn residue(number: &[u64]) -> u64 {
    if number.len() < RESIDUE_VECTORS { by_four_sums(number) } else { fft::residue(number) }
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
    fold(upward.fold(0, |total, &x| (total << 3) + u128::from(x))) % PRIME
}

/// The value of ASCII decimal digits.
#[must_use]
pub(crate) fn residue_of_digits(text: &[u8]) -> u64 {
    const E8: u64 = 100_000_000;
    let (first, rest) = text.split_at(text.len() % 16);
    let start = first.iter().fold(0, |value, &c| 10 * value + u64::from(c - b'0'));
    let eights = rest.as_chunks::<8>().0;
    // Below 10^16, and so is the power: the sum stays below 2^124.
    eights.as_chunks::<2>().0.iter().fold(start, |sum, [high, low]| {
        let value = value_of_eight(*high) * E8 + value_of_eight(*low);
        fold(u128::from(sum) * u128::from(E8 * E8) + u128::from(value))
    }) % PRIME
}

/// Neighbours are joined side by side in one register: pairs, fours, all eight.
fn value_of_eight(digits: [u8; 8]) -> u64 {
    let ones = u64::from_le_bytes(digits) - 0x3030_3030_3030_3030;
    let pairs = (10 * ones + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (100 * pairs + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (10_000 * fours + (fours >> 32)) & 0xffff_ffff
}

/// A number with the residue of `x`, less than `2^61 + 2^7`.
#[inline]
pub(crate) fn fold(x: u128) -> u64 {
    let x = (x & u128::from(PRIME)) + (x >> 61);
    (x as u64 & PRIME) + (x >> 61) as u64
}

/// `a b`, for `a, b < 2^62`.
#[must_use]
pub(crate) fn times(a: u64, b: u64) -> u64 {
    fold(u128::from(a) * u128::from(b)) % PRIME
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

/// `1 / x`, for `x` not 0.
#[must_use]
pub(crate) fn inverse(x: u64) -> u64 {
    power(x, PRIME - 2)
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
                let text = to_big(&number).to_string();
                assert_eq!(
                    BigUint::from(residue_of_digits(text.as_bytes())),
                    to_big(&number) % PRIME,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn arithmetic() {
        assert_eq!(power(5, 100), residue(&crate::bigint::radix::power_of_five(100)));
        for x in [1, 2, 10, PRIME - 1, 1 << 60] {
            assert_eq!(times(x, inverse(x)), 1);
            assert_eq!(plus(minus(3, x), x), 3);
        }
        for exponent in (0..200).chain([1 << 20, 64 * 12_345]) {
            assert_eq!(inverse_of_fermat(exponent), inverse(plus(power_of_two(exponent), 1)));
        }
        assert_eq!(power_of_two(64), 8);
        assert_eq!(without_low(residue(&[7, 8, 9, 10]), &[7, 8]), residue(&[9, 10]));
    }
}
