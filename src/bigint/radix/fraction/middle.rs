//! The middle of `f 5^h`: from a wrap-around product, or from the whole one.

use crate::bigint::mul::{Factor, product};
use crate::bigint::residue::{
    inverse_of_fermat, minus, of_limb, plus, power as residue_of_power, power_of_two, residue, times,
};
use crate::memory::Limbs;

/// `frac(10^h f)` cut to `len` limbs, and the residue of that; `power` is `5^h`. The result errs downwards
/// by less than `1 + 2^-64` units.
///
/// `f`, with its residue, has at least `len` limbs below the first `h` digits. `digits` is the residue of
/// these digits: it proves `f`, the power, the product and the cut. A product that fails is computed in
/// full.
///
/// # Panics
/// If the digits do not fit `f` even then, which a sound machine never shows.
pub(crate) fn fractional_part(
    (f, of_f): (&[u64], u64),
    power: &[u64],
    h: usize,
    len: usize,
    digits: u64,
) -> (Limbs, u64) {
    let power = Power::new(power, h, f.len());
    for in_full in [false, true] {
        let cut = power.cut(f, of_f, len, in_full);
        if cut.above == digits && cut.below_residue == residue(&cut.below) {
            return (cut.below, cut.below_residue);
        }
    }
    panic!("{h} digits and a longer fraction disagree twice: do not trust this machine");
}

/// `5^h`, for fractions of one length.
///
/// `f 10^h` over `2^(64 f.len())` is `f 5^h` over `2^low_bit`. The fraction is below that bit, so the `h`
/// bits of `f` above it do not reach it, and products take the lower limbs of `f` only.
pub(super) struct Power<'a> {
    factor: Factor<'a>,
    low_bit: usize,
    /// The residue of `5^h`.
    five: u64,
    /// The residue of the inverse of the products' modulus, `2^(64 m) + 1`.
    modulus_inverse: u64,
}

impl<'a> Power<'a> {
    /// For fractions of `len` limbs; `limbs` are those of `5^h`.
    pub(super) fn new(limbs: &'a [u64], h: usize, len: usize) -> Self {
        let lower = len - h / 64;
        let factor = Factor::new(limbs, lower, lower + 1);
        let modulus_inverse = inverse_of_fermat(64 * factor.modulus_limbs());
        Self { factor, low_bit: 64 * len - h, five: residue_of_power(5, h as u64), modulus_inverse }
    }

    /// The fraction of `f 10^h` in `len` limbs, and the residues of what is on both sides of the point;
    /// `of_f` is the residue of `f`.
    pub(super) fn cut(&self, f: &[u64], of_f: u64, len: usize, in_full: bool) -> Cut {
        let (lower, upper) = f.split_at(self.low_bit.div_ceil(64));
        let of_lower = minus(of_f, times(residue(upper), power_of_two(64 * lower.len())));
        let [whole, product] = [of_f, of_lower].map(|residue| times(residue, self.five));
        middle_product(lower, &self.factor, in_full).cut(
            self.low_bit,
            len,
            [whole, product],
            self.modulus_inverse,
        )
    }
}

/// The product with the lower limbs of `f`, or its residue modulo `2^(64 m) + 1`.
struct Middle {
    limbs: Limbs,
    wrapped: bool,
}

/// A [`Middle`], cut at its point.
pub(super) struct Cut {
    /// The upper limbs of the fraction.
    pub(super) below: Limbs,
    /// The residue that these limbs must have.
    pub(super) below_residue: u64,
    /// The residue that the digits above the point must have.
    pub(super) above: u64,
}

