//! Tests of the inner parts.

mod cancelled;
mod rounding;

use super::attempt::{attempt, times_residue};
use super::fault::{Fault, inject, inject_at, left};
use super::moduli::MODULI;
use super::modulus::{self, Moduli};
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

const FAULTS: [Fault; 5] = [Fault::Coefficient, Fault::Carry, Fault::Rounding, Fault::Bit, Fault::NotANumber];

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

/// One product with each of many faults: a wrong result must fail its certificate.
fn hold_to_its_certificate(
    design: &Design,
    operands: Operands<'_>,
    expected: modulus::Residue,
    right: &[u64],
    of_each: u32,
) -> [u32; 2] {
    let (mut count, mut caught) = (0, 0);
    let mut out = vec![0; right.len()];
    let mut seed = 1u64;
    for fault in fault::ALL {
        for _ in 0..of_each {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            inject_at(fault, 1, seed >> 17);
            let holds = attempt(design, operands, &mut out, expected);
            assert!(left() == 0, "{fault:?} has not been injected");
            assert!(!holds || out == right, "{fault:?}, seed {}: {design:?}", seed >> 17);
            (count, caught) = (count + 1, caught + u32::from(!holds));
        }
    }
    [count, caught]
}

/// Split, rows, join and carries, of full and wrapped products, on every level.
#[test]
fn twenty_thousand_faults_are_caught() {
    let mut total = [0; 2];
    let mut add = |[count, caught]: [u32; 2]| total = [total[0] + count, total[1] + caught];
    for level in Level::available() {
        for n in [80, 200, 333] {
            let (a, b) = (random(n, 1), random(n, 2));
            let right = schoolbook(&a, &b);
            let plan = Plan::for_product(n, n).with_level(level);
            let (design, x, y) = (&*plan.0, plan.transform(&a), plan.transform(&b));
            let expected = design.moduli.times(x.residue, y.residue);
            for operands in [Operands::Pair(&a, &b), Operands::Cached(&x.values, &b)] {
                add(hold_to_its_certificate(design, operands, expected, &right, 60));
            }
            let plan = Plan::for_wraparound(n).with_level(level);
            let k = plan.modulus_limbs();
            let (a, b) = (random(k, 3), random(k, 4));
            let mut right = vec![0; k + 1];
            multiply_wraparound(&mut right, &plan, &a, &b);
            let (design, x, y) = (&*plan.0, plan.transform(&a), plan.transform(&b));
            let expected = design.moduli.times(x.residue, y.residue);
            let terms = [(&*x.values, &*y.values, Sign::Plus)];
            for operands in [Operands::Pair(&a, &b), Operands::Sum(&terms)] {
                add(hold_to_its_certificate(design, operands, expected, &right, 60));
            }
        }
    }
    // Rows of their own ring, a buffer for the top pass, streaming stores.
    for level in Level::available() {
        let n = 70_000;
        let (a, b) = (random(n, 1), random(n, 2));
        let design = Design::new(&Need::product(n, n, 1), level);
        let mut right = vec![0; 2 * n];
        multiply(&mut right, &a, &b);
        let residue = |x: &[u64]| certify::residue(x, &design.moduli, level);
        let expected = design.moduli.times(residue(&a), residue(&b));
        add(hold_to_its_certificate(&design, Operands::Pair(&a, &b), expected, &right, 3));
    }
    eprintln!("{} faults, {} caught, the others harmless", total[0], total[1]);
    assert!(total[0] >= 5000 * Level::available().len() as u32 && total[1] > total[0] / 2, "{total:?}");
}

#[test]
fn a_nan_fails_the_certificate() {
    for level in Level::available() {
        for n in [20, 3000, 30_000] {
            let a = random(n, 1);
            let design = Design::new(&Need::product(n, n, 1), level);
            for seed in [0, 1, 7, 1000, 12_345_678] {
                inject_at(Fault::NotANumber, 1, seed);
                let product =
                    Product { design: &design, operands: Operands::Square(&a), out: &mut vec![0; 2 * n] };
                let error = product.run();
                assert!(left() == 0 && !certify::rounds(error), "{level} {n} limbs, place {seed}: {error}");
            }
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
            terms: 1,
            moduli: Moduli::MERSENNE,
        };
        let mut out = vec![0; 2 * n];
        let expected = times_residue(&design, certify::residue(&a, &design.moduli, design.level), &a);
        if !attempt(&design, Operands::Square(&a), &mut out, expected) {
            eprintln!("limb {limb:x}: caught");
            redo(&mut out, &a, &a, &design);
        }
        assert!(right_by_residues(&out, &a, &a), "limb {limb:x}");
    }
}

