use super::*;
use crate::bigint::residue::{PRIME, residue};
use crate::bigint::testing::{faults, to_big};
use crate::cpu::Level;
use crate::pi::series::Term;
use crate::pi::series::chudnovsky::CHUDNOVSKY;
use crate::pi::series::gosper::GOSPER;
use num_bigint::{BigInt, BigUint};
use std::panic::catch_unwind;

/// `P, Q, T` by their definition, term after term; `T` has the sign of its first term.
fn plain(series: &Series, a: u64, b: u64) -> [BigInt; 3] {
    let (mut p, mut q, mut t) = (BigInt::from(1), BigInt::from(1), BigInt::from(0));
    for k in a..b {
        let term = series.term(k);
        let (p_k, q_k) = (BigInt::from(term.p), BigInt::from(term.q) * term.c);
        (p, q) = (p * p_k, q * &q_k);
        let sign = if series.alternating && (k - a) % 2 == 1 { -1i64 } else { 1 };
        t = t * q_k + BigInt::from(term.a) * sign * &p;
    }
    [p, q, t]
}

fn number(number: &Scaled) -> BigInt {
    assert!(number.limbs.last() != Some(&0));
    number.check();
    BigInt::from(to_big(&number.limbs)) << (64 * number.exponent)
}

/// Compares a leaf with the definition; returns the bits by which the leaf is shorter.
fn check(series: &Series, a: u64, b: u64, reduce: bool) -> u64 {
    let Pqt { p, q, t } = leaf(series, a, b, Needed { p: true, reduce });
    let [expected_p, expected_q, expected_t] = plain(series, a, b);
    assert!(q.limbs[0] != 0, "Q is without limbs of zeros");
    let p = number(&p);
    let removed = &expected_p / &p;
    assert!(reduce || removed == BigInt::from(1));
    assert_eq!(p * &removed, expected_p, "P of {a}..{b}");
    assert_eq!(number(&q) * &removed, expected_q, "Q of {a}..{b}");
    assert_eq!(number(&t) * &removed, expected_t, "T of {a}..{b}");
    removed.bits()
}

#[test]
fn leaves_of_every_length_and_far_out() {
    // From 2^19, 2^21 and 2^32 on, the factors of a term take more limbs.
    let starts = [1, 2, 1000, 634_000, 700_000, 2_640_000, 3_000_000, 1 << 32, (1 << 33) + 5];
    for series in [&CHUDNOVSKY, &GOSPER] {
        for start in starts {
            for len in (1..20).chain([31, 32, 33, 64, 90, 275, LEAF_TERMS]) {
                let _ = check(series, start, start + len, false);
                let _ = check(series, start, start + len, true);
            }
        }
        let last = series.last_term + 1;
        let _ = check(series, last - 100, last, true);
    }
}

/// Merges of a long number with a short one are slow: 275 terms were 17 groups of 16 and one of 3.
#[test]
fn groups_are_a_power_of_two_or_little_less() {
    for n in 1..=LEAF_TERMS as usize {
        let Grouping { terms, count } = Grouping::of(n);
        assert!(terms % 2 == 0 && terms <= 24 && (count - 1) * terms < n && n <= count * terms);
        assert!(count > count.next_power_of_two() * 3 / 4 || count.next_power_of_two() == count, "{n}");
        let group_of = Grouping { terms, count }.group_of();
        assert!((0..n).all(|term| group_of(term) == term / terms), "{n}");
    }
    assert_eq!(Grouping::of(275), Grouping { terms: 18, count: 16 });
}

#[test]
fn p_is_left_out_where_nobody_wants_it() {
    let leaf = leaf(&CHUDNOVSKY, 5, 105, Needed { p: false, reduce: true });
    assert!(leaf.p.limbs.is_empty() && !leaf.q.limbs.is_empty());
}

