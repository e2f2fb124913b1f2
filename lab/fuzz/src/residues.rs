//! Products too long for num-bigint, checked modulo small primes.

use pi_spigot::bigint::Natural;

/// Primes other than the 2^61 - 1 with which the library checks itself:
/// 2^64 - 59, 2^63 - 25, 2^62 - 57.
const PRIMES: [u64; 3] = [u64::MAX - 58, (1 << 63) - 25, (1 << 62) - 57];

/// The number modulo `p`, limb by limb from the top.
fn residue(limbs: &[u64], p: u64) -> u64 {
    limbs.iter().rev().fold(0, |r, &limb| ((u128::from(r) << 64 | u128::from(limb)) % u128::from(p)) as u64)
}

/// Checks `a b = product` modulo the primes: a wrong product passes once in 2^189 times.
///
/// # Errors
/// If a residue differs.
pub fn product_agrees(a: &[u64], b: &[u64], product: &Natural) -> Result<(), String> {
    for p in PRIMES {
        let expected = u128::from(residue(a, p)) * u128::from(residue(b, p)) % u128::from(p);
        let found = residue(product.limbs(), p);
        if u128::from(found) != expected {
            return Err(format!("the product is {found} modulo {p}, and should be {expected}"));
        }
    }
    Ok(())
}
