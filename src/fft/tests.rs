//! Tests of the inner parts.

mod rounding;

use super::attempt::{attempt, times_residue};
use super::fault::{Fault, inject, left};
use super::modulus::{self, fermat_prime};
use super::plan::{self, Design, Need, Ring};
use super::redo::redo;
use super::run::{Operands, Product};
use super::*;
use crate::cpu::Level;

fn schoolbook(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0u64; a.len() + b.len()];
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0u128;
        for (j, &y) in b.iter().enumerate() {
            let t = u128::from(x) * u128::from(y) + u128::from(out[i + j]) + carry;
            out[i + j] = t as u64;
            carry = t >> 64;
        }
        out[i + b.len()] = carry as u64;
    }
    out
}

fn random(n: usize, seed: u64) -> Vec<u64> {
    let mut s = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            s.wrapping_mul(0x2545_F491_4F6C_DD1D)
        })
        .collect()
}

#[test]
fn products_agree_with_schoolbook() {
    for level in Level::available() {
        for n in (1..400).step_by(13).chain([511, 512, 700, 1000, 1500]) {
            let (a, b) = (random(n, n as u64), random(n + 3, 77));
            let expected = schoolbook(&a, &b);
            let mut out = vec![0x55; 2 * n + 3];
            let design = Design::new(&Need::product(n, n + 3, 1), level);
            let error = Product { design: &design, operands: Operands::Pair(&a, &b), out: &mut out }.run();
            let wrong = out.iter().zip(&expected).position(|(a, b)| a != b);
            assert_eq!(wrong, None, "{level} {n} {design:?} error {error}");
        }
    }
}

/// Checks a product by its residues modulo three primes, which the code under test does not use.
fn right_by_residues(out: &[u64], a: &[u64], b: &[u64]) -> bool {
    [0xFFFF_FFFB_u64, 4_294_967_279, 998_244_353].into_iter().all(|p| {
        let residue =
            |x: &[u64]| x.iter().rev().fold(0u128, |r, &limb| ((r << 64) | u128::from(limb)) % u128::from(p));
        residue(a) * residue(b) % u128::from(p) == residue(out)
    })
}

#[test]
fn large_products_twist_their_rows() {
    for level in Level::available() {
        for n in [21_000, 30_000, 45_000, 90_000] {
            let (a, b) = (random(n, n as u64), random(n, 77));
            let mut out = vec![0x55; 2 * n];
            let design = Design::new(&Need::product(n, n, 1), level);
            let error = Product { design: &design, operands: Operands::Pair(&a, &b), out: &mut out }.run();
            eprintln!("{level} {n} error {error} {design:?}");
            assert!(right_by_residues(&out, &a, &b), "{level} {n} {design:?} error {error}");
            assert!(error < 0.3);
        }
    }
}

const FAULTS: [Fault; 4] = [Fault::Coefficient, Fault::Carry, Fault::Rounding, Fault::Bit];

#[test]
fn injected_faults_are_caught_and_repaired() {
    let n = 200;
    let (a, b) = (random(n, 1), random(n, 2));
    let right = schoolbook(&a, &b);
    let mut out = vec![0; 2 * n];
    for fault in FAULTS {
        for times in [1, 2] {
            inject(fault, times);
            multiply(&mut out, &a, &b);
            assert!(out == right && left() == 0, "{fault:?} {times} multiply");
            inject(fault, times);
            square(&mut out, &a);
            assert!(out == schoolbook(&a, &a) && left() == 0, "{fault:?} {times} square");
        }
        let plan = Plan::for_sum_of_products(n, n, 2);
        let (x, y) = (plan.transform(&a), plan.transform(&b));
        inject(fault, 1);
        multiply_transformed(&mut out, &x, &y);
        assert!(out == right && left() == 0, "{fault:?} transformed");
        inject(fault, 1);
        multiply_cached(&mut out, &x, &b);
        assert!(out == right && left() == 0, "{fault:?} cached");
        inject(fault, 1);
        let sign = multiply_add(&mut out, &[(&x, &y, Sign::Minus)]);
        assert!(out == right && sign == Sign::Minus && left() == 0, "{fault:?} sum");
    }
}

