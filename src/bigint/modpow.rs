//! Powers modulo a number, by a sliding window.
//!
//! ```text
//! odd[i] = base^(2i + 1)                          2^(w - 1) products
//! from the top bit of the exponent down:
//!   a zero bit:      power = power^2
//!   otherwise:       w bits at most, ending in a one, are (2i + 1):
//!                    power = power^(2^w) odd[i]
//! ```
//!
//! Every product is followed by a division. Source: MCA, 2.6.2.

use super::Natural;

/// `base^exponent mod modulus`.
pub(super) fn modpow(base: &Natural, exponent: &Natural, modulus: &Natural) -> Natural {
    assert!(!modulus.is_zero(), "division by zero");
    let mut power = Natural::from(1u8) % modulus;
    if exponent.is_zero() {
        return power;
    }
    let width = window_width(exponent.bits());
    let odd = odd_powers(base % modulus, width, modulus);
    let mut above = exponent.bits();
    while above > 0 {
        let (window, bits) = next_window(exponent, above, width);
        for _ in 0..bits {
            power = power.square() % modulus;
        }
        if window > 0 {
            power = &power * &odd[window / 2] % modulus;
        }
        above -= bits;
    }
    power
}

/// The next bits of the exponent below bit `above`, and how many they are: a single zero, or up to
/// `width` bits that begin and end with a one.
fn next_window(exponent: &Natural, above: u64, width: u64) -> (usize, u64) {
    if !exponent.bit(above - 1) {
        return (0, 1);
    }
    let mut low = above.saturating_sub(width);
    while !exponent.bit(low) {
        low += 1;
    }
    let window = (low..above).rev().fold(0, |window, bit| window << 1 | usize::from(exponent.bit(bit)));
    (window, above - low)
}

/// `base, base^3, base^5` and so on, for windows of `width` bits.
fn odd_powers(base: Natural, width: u64, modulus: &Natural) -> Vec<Natural> {
    let square = base.square() % modulus;
    let mut odd = vec![base];
    for i in 1..1 << (width - 1) {
        odd.push(&odd[i - 1] * &square % modulus);
    }
    odd
}

/// The width that takes the fewest products: `2^(w-1)` for the table and `bits / (w + 1)` after it.
fn window_width(bits: u64) -> u64 {
    (1..6).find(|w| bits <= ((*w + 1) * (*w + 2)) << (w - 1)).unwrap_or(6)
}

#[cfg(test)]
mod tests {
    use crate::bigint::testing::{natural, numbers, random, to_big};
    use proptest::prelude::*;

    fn check(base: &[u64], exponent: &[u64], modulus: &[u64]) {
        let power = natural(base).modpow(&natural(exponent), &natural(modulus));
        let expected = to_big(base).modpow(&to_big(exponent), &to_big(modulus));
        assert_eq!(power.limbs(), expected.to_u64_digits());
    }

    proptest! {
        #[test]
        fn powers(base in numbers(4), exponent in numbers(2), modulus in numbers(3)) {
            prop_assume!(modulus.iter().any(|&limb| limb != 0));
            check(&base, &exponent, &modulus);
        }
    }

    #[test]
    fn every_width_of_window() {
        for bits in [1u32, 2, 5, 6, 7, 24, 25, 80, 81, 240, 241, 672, 673, 1500] {
            let mut exponent = natural(&random(24, 3)) >> (1536 - bits);
            exponent.set_bit(u64::from(bits) - 1, true);
            check(&random(2, 5), exponent.limbs(), &random(3, 9));
        }
    }

    #[test]
    fn small_cases() {
        check(&[0], &[0], &[1]);
        check(&[0], &[0], &[5]);
        check(&[7], &[0], &[5]);
        check(&[7], &[3], &[1]);
    }

    #[test]
    #[should_panic(expected = "division by zero")]
    fn a_modulus_of_zero_is_refused() {
        let _ = natural(&[3]).modpow(&natural(&[1]), &natural(&[]));
    }
}
