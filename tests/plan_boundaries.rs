//! Products around the lengths at which the plan changes: where a transform is filled to its last bit,
//! and the next one begins.

use pi_spigot::cpu::Level;
use pi_spigot::fft::{self, Plan};

/// On arm64 the processor may be an emulated one (`make test-neon`), thirty times as slow.
const LIMBS: std::ops::RangeInclusive<usize> =
    100..=if cfg!(target_arch = "aarch64") { 1500 } else { 12_000 };

/// All lengths within [`LIMBS`] whose plan is not that of the length before.
fn boundaries(plan: impl Fn(usize) -> Plan) -> Vec<usize> {
    let same = |a: usize, b: usize| {
        plan(a).points() == plan(b).points() && plan(a).digit_bits() == plan(b).digit_bits()
    };
    LIMBS.filter(|&n| !same(n - 1, n)).collect()
}

/// Digits at random, all ones, the binary digits of 2/3, of 3/5 and of 4/7, and a period of two limbs:
/// periods pile up in few points of the transform.
fn patterns(n: usize) -> Vec<Vec<u64>> {
    let mut state = n as u64 | 1;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    };
    let sevenths = [0x9249_2492_4924_9249, 0x4924_9249_2492_4924, 0x2492_4924_9249_2492];
    vec![
        (0..n).map(|_| random()).collect(),
        vec![u64::MAX; n],
        vec![0xAAAA_AAAA_AAAA_AAAA; n],
        vec![0x9999_9999_9999_9999; n],
        (0..n).map(|k| sevenths[k % 3]).collect(),
        (0..n).map(|k| [u64::MAX, 0][k % 2]).collect(),
    ]
}

/// Primes that the code under test does not use.
const PRIMES: [u64; 3] = [0xFFFF_FFFF_FFFF_FFC5, 0xFFFF_FFFF_FFFF_FFAD, 0xFFFF_FFFF_FFFF_FFA1];

fn residues(x: &[u64]) -> [u64; 3] {
    PRIMES.map(|p| {
        x.iter().rev().fold(0, |r, &limb| ((u128::from(r) << 64 | u128::from(limb)) % u128::from(p)) as u64)
    })
}

fn times(a: [u64; 3], b: [u64; 3]) -> [u64; 3] {
    std::array::from_fn(|k| (u128::from(a[k]) * u128::from(b[k]) % u128::from(PRIMES[k])) as u64)
}

fn levels() -> Vec<Level> {
    for name in Level::unavailable() {
        eprintln!("not run here: level {name}");
    }
    Level::available()
}

#[test]
fn full_products_at_the_ends_of_their_plans() {
    let mut count = 0;
    for n in boundaries(|n| Plan::for_product(n, n)).into_iter().flat_map(|n| [n - 1, n]) {
        for (k, a) in patterns(n).iter().enumerate() {
            let b = &patterns(n)[(k + n) % 6];
            let expected = times(residues(a), residues(b));
            for level in levels() {
                let plan = Plan::for_product(n, n).with_level(level);
                let mut out = vec![0x5A5A; 2 * n];
                fft::multiply_transformed(&mut out, &plan.transform(a), &plan.transform(b));
                assert_eq!(residues(&out), expected, "{level}, {n} limbs, patterns {k} and {}", (k + n) % 6);
                count += 1;
            }
        }
    }
    assert!(count > 300, "only {count} products: has the planner stopped changing its plans?");
}

#[test]
fn wrapped_products_at_the_ends_of_their_plans() {
    let mut moduli: Vec<_> = boundaries(Plan::for_wraparound).into_iter().flat_map(|n| [n - 1, n]).collect();
    moduli.retain(|n| n % 3 == 0);
    for n in moduli {
        let plan = Plan::for_wraparound(n);
        let m = plan.modulus_limbs();
        for (k, a) in patterns(m).iter().enumerate() {
            let b = &patterns(m)[(k + n) % 6];
            let mut expected = None;
            for level in levels() {
                let plan = plan.with_level(level);
                let mut out = vec![0x5A5A; m + 1];
                fft::multiply_wraparound_transformed(&mut out, &plan.transform(a), &plan.transform(b));
                // Every level to the bit, and the first one against the full product.
                let expected = expected.get_or_insert_with(|| wrapped(a, b, m));
                assert!(out == *expected, "{level}, modulus of {m} limbs, patterns {k} and {}", (k + n) % 6);
            }
        }
    }
}

/// `a b` modulo `2^(64 m) + 1` from the full product, whose plan is another one.
fn wrapped(a: &[u64], b: &[u64], m: usize) -> Vec<u64> {
    let mut product = vec![0; 2 * m];
    fft::multiply(&mut product, a, b);
    let (mut borrow, mut out) = (false, vec![0; m + 1]);
    for k in 0..m {
        let (d, b1) = product[k].overflowing_sub(product[m + k]);
        let (d, b2) = d.overflowing_sub(u64::from(borrow));
        (out[k], borrow) = (d, b1 | b2);
    }
    // Minus 2^(64 m) is plus one.
    let mut carry = borrow;
    for limb in &mut out {
        (*limb, carry) = limb.overflowing_add(u64::from(carry));
    }
    out
}