#[test]
fn most_common_factors_are_removed() {
    for (series, least) in [(&CHUDNOVSKY, 0.5), (&GOSPER, 0.4)] {
        for (a, b) in [(1, 200), (5000, 5333), (1 << 33, (1 << 33) + 150)] {
            let removed = check(series, a, b, true);
            let [p, q, _] = plain(series, a, b);
            let common = gcd(p.magnitude().clone(), q.magnitude().clone()).bits();
            assert!(removed as f64 > least * common as f64, "{removed} of {common} bits");
        }
    }
}

/// The numbers of a leaf; none if one of them has another residue than its limbs, or after a panic.
fn proven(series: &'static Series, a: u64, b: u64, needed: Needed) -> Option<[(Vec<u64>, usize); 3]> {
    let Pqt { p, q, t } = catch_unwind(|| leaf(series, a, b, needed)).ok()?;
    let numbers = [p, q, t];
    let hold = numbers.iter().all(|number| residue(&number.limbs) == number.residue);
    hold.then(|| numbers.map(|number| (number.limbs.to_vec(), number.exponent)))
}

/// Flips the planned bit of one of the numbers of a term.
fn damage(term: &mut Term) {
    let halves = |x: u128| [x as u64, (x >> 64) as u64];
    let whole = |[low, high]: [u64; 2]| u128::from(high) << 64 | u128::from(low);
    // A number of one limb stays one.
    let flip = |x: u128| {
        let mut limbs = halves(x);
        let used = limbs.len() - usize::from(limbs[1] == 0);
        faults::damage(&mut limbs[..used]);
        whole(limbs)
    };
    (term.p, term.q) = (flip(term.p), flip(term.q));
    (term.a, term.c) = (flip(term.a.into()) as u64, flip(term.c.into()) as u64);
}

/// Damages every eleventh term of a group.
pub(super) fn damage_some(terms: &mut [Term]) {
    terms.iter_mut().step_by(11).for_each(damage);
}

#[test]
fn closed_forms_are_those_of_the_terms() {
    for series in [&CHUDNOVSKY, &GOSPER] {
        for first in [1, 1 << 20, 1 << 34, series.last_term - 600] {
            for count in (0..40).chain([275, LEAF_TERMS]) {
                let [p, q, t] = plain(series, first, first + count);
                let cancelled = BigInt::from((series.cancelled)(first, first + count));
                let modulus = BigInt::from(PRIME);
                let residue = |x: BigInt| (x * &cancelled % &modulus + &modulus) % &modulus;
                let [p, q, t] = [p, q, t].map(|x| u64::try_from(residue(x)).unwrap());
                for level in Level::available() {
                    let found = Residues::at_level(level, series, first, count as usize);
                    assert_eq!(found, Residues { p, q, t }, "{count} terms from {first}, {level}");
                }
            }
        }
    }
}

/// Flips bits of terms and of every intermediate result in turn: of groups, their factors, quotients of
/// these, merges, and of P, Q and T.
#[test]
fn ten_thousand_faults_in_leaves_are_caught() {
    let (mut count, mut caught) = (0, 0);
    let mut seed = 1u64;
    for series in [&CHUDNOVSKY, &GOSPER] {
        for (a, b) in
            [(1, 14), (1000, 1100), (634_000, 634_000 + LEAF_TERMS), ((1 << 33) + 5, (1 << 33) + 300)]
        {
            for reduce in [false, true] {
                let needed = Needed { p: true, reduce };
                let right = proven(series, a, b, needed).expect("a leaf without faults");
                for fault in 0.. {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    faults::plan(fault / 7, (seed >> 17) as usize);
                    let found = proven(series, a, b, needed);
                    if !faults::was_done() {
                        break;
                    }
                    assert!(found.as_ref().is_none_or(|found| *found == right), "fault {fault} of {a}..{b}");
                    (count, caught) = (count + 1, caught + u32::from(found.is_none()));
                }
            }
        }
    }
    eprintln!("{count} faults, {caught} caught, the others harmless");
    assert!(count >= 10_000 && caught > count / 2, "{count} faults, {caught} caught");
}

fn gcd(mut a: BigUint, mut b: BigUint) -> BigUint {
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}
