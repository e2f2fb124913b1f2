//! The leaves of a conversion: nineteen digits at a time.

use super::fraction_limbs;
use crate::bigint::limbs::{mul_limb_in_place, mul_limb_twice_in_place};
use crate::bigint::radix::{LIMB_DIGITS, LIMB_POWER};

/// The digits of a short fraction, two times 19 at a time; `f` shrinks as they leave.
pub(super) fn leaf(f: &mut [u64], text: &mut [u8]) {
    let (mut f, mut remaining) = (f, text.len());
    let (pairs, rest) = text.as_chunks_mut::<{ 2 * LIMB_DIGITS }>();
    for pair in pairs {
        let needed = fraction_limbs(remaining).min(f.len());
        let from = f.len() - needed;
        f = &mut f[from..];
        let [first, second] = mul_limb_twice_in_place(f, LIMB_POWER);
        pair[..LIMB_DIGITS].copy_from_slice(&nineteen_digits(first));
        pair[LIMB_DIGITS..].copy_from_slice(&nineteen_digits(second));
        remaining -= 2 * LIMB_DIGITS;
    }
    for chunk in rest.chunks_mut(LIMB_DIGITS) {
        let digits = nineteen_digits(mul_limb_in_place(f, LIMB_POWER, 0));
        chunk.copy_from_slice(&digits[..chunk.len()]);
    }
    #[cfg(test)]
    super::tests::damage(text);
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
