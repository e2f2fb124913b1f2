//! Quotients that are known to be exact, from the least limb up.
//!
//! ```text
//! v = 1 / d_0 modulo 2^64
//! for i from 0:  q_i = a_i v modulo 2^64;  a -= q_i d 2^(64 i)
//! ```
//!
//! No estimate is ever wrong and only the limbs of the quotient are computed.
//! Source: Jebelean, "An algorithm for exact division" (1993).

use crate::bigint::limbs::{normalized, normalized_len, shr_in_place, sub_limb_in_place, sub_mul_limb};
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

/// `x = x / d` for an odd, normalized `d` that divides `x`; normalized. Wrong, without notice, if it
/// does not.
///
/// ```text
/// q_i = (x_i - sum over j > 0 of d_j q_(i-j) - carry) v modulo 2^64
/// ```
/// Column by column: the sum stays in registers, where a pass over `d` for each limb of the quotient
/// would load and store the limbs of `x` again and again, and takes 1.4 times as long.
pub(crate) fn div_exact_in_place(x: &mut Limbs, d: &[u64]) {
    let len = normalized_len(x);
    if len < d.len() {
        return x.truncate(0);
    }
    let q_len = len - d.len() + 1;
    x.truncate(q_len);
    let (&lowest, higher) = d.split_first().expect("a divisor is not zero");
    let inverse = inverse_mod_limb(lowest);
    // What the columns before add to this one: far less than d.len() 2^64.
    let mut carry = 0u128;
    for i in 0..q_len {
        let (known, rest) = x.split_at_mut(i);
        let (mut sum, mut above) = (carry, 0u64);
        for (&q, &d) in known.iter().rev().zip(higher) {
            let overflow;
            (sum, overflow) = sum.overflowing_add(u128::from(q) * u128::from(d));
            above += u64::from(overflow);
        }
        let (difference, borrow) = rest[0].overflowing_sub(sum as u64);
        let q = difference.wrapping_mul(inverse);
        rest[0] = q;
        // The low limbs of sum + q lowest and of x agree.
        let high = (u128::from(q) * u128::from(lowest)) >> 64;
        carry = (u128::from(above) << 64) + (sum >> 64) + high + u128::from(borrow);
    }
    let len = normalized_len(x);
    x.truncate(len);
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
        fn undoes_a_product_in_place(q in numbers(40), d in numbers(20)) {
            let mut d = normalized(&d).to_vec();
            d.push(1);
            d[0] |= 1;
            let mut x = product(&q, &d);
            div_exact_in_place(&mut x, &d);
            prop_assert_eq!(&*x, normalized(&q));
        }

        #[test]
        fn inverse_of_a_limb(d: u64) {
            prop_assert_eq!(inverse_mod_limb(d | 1).wrapping_mul(d | 1), 1);
        }
    }
}
