//! Products modulo `2^(64 m) + 1`, and the signed number behind a residue.
//!
//! A step of Newton's method multiplies `2n` by `n` limbs to find a result
//! whose upper `n` limbs are known beforehand. Modulo `2^(64 m) + 1` with `m`
//! a little above `2n` the top wraps around with the sign changed, so it can be taken
//! away again, and the transform is a third shorter.
//! Source: Bernstein, "Fast multiplication and its applications" (2008),
//! section 8 ("removing redundancy"); MCA, 3.3.
//!
//! **Proof.** Products here have no residue: only their rounding error is checked. The callers check
//! integers instead, modulo `2^61 - 1`: the remainder of a division, the error of a square root, the
//! digits on both sides of a point. That takes less time than divisors of `2^(64 m) + 1`, which exist
//! for some `m` only, and proves more.

use super::{product, squared, via_fft};
use crate::bigint::limbs::{
    add_in_place, add_limb_in_place, mul_limb_in_place, negate_in_place, normalized_len, sub_in_place,
    sub_limb_in_place,
};
use crate::memory::Limbs;

/// An operand of many wrap-around products of one size; its transform is kept.
#[derive(Debug)]
pub(crate) struct Factor<'a> {
    limbs: &'a [u64],
    cached: Option<via_fft::Cached>,
    min_limbs: usize,
}

impl<'a> Factor<'a> {
    /// For products with operands of up to `other_len` limbs, which the caller proves.
    #[must_use]
    pub(crate) fn new(limbs: &'a [u64], other_len: usize, min_limbs: usize) -> Self {
        let cached = via_fft::Cached::new(limbs, other_len, min_limbs);
        Self { limbs, cached, min_limbs: min_limbs.max(1) }
    }

    /// The product modulo `2^(64 m) + 1` for some `m >= min_limbs`.
    #[must_use]
    pub(crate) fn product(&self, other: &[u64]) -> Wrapped {
        match &self.cached {
            Some(cached) => Wrapped::of(cached.product(other)),
            None => Wrapped::reduce(&product(self.limbs, other), self.min_limbs),
        }
    }

    /// The number itself.
    #[must_use]
    pub(crate) fn limbs(&self) -> &[u64] {
        self.limbs
    }

    /// `m`: products are modulo `2^(64 m) + 1`.
    #[must_use]
    pub(crate) fn modulus_limbs(&self) -> usize {
        self.cached.as_ref().map_or(self.min_limbs, via_fft::Cached::modulus_limbs)
    }
}

/// A residue modulo `2^(64 m) + 1`, held in `m + 1` limbs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrapped {
    limbs: Limbs,
}

impl Wrapped {
    /// The residue that a convolution has left in `m + 1` limbs.
    #[cfg_attr(not(test), expect(unused_mut, reason = "tests damage it"))]
    fn of(mut limbs: Limbs) -> Self {
        #[cfg(test)]
        {
            // The top limb is 0 or 1 whatever happens.
            let m = limbs.len() - 1;
            crate::bigint::fault::limbs(&mut limbs[..m]);
        }
        Self { limbs }
    }

    /// `a b` modulo `2^(64 m) + 1` for some `m >= min_limbs` of the FFT's choice. The caller proves
    /// what follows from it.
    ///
    /// Cost: for long operands that of a product of `m` limbs in all, instead
    /// of `a.len() + b.len()`.
    #[must_use]
    pub(crate) fn product(a: &[u64], b: &[u64], min_limbs: usize) -> Self {
        Factor::new(a, b.len(), min_limbs).product(b)
    }

    /// `a^2` modulo `2^(64 m) + 1` for some `m >= min_limbs`. The caller proves what follows from it.
    #[must_use]
    pub(crate) fn square(a: &[u64], min_limbs: usize) -> Self {
        match via_fft::Cached::new(a, a.len(), min_limbs) {
            Some(cached) => Self::of(cached.square()),
            None => Self::reduce(&squared(a), min_limbs.max(1)),
        }
    }

    /// `number` modulo `2^(64 m) + 1`.
    #[must_use]
    pub(crate) fn reduce(number: &[u64], m: usize) -> Self {
        let mut wrapped = Self { limbs: Limbs::zeroed(m + 1) };
        for (i, piece) in number.chunks(m).enumerate() {
            wrapped.add_signed(piece, i % 2 == 1);
        }
        wrapped
    }

    /// `m`: the modulus is `2^(64 m) + 1`.
    #[must_use]
    pub(crate) fn modulus_limbs(&self) -> usize {
        self.limbs.len() - 1
    }

    /// Multiplies by one limb.
    pub(crate) fn mul_limb(&mut self, limb: u64) {
        let m = self.modulus_limbs();
        let carry = mul_limb_in_place(&mut self.limbs, limb, 0);
        // The top limb is 0 or 1, so that nothing but it and a carry of zero is above m.
        debug_assert_eq!(carry, 0);
        let top = std::mem::take(&mut self.limbs[m]);
        self.add_signed(&[top], true);
    }

    /// Subtracts `2^(64 i)`.
    pub(crate) fn sub_power(&mut self, i: usize) {
        let m = self.modulus_limbs();
        self.add_signed_at(&[1], i % m, (i / m).is_multiple_of(2));
    }

    /// Subtracts a number of any length.
    pub(crate) fn sub_number(&mut self, number: &[u64]) {
        self.sub_shifted(number, 0);
    }

