//! Quotients that are known to be exact, from the least limb up.
//!
//! ```text
//! v = 1 / d_0 modulo 2^64
//! for i from 0:  q_i = a_i v modulo 2^64;  a -= q_i d 2^(64 i)
//! ```
//!
//! No estimate is ever wrong and only the limbs of the quotient are computed.
//! Source: Jebelean, "An algorithm for exact division" (1993).

use crate::bigint::limbs::{normalized, shr_in_place, sub_limb_in_place, sub_mul_limb};
use crate::memory::Limbs;

/// `a / d` for a `d` that divides `a`, not normalized. Wrong, without notice,
/// if it does not.
///
/// Cost: half of a schoolbook division.
#[must_use]
pub(crate) fn div_exact(a: &[u64], d: &[u64]) -> Limbs {
    let (a, d) = (normalized(a), normalized(d));
    assert!(!d.is_empty(), "division by zero");
    if a.len() < d.len() {
        return Limbs::new();
    }
    let zeros = d.iter().take_while(|&&x| x == 0).count();
    let bits = d[zeros].trailing_zeros();
    let (mut rest, mut odd) = (Limbs::from(&a[zeros..]), Limbs::from(&d[zeros..]));
    shr_in_place(&mut rest, bits);
    shr_in_place(&mut odd, bits);
    let q_len = a.len() - d.len() + 1;
    rest.truncate(q_len);
    let inverse = inverse_mod_limb(odd[0]);
    for i in 0..q_len {
        let q = rest[i].wrapping_mul(inverse);
        let used = odd.len().min(q_len - i);
        let borrow = sub_mul_limb(&mut rest[i..i + used], &odd[..used], q);
        let _ = sub_limb_in_place(&mut rest[i + used..], borrow);
        // The limb is zero now and holds the quotient instead.
        rest[i] = q;
    }
    rest
}

/// An odd divisor of one limb, with its inverse modulo `2^64`.
pub(crate) struct OddLimb {
    limb: u64,
    inverse: u64,
}

impl OddLimb {
    pub(crate) fn new(limb: u64) -> Self {
        Self { limb, inverse: inverse_mod_limb(limb) }
    }

    /// Divides `x`, a multiple of this number.
    ///
    /// # Panics
    /// If `x` is no multiple. A residue of the quotient would not always tell: a bit that is missing in
    /// `x` is a multiple of `2^61 - 1` too much in the quotient where its distance from the top is a
    /// multiple of 61 and of the order of 2 modulo the divisor.
    #[inline]
    pub(crate) fn divide(&self, x: &mut [u64]) {
        Self::divide_each([self], [x]);
    }

    /// Divides numbers by divisors of their own, side by side: the steps of one division wait for each
    /// other, so that two of one length take little more time than one.
    ///
    /// # Panics
    /// As [`Self::divide`].
    #[inline]
    pub(crate) fn divide_each<const N: usize>(divisors: [&Self; N], numbers: [&mut [u64]; N]) {
        let shared = numbers.iter().map(|x| x.len()).min().unwrap_or(0);
        let mut carries = [0; N];
        let mut numbers = numbers.map(|x| x.split_at_mut(shared));
        for i in 0..shared {
            for (((low, _), divisor), carry) in numbers.iter_mut().zip(divisors).zip(&mut carries) {
                *carry = divisor.step(&mut low[i], *carry);
            }
        }
        for (((_, high), divisor), carry) in numbers.into_iter().zip(divisors).zip(carries) {
            let rest = high.iter_mut().fold(carry, |carry, limb| divisor.step(limb, carry));
            assert!(rest == 0, "an exact division leaves a remainder: do not trust this machine");
        }
    }

    /// Replaces a limb by that of the quotient; returns the carry to the next limb.
    #[inline(always)]
    fn step(&self, limb: &mut u64, carry: u64) -> u64 {
        let (difference, borrow) = limb.overflowing_sub(carry);
        *limb = difference.wrapping_mul(self.inverse);
        limb.carrying_mul(self.limb, 0).1 + u64::from(borrow)
    }
}

/// `1 / d` modulo `2^64` for odd `d`: each step doubles the right bits.
pub(super) fn inverse_mod_limb(d: u64) -> u64 {
    debug_assert!(d % 2 == 1);
    let mut x = d.wrapping_mul(3) ^ 2;
    for _ in 0..4 {
        x = x.wrapping_mul(2u64.wrapping_sub(d.wrapping_mul(x)));
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::mul::product;
    use crate::bigint::testing::{numbers, to_big};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn undoes_a_product(q in numbers(30), d in numbers(20), shift in 0usize..3) {
            prop_assume!(!normalized(&d).is_empty());
            let mut d = d;
            d.splice(0..0, vec![0; shift]);
            prop_assert_eq!(to_big(&div_exact(&product(&q, &d), &d)), to_big(&q));
        }

        #[test]
        fn undoes_a_product_by_a_limb(q in numbers(40), d: u64) {
            let mut x = product(&q, &[d | 1]);
            let mut y = x.clone();
            y.insert_zeros(1);
            x.push(0);
            let divisor = OddLimb::new(d | 1);
            OddLimb::divide_each([&divisor; 2], [&mut x, &mut y]);
            prop_assert_eq!(to_big(&x), to_big(&q));
            prop_assert_eq!(to_big(&y), to_big(&q) << 64);
        }

        #[test]
        fn undoes_products_side_by_side(q in prop::array::uniform4(numbers(40)), d: [u64; 4]) {
            let mut products = [0, 1, 2, 3].map(|k| product(&q[k], &[d[k] | 1]));
            let divisors = d.map(|d| OddLimb::new(d | 1));
            OddLimb::divide_each(divisors.each_ref(), products.each_mut().map(|x| &mut **x));
            for (found, q) in products.iter().zip(&q) {
                prop_assert_eq!(to_big(found), to_big(q));
            }
        }

        #[test]
        fn inverse_of_a_limb(d: u64) {
            prop_assert_eq!(inverse_mod_limb(d | 1).wrapping_mul(d | 1), 1);
        }
    }

    /// The bit is 244 bits below the top, and `2^244 - 1` is a multiple of 15 and of `2^61 - 1`.
    #[test]
    #[should_panic(expected = "leaves a remainder: do not trust")]
    fn a_remainder_that_no_residue_shows_is_noticed() {
        let mut x = [0; 10];
        x[6] = (15 << 12) ^ (1 << 12);
        OddLimb::new(15).divide(&mut x);
    }

    #[test]
    #[should_panic(expected = "leaves a remainder: do not trust")]
    fn a_remainder_of_one_of_several_numbers_is_noticed() {
        let (mut x, mut y) = ([45, 0], [45, 0, 1]);
        OddLimb::divide_each([&OddLimb::new(15); 2], [&mut x, &mut y]);
    }
}
