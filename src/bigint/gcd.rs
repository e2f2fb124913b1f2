//! Greatest common divisors by Lehmer's algorithm.
//!
//! ```text
//! while b has more than one limb:
//!   Euclid on the leading 64 bits of a and b, as long as the quotients are certain:
//!     cofactors u0 v0 u1 v1 of 32 bits
//!   (a, b) = (|u0 a - v0 b|, |u1 a - v1 b|)      one pass instead of some twenty divisions
//!   or (b, a mod b), where not even one quotient is certain
//! ```
//!
//! Source: Knuth, TAOCP 2, 4.5.2, algorithm L, with Collins' condition as in Jebelean, "A
//! double-digit Lehmer-Euclid algorithm" (1995).

use super::div::div_rem;
use super::limbs::{cmp, mul_limb, normalized, normalized_len, rem_limb, sub_mul_limb};
use crate::memory::Limbs;
use std::cmp::Ordering;

/// The greatest common divisor, normalized; that of a number and 0 is the number.
pub(super) fn gcd(a: &[u64], b: &[u64]) -> Limbs {
    let (mut a, mut b) = (Limbs::from(normalized(a)), Limbs::from(normalized(b)));
    if cmp(&a, &b) == Ordering::Less {
        std::mem::swap(&mut a, &mut b);
    }
    let (mut next_a, mut next_b) = (Limbs::new(), Limbs::new());
    while b.len() > 1 {
        let cofactors = if a.len() <= b.len() + 1 { simulate(&a, &b) } else { Cofactors::NONE };
        if cofactors.v0 == 0 {
            let (_, rest) = div_rem(&a, &b);
            a = std::mem::replace(&mut b, rest);
            b.truncate(normalized_len(&b));
            continue;
        }
        cofactors.apply(&a, &b, &mut next_a, &mut next_b);
        std::mem::swap(&mut a, &mut next_a);
        std::mem::swap(&mut b, &mut next_b);
    }
    match *b {
        [] => a,
        [limb, ..] => Limbs::from([gcd_of_limbs(limb, rem_limb(&a, limb))]),
    }
}

fn gcd_of_limbs(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Magnitudes of the cofactors after some steps of Euclid's algorithm; their signs alternate.
#[derive(Clone, Copy)]
struct Cofactors {
    u0: u64,
    v0: u64,
    u1: u64,
    v1: u64,
    /// An even number of steps: `a' = u0 a - v0 b` and `b' = v1 b - u1 a`. Otherwise both change
    /// their signs.
    even: bool,
}

impl Cofactors {
    /// No step at all.
    const NONE: Self = Self { u0: 1, v0: 0, u1: 0, v1: 1, even: true };

    fn apply(&self, a: &[u64], b: &[u64], next_a: &mut Limbs, next_b: &mut Limbs) {
        let Self { u0, v0, u1, v1, even } = *self;
        if even {
            difference(next_a, (a, u0), (b, v0));
            difference(next_b, (b, v1), (a, u1));
        } else {
            difference(next_a, (b, v0), (a, u0));
            difference(next_b, (a, u1), (b, v1));
        }
    }
}

/// `out = x p - y q`, normalized, for a difference that is not negative and not longer than `x` and `y`.
fn difference(out: &mut Limbs, (x, p): (&[u64], u64), (y, q): (&[u64], u64)) {
    let len = x.len().max(y.len());
    out.resize(len);
    out[x.len()..].fill(0);
    let mut top = mul_limb(&mut out[..x.len()], x, p);
    if x.len() < len {
        top = std::mem::replace(&mut out[x.len()], top);
    }
    let mut borrow = sub_mul_limb(&mut out[..y.len()], y, q);
    if y.len() < len {
        let underflow;
        (out[y.len()], underflow) = out[y.len()].overflowing_sub(borrow);
        borrow = u64::from(underflow);
    }
    debug_assert_eq!(top, borrow, "the difference is as short as the operands");
    out.truncate(normalized_len(out));
}

/// Euclid's algorithm on the leading 64 bits of `a >= b`, where `b` has at most one limb less than
/// `a` and both have two or more.
fn simulate(a: &[u64], b: &[u64]) -> Cofactors {
    let n = a.len();
    let bits = a[n - 1].leading_zeros();
    let leading = |x: &[u64]| {
        let top = x.get(n - 1).copied().unwrap_or(0);
        ((u128::from(top) << 64 | u128::from(x[n - 2])) << bits >> 64) as u64
    };
    let (mut x, mut y) = (leading(a), leading(b));
    let mut c = Cofactors::NONE;
    while y > 0 {
        let (quotient, rest) = (x / y, x % y);
        let (u2, v2) = (c.u0 + quotient * c.u1, c.v0 + quotient * c.v1);
        // Collins' condition: all numbers that begin like x and y have this quotient next.
        if rest < v2 || y - rest < c.v1 + v2 {
            break;
        }
        (x, y) = (y, rest);
        c = Cofactors { u0: c.u1, v0: c.v1, u1: u2, v1: v2, even: !c.even };
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::mul::product;
    use crate::bigint::testing::{numbers, patterns, random, to_big};
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn by_euclid(mut a: BigUint, mut b: BigUint) -> BigUint {
        while b != BigUint::ZERO {
            (a, b) = (b.clone(), a % b);
        }
        a
    }

    fn check(a: &[u64], b: &[u64]) {
        assert_eq!(to_big(&gcd(a, b)), by_euclid(to_big(a), to_big(b)), "{} and {} limbs", a.len(), b.len());
    }

    proptest! {
        #[test]
        fn divisors(a in numbers(9), b in numbers(9), common in numbers(5)) {
            check(&a, &b);
            check(&product(&a, &common), &product(&b, &common));
        }
    }

    #[test]
    fn patterns_of_limbs() {
        for (n, m) in [(1, 1), (2, 2), (2, 3), (3, 2), (20, 20), (21, 20), (40, 20)] {
            for a in patterns(n) {
                for b in patterns(m) {
                    check(&a, &b);
                }
            }
        }
    }

    /// The most steps that numbers of their length can take: every quotient is 1.
    #[test]
    fn neighbours_among_fibonacci_numbers() {
        let (mut a, mut b) = (BigUint::from(1u8), BigUint::from(1u8));
        for _ in 0..3000 {
            (a, b) = (b.clone(), a + b);
        }
        let (a, b) = (a.to_u64_digits(), b.to_u64_digits());
        assert_eq!(*gcd(&a, &b), [1]);
        let common = random(7, 3);
        assert_eq!(*gcd(&product(&a, &common), &product(&b, &common)), *common);
    }
}
