//! One term of Bellard's formula with the word's own arithmetic: the yardstick of [`super::vectors`],
//! and the code for what does not fit there.
//!
//! The power of two modulo `m` comes by squaring in Montgomery's representation.
//! Source: Montgomery, "Modular multiplication without trial division" (1985).

use super::bellard::{FRACTIONS, LEAST};

/// [`fraction`] for all seven, whose exponents hardly differ: one after the other they would wait for
/// their own multiplications, side by side they fill each other's gaps.
///
/// Exponents are not negative, and all `m` below 2^54.
pub(super) fn together(shift: i64, k: u64) -> [u64; 7] {
    let m = FRACTIONS.map(|(_, _, factor, offset)| factor * k + offset);
    let inverse = m.map(|m| Montgomery::new(m).negated_inverse.wrapping_neg());
    let common = (shift + LEAST + 64) as u64;
    // In Montgomery's form, as in `power_of_two`; the top three bits come from a shift within the word.
    let rest = (64 - common.leading_zeros()).saturating_sub(3);
    let mut power = m.map(|m| ((m.wrapping_neg() % m) << (common >> rest)) % m);
    for bit in (0..rest).rev() {
        for lane in 0..7 {
            let square = u128::from(power[lane]) * u128::from(power[lane]);
            power[lane] = reduced(square, m[lane], inverse[lane]);
        }
        if common >> bit & 1 == 1 {
            for lane in 0..7 {
                power[lane] = doubled(power[lane], m[lane]);
            }
        }
    }
    std::array::from_fn(|lane| {
        let m = m[lane];
        let t = reduced(u128::from(power[lane]), m, inverse[lane]);
        let t = (LEAST..FRACTIONS[lane].1).fold(t, |t, _| doubled(t, m));
        t.wrapping_mul(inverse[lane].wrapping_neg())
    })
}

/// `x / 2^64` modulo `m` for `x < 2^64 m`, `m < 2^63`: below `m`.
#[inline]
fn reduced(x: u128, m: u64, inverse: u64) -> u64 {
    let q = (x as u64).wrapping_mul(inverse);
    let high = ((u128::from(q) * u128::from(m)) >> 64) as u64;
    // The low halves are equal: the difference of the high ones is the quotient.
    let (t, borrow) = ((x >> 64) as u64).overflowing_sub(high);
    if borrow { t.wrapping_add(m) } else { t }
}

/// `2 x` modulo `m` for `x < m < 2^63`.
#[inline]
fn doubled(x: u64, m: u64) -> u64 {
    let twice = x << 1;
    twice.min(twice.wrapping_sub(m))
}

/// `floor(2^64 frac(2^exponent / m))` for odd `m`.
pub(super) fn fraction(exponent: i64, m: u64) -> u64 {
    if m == 1 {
        return if (-64..0).contains(&exponent) { 1 << (64 + exponent) } else { 0 };
    }
    if exponent < 0 {
        return if exponent <= -64 { 0 } else { (1 << (64 + exponent)) / m };
    }
    let modulus = Montgomery::new(m);
    // floor(r 2^64 / m) = (r 2^64 - t) / m with t = r 2^64 mod m: exact, so
    // modulo 2^64 it is -t / m.
    let t = modulus.power_of_two(exponent as u64 + 64);
    t.wrapping_mul(modulus.negated_inverse)
}

/// Arithmetic modulo an odd number above 1.
struct Montgomery {
    m: u64,
    /// `-1 / m` modulo `2^64`.
    negated_inverse: u64,
}

impl Montgomery {
    fn new(m: u64) -> Self {
        let mut x = m.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            x = x.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(x)));
        }
        Self { m, negated_inverse: x.wrapping_neg() }
    }

    /// `x / 2^64` modulo `m`, for `x < 2^64 m`.
    #[inline]
    fn reduce(&self, x: u128) -> u64 {
        let q = (x as u64).wrapping_mul(self.negated_inverse);
        let sum = (x >> 64) as u64;
        let high = ((u128::from(q) * u128::from(self.m)) >> 64) as u64;
        // The low halves add up to 2^64, unless both are zero.
        let carry = u64::from(x as u64 != 0);
        let (total, overflow) = sum.overflowing_add(high);
        let (total, overflow2) = total.overflowing_add(carry);
        if overflow || overflow2 || total >= self.m { total.wrapping_sub(self.m) } else { total }
    }

    /// `2^exponent` modulo `m`.
    fn power_of_two(&self, exponent: u64) -> u64 {
        // In Montgomery's form, x stands for x / 2^64; the top six bits of
        // the exponent come from a shift.
        let bits = 64 - exponent.leading_zeros();
        let rest = bits.saturating_sub(6);
        let one = ((1u128 << 64) % u128::from(self.m)) as u64;
        let mut power = ((u128::from(one) << (exponent >> rest)) % u128::from(self.m)) as u64;
        for bit in (0..rest).rev() {
            power = self.reduce(u128::from(power) * u128::from(power));
            if exponent >> bit & 1 == 1 {
                let twice = u128::from(power) << 1;
                power = if twice >= u128::from(self.m) {
                    (twice - u128::from(self.m)) as u64
                } else {
                    twice as u64
                };
            }
        }
        self.reduce(u128::from(power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_is_as_one_after_the_other() {
        for (bits, k) in [(1000, 1), (1000, 99), (123_456_789, 1_234_567), ((1 << 49) + 12_345, 1 << 45)] {
            let shift = bits - 10 * k as i64;
            let expected = FRACTIONS.map(|(_, e, factor, offset)| fraction(shift + e, factor * k + offset));
            assert_eq!(together(shift, k), expected, "{bits} {k}");
        }
    }

    #[test]
    fn reductions_near_the_word() {
        for m in [3, 5, 7, u64::MAX, u64::MAX - 2, (1 << 63) + 1, 1_000_003] {
            let modulus = Montgomery::new(m);
            for exponent in [0, 1, 5, 63, 64, 65, 1000, 123_456_789] {
                let mut expected = 1u128;
                let mut base = 2u128 % u128::from(m);
                let mut e = exponent;
                while e > 0 {
                    if e & 1 == 1 {
                        expected = expected * base % u128::from(m);
                    }
                    base = base * base % u128::from(m);
                    e >>= 1;
                }
                assert_eq!(
                    u128::from(modulus.power_of_two(exponent)),
                    expected % u128::from(m),
                    "2^{exponent} mod {m}"
                );
            }
        }
    }
}
