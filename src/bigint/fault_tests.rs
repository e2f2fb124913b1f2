//! Every fault in a division or a conversion is repaired or reported.

use super::div::{approximate_quotient, div_rem};
use super::fault;
use super::limbs::normalized;
use super::radix::{from_decimal, from_digits, to_decimal, to_digits};
use super::testing::{random, to_big};
use super::thresholds::PROVEN;
use num_bigint::BigInt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The outcome of a computation under a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcomes {
    /// The result was right, by repair or because the fault did not reach it.
    right: u32,
    /// A panic has reported the fault.
    reported: u32,
    wrong: u32,
}

/// Puts `wrong` faults in a row behind every result that `compute` passes through, at several bits.
fn under_faults<T: PartialEq>(wrong: u64, compute: impl Fn() -> T) -> Outcomes {
    let expected = compute();
    let results = fault::results(|| drop(compute()));
    assert!(results > 0, "the computation passes through {results} results");
    let mut outcomes = Outcomes::default();
    for right in 0..results {
        for bit in [0, 63, 64, 12_345, 987_654_321, u64::MAX] {
            fault::inject(right, wrong, bit ^ right << 20);
            let result = catch_unwind(AssertUnwindSafe(&compute));
            fault::end();
            match result {
                Ok(result) if result == expected => outcomes.right += 1,
                Ok(_) => outcomes.wrong += 1,
                Err(_) => outcomes.reported += 1,
            }
        }
    }
    outcomes
}

fn check<T: PartialEq>(name: &str, compute: impl Fn() -> T) {
    let once = under_faults(1, &compute);
    let for_ever = under_faults(u64::MAX, &compute);
    println!("{name}: one fault {once:?}, faults without end {for_ever:?}");
    assert_eq!((once.wrong, for_ever.wrong), (0, 0), "{name}: faults that nothing found");
    assert!(once.right > 0 && for_ever.reported > 0, "{name}: faults are repaired and reported");
}

#[test]
fn faults_in_divisions() {
    for (n, m) in [(2 * PROVEN, PROVEN), (5 * PROVEN, 2 * PROVEN), (1500, 700), (2000, PROVEN + 1)] {
        let (a, d) = (random(n, 3), random(m, 5));
        check(&format!("{n} / {m} limbs"), || {
            let (q, r) = div_rem(&a, &d);
            (normalized(&q).to_vec(), normalized(&r).to_vec())
        });
    }
}

#[test]
fn faults_in_approximate_quotients() {
    for (n, m, below) in [(6, 3, 0), (100, 50, 7), (300, 150, 0), (100, 400, 700), (1500, 700, 3)] {
        let (a, d) = (random(n, 13), random(m, 15));
        let exact = div_rem(&[vec![0; below], a.clone()].concat(), &d).0;
        let exact = BigInt::from(to_big(&exact));
        check(&format!("{n} + {below} / {m} limbs, approximately"), || {
            let error = BigInt::from(to_big(&approximate_quotient(&a, below, &d))) - &exact;
            error.magnitude() <= &16u8.into()
        });
    }
}

#[test]
fn faults_in_conversions_to_decimal() {
    for n in [31, 100, PROVEN, 700, 1500] {
        let number = random(n, 7);
        check(&format!("{n} limbs to decimal"), || to_decimal(&number));
    }
}

#[test]
fn faults_in_conversions_from_decimal() {
    for n in [PROVEN + 1, 700, 2000] {
        let text = to_decimal(&random(n, 9));
        check(&format!("{n} limbs from decimal"), || from_decimal(&text).to_vec());
    }
}

#[test]
fn faults_in_conversions_to_and_from_other_radices() {
    for n in [PROVEN + 1, 700] {
        let number = random(n, 11);
        let text = String::from_utf8(to_digits(&number, 36)).unwrap();
        check(&format!("{n} limbs to radix 36"), || to_digits(&number, 36));
        check(&format!("{n} limbs from radix 36"), || from_digits(&text, 36).to_vec());
    }
}
