//! The middle of `f 5^h`: from a wrap-around product, or from the whole one.

use crate::bigint::mul::{Factor, product};
use crate::bigint::residue::{inverse, minus, plus, power_of_two, residue, times};
use crate::memory::Limbs;

/// `frac(10^h f)` cut to `len` limbs; `power` is `5^h`,
/// made for at least `f.len() + 1` limbs. The result errs
/// downwards by less than `1 + 2^-64` units.
///
/// `f` has at least `len` limbs below the first `h` digits.
pub(crate) fn fractional_part(f: &[u64], power: &Factor<'_>, h: usize, len: usize) -> Limbs {
    middle_product(f, power, false).below(64 * f.len() - h, len)
}

/// `f 5^h`, or what is left of it modulo `2^(64 m) + 1`.
///
/// `f 10^h` over `2^(64 f.len())` is `f 5^h` over `2^low_bit`: what is below that bit is the fraction.
pub(super) struct Middle {
    limbs: Limbs,
    wrapped: bool,
}

impl Middle {
    /// The upper `len` limbs of those below `low_bit`.
    pub(super) fn below(&self, low_bit: usize, len: usize) -> Limbs {
        let low_bit = low_bit - 64 * len;
        let (from, bits) = (low_bit / 64, low_bit % 64);
        let limb = |i: usize| self.limbs.get(from + i).copied().unwrap_or(0);
        let shifted = |i: usize| match bits {
            0 => limb(i),
            _ => (limb(i) >> bits) | (limb(i + 1) << (64 - bits)),
        };
        let mut below = Limbs::dirty(len);
        for (i, limb) in below.iter_mut().enumerate() {
            *limb = shifted(i);
        }
        below
    }

    /// The residue of what is above `low_bit` in the whole product, whose residue is `product`;
    /// `modulus_inverse` is from [`modulus_inverse`].
    pub(super) fn above(&self, low_bit: usize, product: u64, modulus_inverse: u64) -> u64 {
        let (at, bits) = (low_bit / 64, low_bit % 64);
        let (low, high) = self.limbs.split_at(at);
        let (middle, high) = high.split_first().map_or((0, high), |(&limb, high)| (limb, high));
        let weight = power_of_two(64 * at);
        let low = residue(low);
        // What has wrapped around is k (2^(64 m) + 1), and k reaches into the low limbs only.
        let k = if self.wrapped {
            let all = plus(low, times(weight, residue(&[middle])));
            let all = plus(all, times(times(weight, 8), residue(high)));
            times(minus(product, all), modulus_inverse)
        } else {
            0
        };
        let below = plus(plus(low, k), times(weight, residue(&[middle & ((1 << bits) - 1)])));
        times(minus(product, below), power_of_two(61 - low_bit % 61))
    }
}

/// The inverse of the number modulo which middle products by `power` are, for their proofs.
pub(super) fn modulus_inverse(power: &Factor<'_>) -> u64 {
    inverse(plus(power_of_two(64 * power.modulus_limbs()), 1))
}

/// `f power` modulo `2^(64 f.len() + 64)` or more, except that a little less
/// than `2^(64 power.len())` may have been subtracted.
pub(super) fn middle_product(f: &[u64], power: &Factor<'_>, in_full: bool) -> Middle {
    let whole = || Middle { limbs: product(f, power.limbs()), wrapped: false };
    if in_full {
        return whole();
    }
    let limbs = power.product(f).into_limbs();
    // Where the product is smaller than what wrapped around, the difference
    // is negative. It happens to nobody but those who construct it.
    let m = limbs.len() - 1;
    if limbs[m] != 0 || limbs[power.limbs().len()..m].iter().all(|&limb| limb == u64::MAX) {
        return whole();
    }
    Middle { limbs, wrapped: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::radix::power_of_five;
    use crate::bigint::testing::{random, to_big};
    use num_bigint::BigUint;

    #[test]
    fn a_difference_that_wraps_below_zero_is_done_again() {
        // f 5^h = j 2^(64 m) + a little: all below the top is zeros.
        let power = power_of_five(400);
        let (c, m) = (power.len(), 61);
        let modulus = BigUint::from(1u8) << (64 * m);
        for seed in 1..20 {
            let j = to_big(&random(c - 1, seed));
            let f: BigUint = &j * &modulus / to_big(&power) + 1u8;
            let mut f = f.to_u64_digits();
            f.resize(m - 1, 0);
            let mut got = middle_product(&f, &Factor::new(&power, m - 1, m), false).limbs;
            got.truncate(m);
            let exact = to_big(&f) * to_big(&power) % &modulus;
            assert!(to_big(&got) <= exact && exact - to_big(&got) < BigUint::from(1u8) << (64 * c));
        }
    }
}
