//! Numbers that tests are fed with, and the second opinion: num-bigint.

use super::{Integer, Natural};
use num_bigint::{BigInt, BigUint, Sign};
use proptest::prelude::*;

/// The number as num-bigint sees it.
pub(crate) fn to_big(limbs: &[u64]) -> BigUint {
    let halves = limbs.iter().flat_map(|&x| [x as u32, (x >> 32) as u32]);
    BigUint::new(halves.collect())
}

/// The number of these limbs.
pub(crate) fn natural(limbs: &[u64]) -> Natural {
    Natural::from_limbs(limbs)
}

/// Up to `max_len` limbs, many of them of the kinds that break carries.
pub(crate) fn numbers(max_len: usize) -> impl Strategy<Value = Vec<u64>> {
    let limb = prop_oneof![3 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX), 1 => Just(1 << 63)];
    prop::collection::vec(limb, 0..=max_len)
}

/// Both signs of [`numbers`].
pub(crate) fn integers(max_len: usize) -> impl Strategy<Value = Integer> {
    (any::<bool>(), numbers(max_len)).prop_map(|(negative, limbs)| Integer::new(negative, natural(&limbs)))
}

/// The integer as num-bigint sees it.
pub(crate) fn to_big_signed(x: &Integer) -> BigInt {
    let sign = if x.is_negative() { Sign::Minus } else { Sign::Plus };
    BigInt::from_biguint(sign, to_big(x.magnitude().limbs()))
}

/// A fixed sequence of random limbs: xorshift64* (Vigna 2016).
pub(crate) fn random(len: usize, seed: u64) -> Vec<u64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    };
    (0..len).map(|_| next()).collect()
}

/// Operands of one length that have broken multiplications before.
pub(crate) fn patterns(len: usize) -> Vec<Vec<u64>> {
    let mut power = vec![0; len];
    power[len - 1] = 1;
    vec![
        random(len, len as u64),
        vec![u64::MAX; len],
        power,
        vec![0x5555_5555_5555_5555; len],
        vec![1; len],
        (0..len).map(|i| if i % 3 == 0 { u64::MAX } else { 0 }).collect(),
    ]
}

/// Faults of a machine, for tests.
pub(crate) mod faults {
    use std::cell::Cell;

    thread_local! {
        /// Results of this thread before the one to damage, and the bit to flip; and whether that
        /// was done.
        static NEXT: Cell<Option<(u32, usize)>> = const { Cell::new(None) };
    }

    /// Plans to flip a bit of the result number `at` from now on.
    pub(crate) fn plan(at: u32, bit: usize) {
        NEXT.set(Some((at, bit)));
    }

    /// Forgets the plan; true if the bit was flipped.
    pub(crate) fn was_done() -> bool {
        NEXT.take().is_none()
    }

    /// Flips a bit of a result, if it is the planned one. Zero has no bit.
    pub(crate) fn damage(limbs: &mut [u64]) {
        match NEXT.get() {
            Some((0, bit)) if !limbs.is_empty() => {
                let bit = bit % (64 * limbs.len());
                limbs[bit / 64] ^= 1 << (bit % 64);
                NEXT.set(None);
            }
            Some((at, bit)) => NEXT.set(Some((at.saturating_sub(1), bit))),
            None => {}
        }
    }
}
