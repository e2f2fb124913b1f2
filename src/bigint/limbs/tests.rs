use super::*;
use crate::bigint::testing::{numbers, to_big};
use num_bigint::BigUint;
use proptest::prelude::*;

fn with_top(low: &[u64], top: u64) -> BigUint {
    to_big(low) + (BigUint::from(top) << (64 * low.len()))
}

proptest! {
    #[test]
    fn sums_and_differences(mut a in numbers(24), mut b in numbers(24)) {
        if a.len() < b.len() { std::mem::swap(&mut a, &mut b); }
        let mut sum = a.clone();
        let carry = add_in_place(&mut sum, &b);
        prop_assert_eq!(with_top(&sum, carry.into()), to_big(&a) + to_big(&b));
        let borrow = sub_in_place(&mut sum, &b);
        prop_assert_eq!(borrow, carry);
        prop_assert_eq!(&sum, &a);
        let mut negative = a.clone();
        negate_in_place(&mut negative);
        let _ = add_same_len_in_place(&mut negative, &a);
        prop_assert!(normalized(&negative).is_empty());
    }

    #[test]
    fn products_with_a_limb(a in numbers(24), m: u64, c: u64) {
        let mut out = vec![c; a.len()];
        let expected = to_big(&a) * m;
        let top = mul_limb(&mut out, &a, m);
        prop_assert_eq!(with_top(&out, top), expected.clone());
        let mut acc = vec![c; a.len()];
        let top = add_mul_limb(&mut acc, &a, m);
        prop_assert_eq!(with_top(&acc, top), expected + to_big(&vec![c; a.len()]));
        let back = sub_mul_limb(&mut acc, &a, m);
        prop_assert_eq!((acc, back), (vec![c; a.len()], top));
        let mut in_place = a.clone();
        let top = mul_limb_in_place(&mut in_place, m, c);
        prop_assert_eq!(with_top(&in_place, top), to_big(&a) * m + c);
        let (mut twice, mut once) = (a.clone(), a.clone());
        let tops = mul_limb_twice_in_place(&mut twice, m);
        prop_assert_eq!(tops, [0; 2].map(|_| mul_limb_in_place(&mut once, m, 0)));
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn quotients_and_shifts(a in numbers(24), d in 1u64.., bits in 0u32..64) {
        let mut q = a.clone();
        let r = div_limb_in_place(&mut q, d);
        prop_assert_eq!(to_big(&q) * d + r, to_big(&a));
        prop_assert_eq!(rem_limb(&a, d), r);
        let mut out = vec![1; a.len()];
        let top = shl(&mut out, &a, bits);
        prop_assert_eq!(with_top(&out, top), to_big(&a) << bits);
        let mut shifted = a.clone();
        prop_assert_eq!(shl_in_place(&mut shifted, bits), top);
        prop_assert_eq!(&shifted, &out);
        let mut down = a.clone();
        shr_in_place(&mut down, bits);
        prop_assert_eq!(to_big(&down), to_big(&a) >> bits);
        prop_assert_eq!(cmp(&a, &shifted), to_big(&a).cmp(&to_big(&shifted)));
    }
}