/// The factor of `y^R + 1` of the trees of group `e`, a cyclotomic polynomial, modulo `q`.
fn of_group(e: u8, y: u64, q: u64) -> u64 {
    let exponents: &[(usize, i8)] = match e {
        1 => &[(1, 1), (0, 1)],
        3 => &[(2, 1), (1, -1), (0, 1)],
        5 => &[(4, 1), (3, -1), (2, 1), (1, -1), (0, 1)],
        7 => &[(6, 1), (5, -1), (4, 1), (3, -1), (2, 1), (1, -1), (0, 1)],
        9 => &[(6, 1), (3, -1), (0, 1)],
        _ => &[(8, 1), (7, 1), (5, -1), (4, -1), (3, -1), (1, 1), (0, 1)],
    };
    let q = i128::from(q);
    let power = |n| (0..n).fold(1, |x, _| x * i128::from(y) % q);
    exponents.iter().fold(0, |sum, &(n, sign)| (sum + i128::from(sign) * power(n)).rem_euclid(q)) as u64
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn moduli_divide_their_rings_and_have_no_blind_spots() {
    assert!(MODULI.is_sorted_by_key(|entry| entry.0));
    for &((n, radix, digit), moduli) in MODULI {
        let name = format!("n = {n}, radix {radix}, digits of {digit} 2^k bits");
        let m = usize::from(radix) * usize::from(digit);
        // A 32-bit machine cannot count the bits of the longest rings, nor address them.
        if usize::MAX.checked_shr(u32::from(n)).is_none_or(|most| m > most) {
            continue;
        }
        // 2^x modulo q.
        let two = |x: usize, q| Moduli([q, 1]).power_of_two(x);
        for q in moduli.into_iter().filter(|&q| q > 1) {
            assert!(q < 1 << 57 && two(m << n, q) == q - 1, "{name}: {q} does not divide 2^K + 1");
        }
        assert!(u128::from(moduli[0]) * u128::from(moduli[1]) >= 1 << 55, "{name}: too few bits");
        let sees = |x: &dyn Fn(u64) -> u64| moduli.iter().any(|&q| q > 1 && x(q) != 0);
        // Multiples of the Fermat number; it is the modulus itself if m is 1.
        assert!(m == 1 || sees(&|q| (two(1 << n, q) + 1) % q), "{name}: blind to multiples of 2^(2^n) + 1");
        // Errors in the trees of one group: a prime divides the group's factor of 2^K + 1.
        for e in (1..=radix).filter(|e| radix.is_multiple_of(*e)) {
            let y = |q| two((m << n) / usize::from(radix), q);
            let seen = moduli.iter().any(|&q| q > 1 && gcd(of_group(e, y(q), q), q) > 1);
            assert!(seen, "{name}: blind to the trees of group {e}");
        }
    }
}

#[test]
fn residues_agree_with_division() {
    let all = [Moduli::MERSENNE, Moduli([974_849, 1]), Moduli([59_649_589_127_497_217, 2_424_833])];
    for level in Level::available() {
        for n in (0..45).chain([63, 64, 65, 79, 80, 81, 100, 257, 559, 560, 561, 599, 600, 601, 1120, 3000]) {
            for a in [random(n, 5), vec![u64::MAX; n]] {
                for moduli in all {
                    let plain = moduli.0.map(|p| {
                        let p = u128::from(p);
                        a.iter().rev().fold(0, |r, &x| ((r << 64) | u128::from(x)) % p) as u64
                    });
                    assert_eq!(certify::residue(&a, &moduli, level), plain, "{level} {n} {moduli:?}");
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
    // Beyond 2^18 limbs of 64 bits a 32-bit machine ends soon.
    let end = if cfg!(target_pointer_width = "64") { 30 } else { 18 };
    for limbs in (6..end).flat_map(|k| [1, 3, 5, 7, 9, 11, 13, 15].map(|odd| (odd << k) / 8)) {
        for level in Level::available() {
            let design = Design::new(&Need::wraparound(limbs, false), level);
            assert!(design.limbs() >= limbs && design.limbs() < 2 * limbs + 512, "{limbs}: {design:?}");
            let [first, second] = design.moduli.0.map(u128::from);
            assert!(first * second >= 1 << 55, "{limbs}: {design:?}");
        }
    }
}
