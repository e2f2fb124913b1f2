//! Binary digits of pi at any position, by Bellard's formula.
//!
//! ```text
//! pi = 1/64 sum (-1)^k / 2^(10k) ( -32/(4k+1) - 1/(4k+3) + 256/(10k+1)
//!                                  - 64/(10k+3) - 4/(10k+5) - 4/(10k+7) + 1/(10k+9) )
//! frac(2^n pi):  each fraction 2^e / m needs only 2^e modulo m
//! ```
//! A term with a positive exponent `e` is `floor(r 2^64 / m) / 2^64`, `r = 2^e
//! mod m`. As `m` is odd, that floor is `-t / m` modulo `2^64` with
//! `t = 2^(e + 64) mod m`: no division. [`super::vectors`] finds `t` for many
//! terms at once, [`super::scalar`] for one.
//!
//! Sources: Bellard, "A new formula to compute the n'th binary digit of pi"
//! (1997); Bailey, Borwein and Plouffe (1997).

use super::scalar::{fraction, together};
use super::vectors;
use crate::bigint::parallel::in_parallel;
use crate::cpu::Level;
use std::ops::Range;

/// The seven fractions of a term: whether it is subtracted, the exponent of two in its numerator,
/// the factor 1/64 included, and `(factor, offset)` of the denominator.
pub(super) const FRACTIONS: [(bool, i64, u64, u64); 7] = [
    (true, -1, 4, 1),
    (true, -6, 4, 3),
    (false, 2, 10, 1),
    (true, 0, 10, 3),
    (true, -4, 10, 5),
    (true, -4, 10, 7),
    (false, -6, 10, 9),
];
/// The least of those exponents.
pub(super) const LEAST: i64 = -6;

/// `frac(2^bits pi)` in units of `2^-64`, with its error: the exact value is
/// less than the second number above or below the first.
///
/// Cost: `0.7 bits` modular powers of `log2(bits)` squarings, on each of the threads.
///
/// # Panics
/// If `bits` is above `2^60`.
#[must_use]
pub fn binary_digits_at(bits: u64, threads: usize) -> (u64, u64) {
    binary_digits_on(Level::get(), bits, threads)
}

/// The same on a given level.
pub(super) fn binary_digits_on(level: Level, bits: u64, threads: usize) -> (u64, u64) {
    assert!(bits < 1 << 60, "positions beyond 2^60 are not reachable");
    let end = (bits + 80) / 10 + 1;
    let threads = (threads as u64).clamp(1, end);
    let bound = |part: u64| (u128::from(end) * u128::from(part) / u128::from(threads)) as u64;
    let parts = (0..threads).map(|part| bound(part)..bound(part + 1)).collect();
    let sums = in_parallel(parts, threads as usize, |range| partial_sum(level, bits, range));
    let sum = sums.into_iter().fold(0, u64::wrapping_add);
    // Each of seven fractions is cut by less than a unit; the tail is below one.
    (sum, 7 * end + 1)
}

/// The sum of the terms `range`: as many as possible side by side.
fn partial_sum(level: Level, bits: u64, range: Range<u64>) -> u64 {
    let side_by_side = vectors::terms(level, bits, &range);
    let one_by_one = |range: Range<u64>| range.fold(0u64, |sum, k| sum.wrapping_add(term(bits, k)));
    one_by_one(range.start..side_by_side.start)
        .wrapping_add(vectors::sum(level, bits, side_by_side.clone()))
        .wrapping_add(one_by_one(side_by_side.end..range.end))
}

/// `frac` of the `k`-th term times `2^bits`.
pub(super) fn term(bits: u64, k: u64) -> u64 {
    let shift = bits as i64 - 10 * k as i64;
    let values = if k > 0 && shift + LEAST >= 0 && bits < 1 << 50 {
        together(shift, k)
    } else {
        FRACTIONS.map(|(_, exponent, factor, offset)| fraction(shift + exponent, factor * k + offset))
    };
    values.iter().zip(&FRACTIONS).fold(0u64, |sum, (&value, &(negative, ..))| {
        if negative != (k % 2 == 1) { sum.wrapping_sub(value) } else { sum.wrapping_add(value) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hexadecimal_digits() {
        // pi = 3.243F6A88 85A308D3 13198A2E 03707344 A4093822...
        for (bits, expected) in
            [(0, 0x243F_6A88_85A3_08D3), (32, 0x85A3_08D3_1319_8A2E), (64, 0x1319_8A2E_0370_7344)]
        {
            let (found, error) = binary_digits_at(bits, 1);
            assert!(found.wrapping_sub(expected).wrapping_add(error) <= 2 * error, "at {bits}: {found:x}");
        }
    }

    #[test]
    fn the_millionth_hexadecimal_digit() {
        // Bailey, Borwein and Plouffe (1997), table: 26C65E52CB4593 from 10^6 on.
        let (found, error) = binary_digits_at(4_000_000 - 4, 2);
        let (shifted, _) = binary_digits_at(4_000_000, 2);
        assert!(error < 1 << 24);
        assert_eq!(shifted >> 32, found << 4 >> 32);
        assert_eq!(found >> 32, 0x26C6_5E52);
    }

    #[test]
    fn every_level_and_any_threads_add_up_the_same() {
        for bits in [0, 1, 4000, 30_011, 99_999, 123_456] {
            let expected: u64 = (0..=(bits + 80) / 10).map(|k| term(bits, k)).fold(0, u64::wrapping_add);
            for level in Level::available() {
                for threads in [1, 2, 5] {
                    let (found, _) = binary_digits_on(level, bits, threads);
                    assert_eq!(found, expected, "bit {bits}, {level}, {threads} threads");
                }
            }
        }
    }
}
