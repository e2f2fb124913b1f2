//! The moduli of certificates, and arithmetic with residues.
//!
//! Products of integers are checked modulo `2^61 - 1`. Products modulo `2^K + 1` can be checked modulo
//! divisors of that number only. Write `K = 2^n m` with `m` odd. A prime `p` divides `2^K + 1` exactly
//! if 2 has the order `2^(n+1) d` modulo `p`, with `d | m`.
//!
//! One prime is not enough, for three reasons:
//! - It may be short. All primes of a certificate together have 55 bits.
//! - A prime of order `2^(n+1) d` does not see multiples of `2^(2^n d) + 1`: for example two equal
//!   errors `2^n d` bits apart. So one of the primes has `d > 1`.
//! - A transform of odd radix `R` consists of `R` trees, which form a group for each divisor `e` of
//!   `R`. A prime sees the errors of one group only, `e = d / gcd(d, bits)`, as the digits have the
//!   base `2^bits`. So a certificate has a prime for each `e`.
//!
//! Lengths for which [`super::moduli`] has no such primes are not used: see [`super::plan`].

use super::moduli::MODULI;

/// Residues modulo both moduli.
pub(super) type Residue = [u64; 2];

/// `2^61 - 1`, a prime.
pub(super) const MERSENNE: u64 = (1 << 61) - 1;

/// One or two odd moduli below `2^57`, or `2^61 - 1`. The second is 1 if the first is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moduli(pub(super) [u64; 2]);

impl Moduli {
    /// The modulus for products of integers.
    pub(super) const MERSENNE: Self = Self([MERSENNE, 1]);

    /// No modulus: for products whose callers prove results of their own. All residues are 0.
    pub(super) const NONE: Self = Self([1, 1]);

    /// `a b`
    pub(super) fn times(&self, a: Residue, b: Residue) -> Residue {
        [times(a[0], b[0], self.0[0]), times(a[1], b[1], self.0[1])]
    }

    /// `a + b`
    pub(super) fn plus(&self, a: Residue, b: Residue) -> Residue {
        [plus(a[0], b[0], self.0[0]), plus(a[1], b[1], self.0[1])]
    }

    /// `-a`
    pub(super) fn minus(&self, a: Residue) -> Residue {
        let minus = |a: u64, p: u64| if a == 0 { 0 } else { p - a };
        [minus(a[0], self.0[0]), minus(a[1], self.0[1])]
    }

    /// `2^(64 n)`
    pub(super) fn power_of_limb(&self, n: usize) -> Residue {
        self.0.map(|p| power(((1u128 << 64) % u128::from(p)) as u64, n, p))
    }

    /// `2^n` modulo the first modulus.
    #[cfg(test)]
    pub(super) fn power_of_two(&self, n: usize) -> u64 {
        power(2, n, self.0[0])
    }

    /// Moduli that divide `2^(64 limbs) + 1`, for a transform of odd radix `radix` and digits of
    /// `bits` bits; none if too few primes are known.
    pub(super) fn of_fermat_ring(limbs: usize, radix: usize, bits: u32) -> Option<Self> {
        let n = 6 + limbs.trailing_zeros();
        let digit = bits >> bits.trailing_zeros();
        let key = (u8::try_from(n).ok()?, u8::try_from(radix).ok()?, u8::try_from(digit).ok()?);
        let place = MODULI.binary_search_by_key(&key, |entry| entry.0).ok()?;
        Some(Self(MODULI[place].1))
    }
}

/// `a^n mod p`
fn power(a: u64, n: usize, p: u64) -> u64 {
    (0..usize::BITS).rev().fold(1 % p, |x, bit| {
        let square = times(x, x, p);
        if n >> bit & 1 == 1 { times(square, a, p) } else { square }
    })
}

/// `a b mod p`
pub(super) fn times(a: u64, b: u64, p: u64) -> u64 {
    match p {
        MERSENNE => fold(u128::from(a) * u128::from(b)) % MERSENNE,
        1 => 0,
        _ => (u128::from(a) * u128::from(b) % u128::from(p)) as u64,
    }
}

/// `a + b mod p`
fn plus(a: u64, b: u64, p: u64) -> u64 {
    // Neither sum nor modulus exceeds 2^62.
    (a + b) % p
}

/// A number congruent to `x / 2^64` modulo p and at most p larger than that; `inverse` is `-1/p`
/// modulo `2^64`.
pub(super) fn divided(x: u128, p: u64, inverse: u64) -> u64 {
    let multiple = (x as u64).wrapping_mul(inverse);
    let carry = u64::from(x as u64 != 0);
    ((x >> 64) + ((u128::from(multiple) * u128::from(p)) >> 64)) as u64 + carry
}

/// `-1/p` modulo `2^64`, p odd. Newton's iteration: each step doubles the number of right bits.
pub(super) fn inverse_negated(p: u64) -> u64 {
    let inverse = (0..6).fold(p, |x, _| x.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(x))));
    inverse.wrapping_neg()
}

/// A number below 2^125 modulo `2^61 - 1`, reduced without a division to less than 2^62.
pub(super) fn fold(x: u128) -> u64 {
    let x = (x as u64 & MERSENNE) + ((x >> 61) as u64 & MERSENNE) + (x >> 122) as u64;
    (x & MERSENNE) + (x >> 61)
}
