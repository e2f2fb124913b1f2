//! An integer to decimal text: one division makes it a fraction.
//!
//! ```text
//! d = digits of n, at most one too many
//! F = (n + 1/2) / 10^d, cut downwards    (the half keeps errors away from the digits)
//! text = d digits of F
//! ```
//!
//! Cost: a division and the tree of [`super::fraction`].

use super::fraction::{digits_of, fraction_limbs, nineteen_digits};
use super::{LIMB_POWER, power_of_five, strip_zeros};
use crate::bigint::div::div_rem;
use crate::bigint::limbs::{div_limb_in_place, normalized, normalized_len};
use crate::bigint::proven::proven;
use crate::bigint::residue::{residue, residue_of_digits};
use crate::bigint::thresholds::DECIMAL_FRACTION;
use crate::memory::Limbs;

/// The decimal digits of a number, ASCII, without leading zeros but for `0`.
///
/// The text is proved: it has the residue of the number.
///
/// # Panics
/// If the text is wrong twice, which a sound machine never shows.
#[must_use]
pub(crate) fn to_decimal(n: &[u64]) -> Vec<u8> {
    let n = normalized(n);
    let mut text = proven("decimal text", || {
        let text = if n.len() < DECIMAL_FRACTION { by_limb(n.into()) } else { by_fraction(n) };
        (residue_of_digits(&text) == residue(n)).then_some(text)
    });
    strip_zeros(&mut text);
    text
}

/// 19 digits at a time from the lower end.
fn by_limb(mut n: Limbs) -> Vec<u8> {
    let mut chunks = Vec::new();
    loop {
        chunks.push(nineteen_digits(div_limb_in_place(&mut n, LIMB_POWER)));
        n.truncate(normalized_len(&n));
        if n.is_empty() {
            return chunks.into_iter().rev().flatten().collect();
        }
    }
}

fn by_fraction(n: &[u64]) -> Vec<u8> {
    // 64 log10(2) < 19.26593: an upper bound of the digits.
    let digits = (n.len() as u128 * 1_926_593 / 100_000) as usize + 1;
    let limbs = fraction_limbs(digits);
    // F = (2n + 1) 2^(64 limbs) / (5^d 2^(d+1)): shift first by whole limbs.
    let shift = 64 * limbs - (digits + 1);
    let (whole, bits) = (shift / 64, (shift % 64) as u32);
    let mut numerator = Limbs::zeroed(whole + n.len() + 2);
    fill_shifted(&mut numerator, n, whole, bits);
    let (mut f, _) = div_rem(&numerator, &power_of_five(digits));
    drop(numerator);
    f.resize(limbs);
    let mut text = Vec::new();
    let of_f = residue(&f);
    digits_of(f, of_f, digits, &mut text, 1);
    text
}

/// `out = (2n + 1) 2^(64 whole + bits)`.
fn fill_shifted(out: &mut [u64], n: &[u64], whole: usize, bits: u32) {
    let mut carry = 1 << bits;
    for (i, &limb) in n.iter().enumerate() {
        let wide = u128::from(limb) << (bits + 1);
        out[whole + i] = wide as u64 | carry;
        carry = (wide >> 64) as u64;
    }
    out[whole + n.len()] = carry;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::radix::from_decimal;
    use crate::bigint::testing::{numbers, patterns, to_big};
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn check(n: &[u64]) {
        let text = to_decimal(n);
        assert_eq!(String::from_utf8_lossy(&text), to_big(n).to_string());
        assert_eq!(*from_decimal(&text), *normalized(n));
    }

    proptest! {
        #[test]
        fn there_and_back(n in numbers(90)) {
            check(&n);
        }
    }

    #[test]
    fn long_numbers() {
        for n in [29, 30, 31, 64, 65, 200, 700] {
            patterns(n).iter().for_each(|n| check(n));
        }
    }

    #[test]
    fn around_powers_of_ten() {
        for exponent in [18, 19, 20, 570, 1216, 3000, 10_000] {
            let power = BigUint::from(10u8).pow(exponent);
            for n in [&power - 1u8, power.clone(), power + 1u8] {
                check(&n.to_u64_digits());
            }
        }
    }
}
