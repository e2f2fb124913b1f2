//! Fractions of a term by 64-bit Montgomery arithmetic: any modulus below `2^63`.
//!
//! `floor(r 2^128 / m)` with `r = 2^e mod m` is `(r 2^128 - t) / m` for `t = 2^(e + 128) mod m`. The
//! division is exact and `m` is odd, so that modulo `2^128` it is `-t / m`: no long division.
//!
//! Source: Montgomery, "Modular multiplication without trial division" (1985).

use super::formula::Fraction;

/// The fractions of term `k`, in units of `2^-128`: `shift` is `bit - bits_per_term k`.
///
/// Chains of squarings of all `N` moduli run side by side and fill each other's waiting time.
pub(super) fn term<const N: usize>(fractions: &[Fraction; N], shift: i64, k: u64) -> [u128; N] {
    let moduli: [u64; N] = std::array::from_fn(|f| fractions[f].factor * k + fractions[f].offset);
    let exponents: [i64; N] = std::array::from_fn(|f| shift + fractions[f].exponent);
    if exponents.iter().any(|&exponent| exponent < 0) || moduli.contains(&1) {
        return std::array::from_fn(|f| direct(exponents[f], moduli[f]));
    }
    let least = exponents.into_iter().min().unwrap_or_default();
    let powers = powers(&moduli, least as u64 + 128);
    std::array::from_fn(|f| {
        let m = moduli[f];
        let t = (least..exponents[f]).fold(powers[f], |t, _| doubled(t, m));
        u128::from(t).wrapping_neg().wrapping_mul(inverse(m))
    })
}

/// `floor(2^128 frac(2^exponent / m))` by the plain definition where that is short.
fn direct(exponent: i64, m: u64) -> u128 {
    if exponent >= 0 {
        // frac(2^e / 1) = 0.
        let [t] = if m == 1 { [0] } else { powers(&[m], exponent as u64 + 128) };
        return u128::from(t).wrapping_neg().wrapping_mul(inverse(m));
    }
    match 128 + exponent {
        bits @ 0.. => (1 << bits) / u128::from(m),
        _ => 0,
    }
}

/// `2^exponent` modulo each of the moduli.
fn powers<const N: usize>(moduli: &[u64; N], exponent: u64) -> [u64; N] {
    let negated: [u64; N] = std::array::from_fn(|f| (inverse(moduli[f]) as u64).wrapping_neg());
    // In Montgomery's form x stands for x / 2^64. The top six bits of the exponent are one shift.
    let mut left = (u64::BITS - exponent.leading_zeros()).saturating_sub(6);
    let mut power: [u64; N] = std::array::from_fn(|f| {
        let m = u128::from(moduli[f]);
        let one = (1 << 64) % m;
        ((one << (exponent >> left)) % m) as u64
    });
    while left > 0 {
        left -= 1;
        for f in 0..N {
            let square = u128::from(power[f]) * u128::from(power[f]);
            power[f] = reduced(square, moduli[f], negated[f]);
        }
        if exponent >> left & 1 == 1 {
            for f in 0..N {
                power[f] = doubled(power[f], moduli[f]);
            }
        }
    }
    std::array::from_fn(|f| reduced(u128::from(power[f]), moduli[f], negated[f]))
}

/// `x / 2^64` modulo `m` for `x < 2^64 m`; below `m`.
#[inline]
fn reduced(x: u128, m: u64, negated_inverse: u64) -> u64 {
    let q = (x as u64).wrapping_mul(negated_inverse);
    // The low halves of both summands cancel: their carry is one unless both are zero.
    let high = ((u128::from(q) * u128::from(m)) >> 64) as u64;
    let t = (x >> 64) as u64 + high + u64::from(x as u64 != 0);
    t.min(t.wrapping_sub(m))
}

/// `2 x` modulo `m` for `x < m < 2^63`.
#[inline]
fn doubled(x: u64, m: u64) -> u64 {
    let twice = x << 1;
    twice.min(twice.wrapping_sub(m))
}

/// `1 / m` modulo `2^128` for odd `m`.
#[inline]
pub(super) fn inverse(m: u64) -> u128 {
    // Five bits are right; each step doubles them.
    let mut x = m.wrapping_mul(3) ^ 2;
    for _ in 0..4 {
        x = x.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(x)));
    }
    let x = u128::from(x);
    x.wrapping_mul(2u128.wrapping_sub(u128::from(m) * x))
}

#[cfg(test)]
mod tests {
    use super::super::formula::{BBP, BELLARD};
    use super::*;

    /// `floor(2^128 frac(2^exponent / m))` by repeated doubling.
    fn slow(exponent: i64, m: u64) -> u128 {
        if exponent < 0 {
            return if exponent < -128 { 0 } else { (1 << (128 + exponent)) / u128::from(m) };
        }
        let mut r = 1 % m;
        for _ in 0..exponent {
            r = (u128::from(r) * 2 % u128::from(m)) as u64;
        }
        (0..128)
            .fold((0u128, u128::from(r)), |(bits, r), _| {
                let twice = 2 * r;
                let bit = u128::from(twice >= u128::from(m));
                (bits << 1 | bit, twice - bit * u128::from(m))
            })
            .0
    }

    #[test]
    fn terms_are_as_by_doubling() {
        for k in [0, 1, 2, 5, 100, 12_345, 1 << 40, (1 << 59) / 10] {
            for shift in [-140, -130, -100, -3, 0, 2, 7, 500, 4001] {
                let found = term(&BELLARD, shift, k);
                for (fraction, found) in BELLARD.iter().zip(found) {
                    let m = fraction.factor * k + fraction.offset;
                    assert_eq!(found, slow(shift + fraction.exponent, m), "{shift} {m}");
                }
                let found = term(&BBP, shift, k);
                for (fraction, found) in BBP.iter().zip(found) {
                    let m = fraction.factor * k + fraction.offset;
                    assert_eq!(found, slow(shift + fraction.exponent, m), "{shift} {m}");
                }
            }
        }
    }

    #[test]
    fn inverses_are_of_128_bits() {
        for m in [1, 3, 5, 12_345_677, (1 << 63) - 1, u64::MAX] {
            assert_eq!(inverse(m).wrapping_mul(u128::from(m)), 1);
        }
    }
}
