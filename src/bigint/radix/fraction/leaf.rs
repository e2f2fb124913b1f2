//! The leaves of a conversion: nineteen digits at a time.

use super::fraction_limbs;
use crate::bigint::limbs::{mul_limb_in_place, mul_limb_twice_in_place};
use crate::bigint::radix::{LIMB_DIGITS, LIMB_POWER};
use crate::bigint::residue::{minus, power, power_of_two, residue, residue_of_digits, times};

/// Digits of one pass over the fraction.
const PAIR_DIGITS: usize = 2 * LIMB_DIGITS;

/// The digits of a short fraction, two times 19 at a time. The fraction shrinks to its upper limbs
/// as digits leave; the lower limbs stay as they were when they were left out.
pub(super) fn leaf(f: &mut [u64], text: &mut [u8]) {
    let (mut f, mut remaining) = (f, text.len());
    let (pairs, rest) = text.as_chunks_mut::<PAIR_DIGITS>();
    for pair in pairs {
        let from = superfluous(f.len(), remaining);
        f = &mut f[from..];
        let [first, second] = mul_limb_twice_in_place(f, LIMB_POWER);
        pair[..LIMB_DIGITS].copy_from_slice(&nineteen_digits(first));
        pair[LIMB_DIGITS..].copy_from_slice(&nineteen_digits(second));
        remaining -= PAIR_DIGITS;
    }
    for chunk in rest.chunks_mut(LIMB_DIGITS) {
        let digits = nineteen_digits(mul_limb_in_place(f, 10u64.pow(chunk.len() as u32), 0));
        chunk.copy_from_slice(&digits[LIMB_DIGITS - chunk.len()..]);
    }
    #[cfg(test)]
    super::tests::damage(text);
    #[cfg(test)]
    crate::bigint::fault::bytes(text);
}

/// Lower limbs that so many digits of a fraction do not need.
fn superfluous(limbs: usize, digits: usize) -> usize {
    limbs - fraction_limbs(digits).min(limbs)
}

/// Checks the text of a [`leaf`] by residues: `before` is that of the fraction, `f` are its limbs
/// afterwards.
///
/// Each pass has multiplied the fraction by a power of ten, and its digits are the carry. So the
/// steps of the leaf, repeated modulo a prime with the digits of the text, must end at the residue
/// of the limbs.
pub(super) fn is_right(before: u64, f: &[u64], text: &[u8]) -> bool {
    let (mut f, mut expected, mut remaining) = (f, before, text.len());
    let ten = power(10, PAIR_DIGITS as u64);
    let (pairs, rest) = text.as_chunks::<PAIR_DIGITS>();
    for pair in pairs {
        let (low, high) = f.split_at(superfluous(f.len(), remaining));
        f = high;
        expected = times(minus(expected, residue(low)), power_of_two(61 - 64 * low.len() % 61));
        let carry = times(residue_of_digits(pair), power_of_two(64 * f.len()));
        expected = minus(times(expected, ten), carry);
        remaining -= PAIR_DIGITS;
    }
    let carry = times(residue_of_digits(rest), power_of_two(64 * f.len()));
    minus(times(expected, power(10, rest.len() as u64)), carry) == residue(f)
}

/// A number below `10^19` with its leading zeros, ASCII.
#[inline(always)]
pub(in super::super) fn nineteen_digits(value: u64) -> [u8; LIMB_DIGITS] {
    const E8: u64 = 100_000_000;
    let (high, low) = (value / E8, value % E8);
    let (top, middle) = (high / E8, high % E8);
    let mut text = [b'0'; LIMB_DIGITS];
    text[0] += (top / 100) as u8;
    text[1] += (top / 10 % 10) as u8;
    text[2] += (top % 10) as u8;
    text[3..11].copy_from_slice(&eight_digits(middle));
    text[11..].copy_from_slice(&eight_digits(low));
    text
}

/// A number below `10^8`, ASCII: the digits are separated in one register,
/// four by four, two by two, one by one.
#[inline(always)]
fn eight_digits(value: u64) -> [u8; 8] {
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = tens | ((twos - 10 * tens) << 8);
    (ones | 0x3030_3030_3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_nineteen() {
        for value in [
            0,
            1,
            9,
            10,
            99,
            100,
            9_999,
            10_000,
            99_999_999,
            100_000_000,
            12_345_678_901_234_567,
            LIMB_POWER - 1,
        ] {
            assert_eq!(nineteen_digits(value).as_slice(), format!("{value:019}").as_bytes());
        }
        for value in (0..100_000_000).step_by(997) {
            assert_eq!(eight_digits(value).as_slice(), format!("{value:08}").as_bytes());
        }
    }
}