#[test]
fn injected_faults_in_wraparound_products_are_repaired() {
    for limbs in [160, 300, 700] {
        let plan = Plan::for_wraparound(limbs);
        let k = plan.modulus_limbs();
        let (a, b) = (random(k, 1), random(k, 2));
        let mut right = vec![0; k + 1];
        multiply_wraparound(&mut right, &plan, &a, &b);
        let (x, y) = (plan.transform(&a), plan.transform(&b));
        let mut out = vec![0; k + 1];
        for fault in FAULTS {
            inject(fault, 1);
            multiply_wraparound(&mut out, &plan, &a, &b);
            assert!(out == right && left() == 0, "{fault:?} {k}");
            inject(fault, 1);
            multiply_wraparound_cached(&mut out, &x, &b);
            assert!(out == right && left() == 0, "{fault:?} {k} cached");
            inject(fault, 1);
            multiply_wraparound_transformed(&mut out, &x, &y);
            assert!(out == right && left() == 0, "{fault:?} {k} transformed");
        }
    }
}

#[test]
#[should_panic(expected = "failed its certificate")]
fn a_machine_that_is_always_wrong_is_given_up() {
    inject(Fault::Bit, 100);
    let a = random(200, 1);
    multiply(&mut vec![0; 400], &a, &a);
}

#[test]
fn a_plan_with_too_wide_digits_is_caught_and_the_product_repaired() {
    // 21 bits in a transform that can bear 20 or fewer, and operands whose digits are all alike.
    let n = 12_000;
    for limb in [u64::MAX / 3, u64::MAX, 0x0123_4567_89AB_CDEF] {
        let a = vec![limb; n];
        let points = (2 * n * 64).div_ceil(2 * 21).next_power_of_two();
        let design = Design {
            ring: Ring::Integers,
            bits: 21,
            radix: 1,
            row_levels: 3,
            columns: points / 8,
            level: Level::get(),
        };
        let mut out = vec![0; 2 * n];
        let p = certify::prime(&design);
        let expected = times_residue(&design, certify::residue(&a, p, design.level), &a);
        if !attempt(&design, Operands::Square(&a), &mut out, expected) {
            eprintln!("limb {limb:x}: caught");
            redo(&mut out, &a, &a, &design);
        }
        assert!(right_by_residues(&out, &a, &a), "limb {limb:x}");
    }
}

#[test]
fn fermat_factors_divide_their_fermat_numbers() {
    for n in 0..27 {
        if let Some(p) = fermat_prime(1 << n) {
            assert!(p < 1 << 57);
            let mut x = 2 % p;
            for _ in 0..n + 6 {
                x = modulus::times(x, x, p);
            }
            assert_eq!(x, p - 1, "2^(2^{}) + 1", n + 6);
        }
    }
}

#[test]
fn residues_agree_with_division() {
    for level in Level::available() {
        for n in [0, 1, 2, 7, 31, 32, 33, 100, 257] {
            for a in [random(n, 5), vec![u64::MAX; n]] {
                for p in [(1 << 61) - 1, 974_849, 59_649_589_127_497_217] {
                    let plain =
                        a.iter().rev().fold(0u128, |r, &x| ((r << 64) | u128::from(x)) % u128::from(p));
                    assert_eq!(u128::from(certify::residue(&a, p, level)), plain, "{level} {n} {p}");
                }
            }
        }
    }
}

#[test]
fn transformed_operands_give_back_their_number() {
    for n in [1, 100, 1000] {
        let a = random(n, 9);
        assert!(Plan::for_product(n, n).transform(&a).recover() == a);
        let plan = Plan::for_wraparound(n);
        let a = vec![u64::MAX; plan.modulus_limbs()];
        assert!(plan.transform(&a).recover() == a);
    }
}

/// Up to 10^10 digits of pi. Beyond 3e7 none was found once, for a power-of-two length.
#[test]
fn there_is_a_checkable_modulus_for_every_size() {
    for limbs in (6..30).flat_map(|k| [1, 3, 5, 7, 9, 11, 13, 15].map(|odd| (odd << k) / 8)) {
        for level in Level::available() {
            let design = Design::new(&Need::wraparound(limbs), level);
            assert!(design.limbs() >= limbs && design.limbs() < 2 * limbs + 512, "{limbs}: {design:?}");
            assert_ne!(certify::prime(&design), 0);
        }
    }
}