    /// Subtracts `number 2^(64 shift)`.
    pub(crate) fn sub_shifted(&mut self, number: &[u64], shift: usize) {
        let m = self.modulus_limbs();
        let (turns, at) = (shift / m, shift % m);
        let (first, rest) = number.split_at(number.len().min(m - at));
        self.add_signed_at(first, at, turns.is_multiple_of(2));
        for (i, piece) in rest.chunks(m).enumerate() {
            self.add_signed(piece, (turns + i) % 2 == 1);
        }
    }

    /// Subtracts `a b`, by a product modulo the same number, which the caller proves too.
    pub(crate) fn sub_product(&mut self, a: &[u64], b: &[u64]) {
        let other = Self::product(a, b, self.modulus_limbs());
        if other.modulus_limbs() == self.modulus_limbs() {
            self.sub_number(&other.limbs);
        } else {
            // Lengths next to a threshold: one product wraps around, the other one is whole.
            self.sub_number(&product(a, b));
        }
    }

    /// The residue as `(negative, magnitude)` with the least magnitude; the
    /// magnitude is normalized.
    #[must_use]
    pub(crate) fn into_signed(mut self) -> (bool, Limbs) {
        let m = self.modulus_limbs();
        let negative = self.limbs[m] != 0 || self.limbs[m - 1] >> 63 != 0;
        if negative {
            negate_in_place(&mut self.limbs);
            self.settle();
        }
        self.limbs.truncate(normalized_len(&self.limbs));
        (negative, self.limbs)
    }

    /// The residue itself, `m + 1` limbs, at most `2^(64 m)`.
    #[must_use]
    pub(crate) fn into_limbs(self) -> Limbs {
        self.limbs
    }

    /// Adds or subtracts a number of at most `m` limbs.
    fn add_signed(&mut self, number: &[u64], subtract: bool) {
        self.add_signed_at(number, 0, subtract);
    }

    /// The same for a number that begins at the limb `at` and ends below `m`.
    fn add_signed_at(&mut self, number: &[u64], at: usize, subtract: bool) {
        let limbs = &mut self.limbs[at..];
        let overflow = if subtract { sub_in_place(limbs, number) } else { add_in_place(limbs, number) };
        debug_assert!(subtract || !overflow);
        self.settle();
    }

    /// Brings the limbs, read as a signed number with the top limb in
    /// `-2..=2`, back to `0..=2^(64 m)`.
    fn settle(&mut self) {
        let m = self.modulus_limbs();
        loop {
            let top = self.limbs[m] as i64;
            if top == 0 || top == 1 && self.limbs[..m].iter().all(|&x| x == 0) {
                return;
            }
            self.limbs[m] = 0;
            // 2^(64 m) is -1. The rest can be -1 or 1 again, once or twice.
            let _ = if top < 0 {
                add_limb_in_place(&mut self.limbs, top.unsigned_abs())
            } else {
                sub_limb_in_place(&mut self.limbs, top as u64)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{numbers, random, to_big};
    use num_bigint::BigUint;
    use proptest::prelude::*;

    #[test]
    fn long_operands_wrap_around_in_the_transform() {
        for (n, len) in [(100, 150), (150, 150), (200, 333), (1000, 1500)] {
            let (a, b) = (random(len, 1), random(n, 2));
            let (wrapped, square) = (Wrapped::product(&a, &b, len + 1), Wrapped::square(&a, len + 1));
            let modulus = (BigUint::from(1u8) << (64 * wrapped.modulus_limbs())) + 1u8;
            assert_eq!(to_big(&wrapped.into_limbs()), to_big(&a) * to_big(&b) % &modulus);
            let modulus = (BigUint::from(1u8) << (64 * square.modulus_limbs())) + 1u8;
            assert_eq!(to_big(&square.into_limbs()), to_big(&a) * to_big(&a) % modulus);
        }
    }

    proptest! {
        #[test]
        fn residues_of_products(
            a in numbers(40),
            b in numbers(40),
            m in 1usize..50,
            limb: u64,
            i in 0usize..120,
        ) {
            let mut wrapped = Wrapped::product(&a, &b, m);
            prop_assert_eq!(Wrapped::square(&a, m), Wrapped::product(&a, &a, m));
            let m = wrapped.modulus_limbs();
            let modulus = (BigUint::from(1u8) << (64 * m)) + 1u8;
            let expected = to_big(&a) * to_big(&b) % &modulus;
            prop_assert_eq!(to_big(&wrapped.clone().into_limbs()), expected.clone());
            wrapped.mul_limb(limb);
            let expected = expected * limb % &modulus;
            prop_assert_eq!(to_big(&wrapped.clone().into_limbs()), expected.clone());
            wrapped.sub_power(i);
            let power = (BigUint::from(1u8) << (64 * i)) % &modulus;
            let expected = (expected + &modulus - &power) % &modulus;
            wrapped.sub_shifted(&a, i);
            let expected = (expected + (&modulus - to_big(&a) % &modulus) * power) % &modulus;
            prop_assert_eq!(to_big(&wrapped.clone().into_limbs()), expected.clone());
            let (negative, magnitude) = wrapped.into_signed();
            let magnitude = to_big(&magnitude);
            prop_assert!(&magnitude * 2u8 <= modulus.clone());
            let back = if negative { &modulus - magnitude } else { magnitude };
            prop_assert_eq!(back, expected);
        }
    }
}
