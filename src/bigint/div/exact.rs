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
        fn inverse_of_a_limb(d: u64) {
            prop_assert_eq!(inverse_mod_limb(d | 1).wrapping_mul(d | 1), 1);
        }
    }
}
