//! The floor of a square root, from [`inverse_sqrt`] and a correction by a few units.

use super::Natural;
use crate::bigint::limbs::shl_in_place;
use crate::bigint::mul::product;
use crate::bigint::sqrt::inverse_sqrt;
use crate::memory::Limbs;

impl Natural {
    /// The floor of the square root.
    ///
    /// Cost: about three products of the root's length.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        if self.limbs.len() <= 2 {
            let value = self.limbs.iter().rev().fold(0u128, |value, &limb| value << 64 | u128::from(limb));
            return Self::from(value.isqrt());
        }
        let mut root = self.sqrt_estimate();
        while root.square() > *self {
            root -= 1u64;
        }
        loop {
            let next = &root + 1u64;
            if next.square() > *self {
                return root;
            }
            root = next;
        }
    }

    /// The square root to within a few units.
    fn sqrt_estimate(&self) -> Self {
        // An even shift makes the top limb at least a quarter full; an even
        // number of limbs makes the root one of whole limbs.
        let bits = self.limbs[self.limbs.len() - 1].leading_zeros() & !1;
        let mut d = Limbs::zeroed(self.limbs.len() % 2);
        d.extend_from_slice(&self.limbs);
        let _ = shl_in_place(&mut d, bits);
        let n = d.len() / 2 + 1;
        // x = B^n sqrt(B^(2n-2) / d), so that d x is the root times B^(2n-1).
        let x = inverse_sqrt(&d, n);
        let root = Self::from_words(product(&d[d.len() - n.min(d.len())..], &x));
        let cut = d.len() - n.min(d.len());
        root >> (64 * (2 * n as u64 - 1 - cut as u64)
            + u64::from(bits / 2)
            + 32 * (self.limbs.len() as u64 % 2))
    }
}

#[cfg(test)]
mod tests {
    use crate::bigint::testing::{natural, numbers, patterns, to_big};
    use proptest::prelude::*;

    fn check_sqrt(n: &[u64]) {
        assert_eq!(to_big(natural(n).sqrt().limbs()), to_big(n).sqrt(), "{} limbs", n.len());
    }

    proptest! {
        #[test]
        fn square_roots(a in numbers(12)) {
            check_sqrt(&a);
            let square = natural(&a).square();
            check_sqrt(square.limbs());
            if !square.is_zero() {
                check_sqrt((square - 1u64).limbs());
            }
        }
    }

    #[test]
    fn long_square_roots() {
        for n in [3, 4, 5, 63, 64, 65, 200, 301] {
            patterns(n).iter().for_each(|n| check_sqrt(n));
        }
    }
}
