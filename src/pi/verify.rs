//! Hexadecimal digits of pi out of nowhere: the proof of a long computation.
//!
//! ```text
//! pi = 1/64 sum (-1)^k / 2^(10k) ( -32/(4k+1) - 1/(4k+3) + 256/(10k+1)
//!                                  - 64/(10k+3) - 4/(10k+5) - 4/(10k+7) + 1/(10k+9) )
//! frac(2^n pi):  each fraction 2^e / m needs only 2^e modulo m
//! ```
//!
//! It shares nothing with the series, the multiplication and the conversion:
//! if the last bits of a computed pi agree with it, everything before them was right.
//!
//! A term with a positive exponent `e` is `floor(r 2^64 / m) / 2^64`, `r = 2^e
//! mod m`. As `m` is odd, that floor is `-t / m` modulo `2^64` with
//! `t = 2^(e + 64) mod m`: no division. The power comes by squaring in
//! Montgomery's representation.
//!
//! Sources: Bellard, "A new formula to compute the n'th binary digit of pi"
//! (1997); Bailey, Borwein and Plouffe (1997); Montgomery (1985).

/// `frac(2^bits pi)` in units of `2^-64`, with its error: the exact value is
/// less than the second number above or below the first.
///
/// Cost: `0.7 bits` modular powers of `log2(bits)` squarings, on each of the threads.
///
/// # Panics
/// If `bits` is above `2^60`.
#[must_use]
pub fn binary_digits_at(bits: u64, threads: usize) -> (u64, u64) {
    assert!(bits < 1 << 60, "positions beyond 2^60 are not reachable");
    let last = (bits + 80) / 10;
    let threads = (threads as u64).clamp(1, last + 1);
    let part = |thread: u64| {
        (thread..=last).step_by(threads as usize).fold(0u64, |sum, k| sum.wrapping_add(term(bits, k)))
    };
    let sum = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        let own = part(0);
        others
            .into_iter()
            .fold(own, |sum, other| sum.wrapping_add(other.join().expect("a part of the sum panicked")))
    });
    // Each of seven fractions is cut by less than a unit; the tail is below one.
    (sum, 7 * (last + 1) + 1)
}

/// The seven fractions of a term: whether it is subtracted, the exponent of two in its numerator,
/// the factor 1/64 included, and `(factor, offset)` of the denominator.
const FRACTIONS: [(bool, i64, u64, u64); 7] = [
    (true, -1, 4, 1),
    (true, -6, 4, 3),
    (false, 2, 10, 1),
    (true, 0, 10, 3),
    (true, -4, 10, 5),
    (true, -4, 10, 7),
    (false, -6, 10, 9),
];
/// The least of those exponents.
const LEAST: i64 = -6;

/// `frac` of the `k`-th term times `2^bits`.
fn term(bits: u64, k: u64) -> u64 {
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

/// [`fraction`] for all seven, whose exponents hardly differ: one after the other they would wait for
/// their own multiplications, side by side they fill each other's gaps.
///
/// Exponents are not negative, and all `m` below 2^54.
fn together(shift: i64, k: u64) -> [u64; 7] {
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
fn fraction(exponent: i64, m: u64) -> u64 {
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

/// What a check against Bellard's formula found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The bit after the point at which the comparison began.
    pub position: u64,
    /// 64 bits of pi from there, from the computed fraction.
    pub computed: u64,
    /// The same from the formula, to within `tolerance`.
    pub expected: u64,
    /// Units by which the two may differ.
    pub tolerance: u64,
}

impl Verdict {
    /// Whether the two agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let difference = self.computed.wrapping_sub(self.expected);
        difference.min(difference.wrapping_neg()) <= self.tolerance
    }
}

/// Compares the 64 bits that begin 64 above the lowest limb of a fraction of
/// pi, so that an error of the last limb does not count, with the formula.
///
/// # Panics
/// If the fraction has fewer than two limbs.
#[must_use]
pub fn check_fraction(fraction: &[u64], threads: usize) -> Verdict {
    let position = 64 * (fraction.len() as u64 - 2);
    let (expected, tolerance) = binary_digits_at(position, threads);
    // The lower bound may borrow from the limb above: one unit more.
    Verdict { position, computed: fraction[1], expected, tolerance: tolerance + 1 }
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
    fn side_by_side_is_as_one_after_the_other() {
        for (bits, k) in [(1000, 1), (1000, 99), (123_456_789, 1_234_567), ((1 << 49) + 12_345, 1 << 45)] {
            let shift = bits - 10 * k as i64;
            let expected = FRACTIONS.map(|(_, e, factor, offset)| fraction(shift + e, factor * k + offset));
            assert_eq!(together(shift, k), expected, "{bits} {k}");
        }
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let verdict = check_fraction(&[0, 0x243F_6A88_85A3_08D3], 1);
        assert!(verdict.agrees(), "{verdict:x?}");
        assert!(!check_fraction(&[0, 0x243F_6A88_85A3_08D3 ^ 1 << 20], 1).agrees());
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
