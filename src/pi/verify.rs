//! The check of a long computation: its last bits against a formula that needs none of the bits
//! before.
//!
//! ```text
//! computed   64 bits of pi near the end of what was computed
//! expected   the same bits by Bellard's formula                   hex
//! ```
//! The formula shares nothing with the series, the multiplication and the conversion. An error in a
//! sum, a product or a quotient reaches the last bits, so if these agree with the formula,
//! everything before them was right. [`check_fraction`] takes the binary fraction before its
//! conversion to text, [`check_digits`] decimal digits from any source.

use super::hex::{Formula, Part, Sum};
use crate::bigint::Natural;
use crate::bigint::div::approximate_quotient;
use crate::bigint::radix::{from_decimal, power_of_five};

/// The result of a check against Bellard's formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The bit after the point at which the comparison began.
    pub position: u64,
    /// The integer part of the computed number.
    pub integer: u8,
    /// 64 bits of pi from there, from the computed fraction.
    pub computed: u64,
    /// The bits by the formula, to within `tolerance`.
    pub expected: u64,
    /// Units by which the two may differ.
    pub tolerance: u64,
}

impl Verdict {
    /// The computed bits agree with the formula, and the integer part is 3.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let difference = self.computed.wrapping_sub(self.expected);
        self.integer == 3 && difference.min(difference.wrapping_neg()) <= self.tolerance
    }
}

/// `frac(2^bits pi)` in units of `2^-64` by Bellard's formula, and its tolerance: the exact value
/// differs from the first number by less than the second.
///
/// Cost: `0.7 bits` modular powers of `log2(bits)` squarings, shared by the threads.
///
/// # Panics
/// If `bits` is above [`Part::MAX_BIT`], `2^60`.
#[must_use]
pub fn binary_digits_at(bits: u64, threads: usize) -> (u64, u64) {
    let part = Part::whole(Formula::Bellard, bits).unwrap_or_else(|error| panic!("{error}"));
    let sum = Sum::merge(&[part.sum(threads)]).expect("a whole sum has no gap");
    // Less than one unit is cut off; the error of the sum is less than another one.
    ((sum.value() >> 64) as u64, 2)
}

/// Compares 64 bits of a fraction of pi with the formula: the second lowest limb, so that an error
/// of the lowest limb does not count. The lowest limb comes first.
///
/// # Panics
/// If the fraction has fewer than two limbs, or more than [`Part::MAX_BIT`] bits.
#[must_use]
pub fn check_fraction(fraction: &[u64], threads: usize) -> Verdict {
    let limbs = fraction.len();
    assert!(limbs >= 2, "a fraction of {limbs} limbs has no limb to compare: use two limbs or more");
    let position = 64 * (limbs as u64 - 2);
    let (expected, tolerance) = binary_digits_at(position, threads);
    // The lower bound may borrow from the limb above: one unit more.
    Verdict { position, integer: 3, computed: fraction[1], expected, tolerance: tolerance + 1 }
}

/// Compares decimal digits of pi, ASCII, the leading 3 first and without a point, with the formula:
/// the last 64 bits that they determine.
///
/// All digits but the last two take part. Cost: the formula, one conversion to binary, a power of
/// five and a division, less time together than the digits took; memory for about four numbers of
/// their length.
///
/// # Panics
/// If there is no digit, or anything but digits.
#[must_use]
pub fn check_digits(digits: &[u8], threads: usize) -> Verdict {
    assert!(!digits.is_empty() && digits.iter().all(u8::is_ascii_digit), "digits only, and at least one");
    let decimals = digits.len() - 1;
    // log2(10), cut below: unknown digits weigh less than a unit of the last of these bits.
    let known = (decimals as u128 * 3_321_928_094_887 / 1_000_000_000_000) as u64;
    let position = known.saturating_sub(64);
    let (expected, formula) = binary_digits_at(position, threads);
    let (computed, cut) = bits_of(&digits[1..], position);
    let tolerance = formula.saturating_add(cut);
    Verdict { position, integer: digits[0] - b'0', computed, expected, tolerance }
}

/// 64 bits of the fraction with these decimals from `position` on, and the bound of their error.
fn bits_of(decimals: &[u8], position: u64) -> (u64, u64) {
    // d / 10^n * 2^(position + 64)
    let bits = position + 64;
    let power = power_of_five(decimals.len());
    // There are always more bits than decimals.
    let shifted = Natural::from_words(from_decimal(decimals)) << (bits - decimals.len() as u64);
    let quotient = if shifted.limbs().len() < power.len() {
        crate::memory::Limbs::default()
    } else {
        approximate_quotient(shifted.limbs(), 0, &power)
    };
    // Eight units of the quotient, one of the shift, and the weight of the decimals behind the last.
    let unseen = 2f64.powi(64).min(2f64.powf(bits as f64 - decimals.len() as f64 * 10f64.log2())).ceil();
    (quotient.first().copied().unwrap_or(0), (unseen as u64).saturating_add(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bits() {
        // pi = 3.243F6A88 85A308D3 13198A2E 03707344 A4093822...
        for (bits, expected) in
            [(0, 0x243F_6A88_85A3_08D3_u64), (32, 0x85A3_08D3_1319_8A2E), (64, 0x1319_8A2E_0370_7344)]
        {
            let (found, tolerance) = binary_digits_at(bits, 1);
            assert!(
                found.wrapping_sub(expected).wrapping_add(tolerance) <= 2 * tolerance,
                "at {bits}: {found:x}"
            );
        }
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let verdict = check_fraction(&[0, 0x243F_6A88_85A3_08D3], 1);
        assert!(verdict.agrees(), "{verdict:x?}");
        assert!(!check_fraction(&[0, 0x243F_6A88_85A3_08D3 ^ 1 << 20], 1).agrees());
    }

    #[test]
    fn a_fraction_that_is_too_short_is_refused_with_words() {
        for fraction in [&[][..], &[7]] {
            let refused = std::panic::catch_unwind(|| check_fraction(fraction, 1)).unwrap_err();
            let message = refused.downcast::<String>().expect("words");
            assert!(message.contains("use two limbs or more"), "{message}");
        }
    }

    #[test]
    fn the_last_bit_is_stated_by_its_refusal() {
        let refused = std::panic::catch_unwind(|| binary_digits_at(Part::MAX_BIT + 1, 1)).unwrap_err();
        let message = refused.downcast::<String>().expect("words");
        assert!(message.contains(&Part::MAX_BIT.to_string()), "{message}");
    }

    #[test]
    fn digits_of_any_number_agree_and_a_wrong_one_is_found() {
        let count = crate::pi::DigitCount::new(5000).unwrap();
        let digits = crate::pi::Algorithm::Chudnovsky.digits(count).replace('.', "").into_bytes();
        let mut counts: Vec<usize> = (1..200).collect();
        counts.extend([1000, 1217, 2500, 5000]);
        for n in counts {
            let verdict = check_digits(&digits[..n], 2);
            assert!(verdict.agrees(), "{n} digits: {verdict:x?}");
            for wrong in [0, 1, n / 2, n.saturating_sub(3)].into_iter().filter(|&at| at + 3 <= n) {
                let mut digits = digits[..n].to_vec();
                digits[wrong] = if digits[wrong] == b'9' { b'0' } else { digits[wrong] + 1 };
                assert!(!check_digits(&digits, 1).agrees(), "digit {wrong} of {n}");
            }
        }
    }
}