impl Middle {
    /// The `len` limbs next below `low_bit`, and the residues of the two sides.
    ///
    /// `whole` is the residue of `f 5^h`, `product` that of this product.
    fn cut(&self, low_bit: usize, len: usize, [whole, product]: [u64; 2], modulus_inverse: u64) -> Cut {
        let (at, bits) = (low_bit / 64, low_bit % 64);
        let from = at - len;
        let (low, high) = self.limbs.split_at(at);
        let (middle, high) = high.split_first().map_or((0, high), |(&limb, high)| (limb, high));
        let fraction_bits = middle & ((1 << bits) - 1);
        let upper = residue(&low[from..]);
        let low_residue = plus(residue(&low[..from]), times(power_of_two(64 * from), upper));

        let kept = plus(upper, times(power_of_two(64 * len), of_limb(fraction_bits)));
        let lost = low.get(from).map_or(0, |limb| limb & ((1 << bits) - 1));
        let below_residue = times(minus(kept, of_limb(lost)), power_of_two(61 - bits % 61));

        let weight = power_of_two(64 * at);
        // The part that wrapped around is k (2^(64 m) + 1), and k reaches into the low limbs only.
        let k = if self.wrapped {
            let all = plus(low_residue, times(weight, of_limb(middle)));
            let all = plus(all, times(times(weight, 8), residue(high)));
            times(minus(product, all), modulus_inverse)
        } else {
            0
        };
        let fraction = plus(plus(low_residue, k), times(weight, of_limb(fraction_bits)));
        let above = times(minus(whole, fraction), power_of_two(61 - low_bit % 61));
        Cut { below: self.below(from, bits, len), below_residue, above }
    }

    /// `len` limbs that begin `bits` bits above the limb `from`.
    fn below(&self, from: usize, bits: usize, len: usize) -> Limbs {
        let limb = |i: usize| self.limbs.get(from + i).copied().unwrap_or(0);
        let shifted = |i: usize| match bits {
            0 => limb(i),
            _ => (limb(i) >> bits) | (limb(i + 1) << (64 - bits)),
        };
        let mut below = Limbs::dirty(len);
        for (i, limb) in below.iter_mut().enumerate() {
            *limb = shifted(i);
        }
        #[cfg(test)]
        crate::bigint::fault::limbs(&mut below);
        below
    }
}

/// `f power` modulo `2^(64 f.len() + 64)` or more, from which a little less than
/// `2^(64 power.len())` may have been subtracted.
fn middle_product(f: &[u64], power: &Factor<'_>, in_full: bool) -> Middle {
    let whole = || Middle { limbs: product(f, power.limbs()), wrapped: false };
    if in_full {
        return whole();
    }
    let limbs = power.product(f).into_limbs();
    // The difference is negative where the product is smaller than its part that wrapped around.
    // Only constructed operands get here.
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

    /// The digits of `f`, their residue, and the power of five.
    fn operands() -> (Limbs, Limbs, u64) {
        let (f, power) = (random(300, 7), power_of_five(2000));
        let digits = (to_big(&f) * BigUint::from(10u8).pow(2000)) >> (64 * f.len());
        (f.into(), power, residue(&digits.to_u64_digits()))
    }

    #[test]
    fn a_fraction_behind_the_digits_that_are_out() {
        let (f, power, digits) = operands();
        let (got, of_got) = fractional_part((&f, residue(&f)), &power, 2000, 150, digits);
        assert_eq!(of_got, residue(&got));
        let ten = BigUint::from(10u8).pow(2000);
        let exact: BigUint =
            (to_big(&f) * ten % (BigUint::from(1u8) << (64 * f.len()))) >> (64 * (f.len() - 150));
        assert!(exact - to_big(&got) <= BigUint::from(1u8));
    }

    #[test]
    #[should_panic(expected = "disagree twice")]
    fn digits_that_are_out_and_wrong_are_reported() {
        let (f, power, digits) = operands();
        let _ = fractional_part((&f, residue(&f)), &power, 2000, 150, plus(digits, 1));
    }

    #[test]
    #[should_panic(expected = "disagree twice")]
    fn a_wrong_power_is_reported() {
        let (f, mut power, digits) = operands();
        power[5] ^= 1 << 17;
        let _ = fractional_part((&f, residue(&f)), &power, 2000, 150, digits);
    }
}
