//! Tests of the inner parts.

use super::*;

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
            let error = level.run(Product { design: &design, operands: Operands::Pair(&a, &b), out: &mut out });
            let wrong = out.iter().zip(&expected).position(|(a, b)| a != b);
            assert_eq!(wrong, None, "{level} {n} {design:?} error {error}");
        }
    }
}

/// Checks a product by its residues modulo three primes, which the code under test does not use.
fn right_by_residues(out: &[u64], a: &[u64], b: &[u64]) -> bool {
    [0xFFFF_FFFB_u64, 4_294_967_279, 998_244_353].into_iter().all(|p| {
        let residue = |x: &[u64]| {
            x.iter().rev().fold(0u128, |r, &limb| ((r << 64) | u128::from(limb)) % u128::from(p))
        };
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
            let error = level.run(Product { design: &design, operands: Operands::Pair(&a, &b), out: &mut out });
            eprintln!("{level} {n} error {error} {design:?}");
            assert!(right_by_residues(&out, &a, &b), "{level} {n} {design:?} error {error}");
            assert!(error < 0.3);
        }
    }
}
