//! Arithmetic modulo the primes that certify products, and which prime divides which modulus.

pub(super) const MERSENNE: u64 = (1 << 61) - 1;

/// A prime factor, below 2^57, of the Fermat number `2^(2^n) + 1`, n from 6 on; 0 where none is known.
const FERMAT_FACTORS: [u64; 27] = [
    67_280_421_310_721,
    59_649_589_127_497_217,
    1_238_926_361_552_897,
    2_424_833,
    6_487_031_809,
    974_849,
    190_274_191_361,
    2_710_954_639_361,
    0,
    1_214_251_009,
    825_753_601,
    31_065_037_602_817,
    13_631_489,
    70_525_124_609,
    0,
    4_485_296_422_913,
    0,
    167_772_161,
    0,
    25_991_531_462_657,
    76_861_124_116_481,
    151_413_703_311_361,
    0,
    2_405_286_912_458_753,
    640_126_220_763_137,
    0,
    25_409_026_523_137,
];

/// The prime for residues modulo `2^(64 limbs) + 1`, if there is one.
pub(super) fn fermat_prime(limbs: usize) -> Option<u64> {
    FERMAT_FACTORS.get(limbs.trailing_zeros() as usize).copied().filter(|&p| p != 0)
}

/// `a^n mod p`
pub(super) fn power(a: u64, n: usize, p: u64) -> u64 {
    (0..usize::BITS).rev().fold(1, |x, bit| {
        let square = times(x, x, p);
        if n >> bit & 1 == 1 { times(square, a, p) } else { square }
    })
}

/// `a b mod p`.
pub(super) fn times(a: u64, b: u64, p: u64) -> u64 {
    if p == MERSENNE {
        return fold(u128::from(a) * u128::from(b)) % MERSENNE;
    }
    (u128::from(a) * u128::from(b) % u128::from(p)) as u64
}

/// `a + b mod p`.
pub(super) fn plus(a: u64, b: u64, p: u64) -> u64 {
    (u128::from(a) + u128::from(b)).rem_euclid(u128::from(p)) as u64
}

/// `-a mod p`.
pub(super) fn minus(a: u64, p: u64) -> u64 {
    if a == 0 { 0 } else { p - a }
}

/// A number congruent to `x / 2^64` modulo p, at most p more than that; `inverse` is `-1/p` modulo 2^64.
pub(super) fn divided(x: u128, p: u64, inverse: u64) -> u64 {
    let multiple = (x as u64).wrapping_mul(inverse);
    let carry = u64::from(x as u64 != 0);
    ((x >> 64) + ((u128::from(multiple) * u128::from(p)) >> 64)) as u64 + carry
}

/// `-1/p` modulo 2^64, p odd: each step doubles the number of right bits.
pub(super) fn inverse_negated(p: u64) -> u64 {
    let inverse = (0..6).fold(p, |x, _| x.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(x))));
    inverse.wrapping_neg()
}

/// A number below 2^125 made smaller, to less than 2^62, without a division.
pub(super) fn fold(x: u128) -> u64 {
    let x = (x as u64 & MERSENNE) + ((x >> 61) as u64 & MERSENNE) + (x >> 122) as u64;
    (x & MERSENNE) + (x >> 61)
}
