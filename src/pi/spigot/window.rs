//! The leading bits of big numbers, as intervals that hold the whole number.
//!
//! The leading 64 bits of two long numbers nearly always decide their quotient: cut off below a
//! common position, each number lies between its window and the next one. Constant time, and no
//! allocation.

use num_bigint::{BigUint, Sign};

/// A closed interval that holds x / 2^shift.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) low: i128,
    pub(super) high: i128,
}

impl Range {
    /// The interval of a natural number whose leading part has fewer than 100 bits: the invariant
    /// keeps q and r within a factor of 2^35 of t.
    pub(super) fn of(x: &BigUint, shift: u64) -> Self {
        let low = leading_bits(x, shift);
        let high = if shift == 0 { low } else { low + 1 };
        Self { low, high }
    }

    /// The interval of the number with a sign.
    pub(super) fn with_sign(self, sign: Sign) -> Self {
        match sign {
            Sign::Minus => Self { low: -self.high, high: -self.low },
            Sign::NoSign | Sign::Plus => self,
        }
    }
}

/// floor(x / 2^shift), in constant time for a quotient of few bits.
fn leading_bits(x: &BigUint, shift: u64) -> i128 {
    let words = x.iter_u64_digits();
    let below = usize::try_from(shift / 64).expect("a number in memory has fewer words than usize counts");
    let above = words.len().saturating_sub(below);
    let fraction = shift % 64;
    let mut value = 0_i128;
    for (left, word) in words.rev().take(above).enumerate() {
        let position = 64 * (above - 1 - left);
        value |= shifted(word, position, fraction);
    }
    value
}

/// word 2^(position - fraction), rounded down.
const fn shifted(word: u64, position: usize, fraction: u64) -> i128 {
    let wide = word as i128;
    if position == 0 { wide >> fraction } else { wide << (position as u64 - fraction) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::One;

    #[test]
    fn leading_bits_is_the_shifted_number() {
        let x = (BigUint::from(0x0123_4567_89ab_cdef_u64) << 130_u32) + 0xffff_ffff_u32;
        for shift in [0_u32, 1, 63, 64, 65, 100, 127, 128, 129, 130, 150, 186, 187, 300] {
            if u64::from(shift) + 120 > x.bits() {
                let expected = i128::try_from(&x >> shift).unwrap();
                assert_eq!(leading_bits(&x, shift.into()), expected, "shift {shift}");
            }
        }
    }

    #[test]
    fn the_interval_holds_the_number_whatever_its_sign() {
        let x = (BigUint::one() << 100_u32) + 1_u32;
        let range = Range::of(&x, 90);
        assert_eq!((range.low, range.high), (1 << 10, (1 << 10) + 1));
        let negative = range.with_sign(Sign::Minus);
        assert_eq!((negative.low, negative.high), (-(1 << 10) - 1, -(1 << 10)));
        let exact = Range::of(&BigUint::from(7_u32), 0);
        assert_eq!((exact.low, exact.high), (7, 7));
    }
}
