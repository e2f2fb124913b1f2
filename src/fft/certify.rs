//! Proof that a product is right: the rounding error, and a residue.
//!
//! Rounding: when every value lies within 0.35 of an integer, it is taken for
//! the right integer. Errors of code or machine leave no such trace; they are
//! caught by the product modulo a prime: `2^61 - 1` for integers. Modulo
//! `2^K + 1` the prime must divide that number: with `K = 2^n * odd` any prime
//! factor of the Fermat number `2^(2^n) + 1` does, so one is kept for each `n`.

use super::modulus::{MERSENNE, divided, fermat_prime, fold, inverse_negated, plus, power, times};
use super::plan::{Design, Ring};
use super::threads;
use crate::cpu::{Lanes, Level, Simd, Task};

/// Values further than this from an integer are not trusted.
pub(super) const MAX_ROUNDING_ERROR: f64 = 0.35;

/// Products of fewer limbs are certified by their rounding error alone; their width has bits to spare.
pub(super) const RESIDUE_FROM: usize = 150;

/// The prime of a design.
pub(super) fn prime(design: &Design) -> u64 {
    match design.ring {
        Ring::Integers => MERSENNE,
        Ring::Fermat => fermat_prime(design.limbs()).expect("the design has seen to it"),
    }
}

/// `a mod p`.
pub(super) fn residue(a: &[u64], p: u64, level: Level) -> u64 {
    let of = |a: &[u64]| if p == MERSENNE { level.run(Mersenne(a)) } else { by_multiplication(a, p) };
    let threads = threads::count(a.len() / 4);
    if threads == 1 {
        return of(a);
    }
    let part = a.len().div_ceil(threads);
    let weight = power(((1u128 << 64) % u128::from(p)) as u64, part, p);
    let mut residues = vec![0; threads];
    threads::each(a.chunks(part).zip(&mut residues), |(a, r)| *r = of(a));
    residues.into_iter().rev().fold(0, |sum, r| plus(times(sum, weight, p), r, p))
}

/// Horner's rule by blocks of 64 limbs, each the sum of limbs times powers of 2^64 modulo p.
///
/// The value is carried divided by 2^64, and divided again in each step: Montgomery's reduction
/// takes two multiplications where a remainder takes thirty.
fn by_multiplication(a: &[u64], p: u64) -> u64 {
    let base = ((1u128 << 64) % u128::from(p)) as u64;
    let square = u128::from(times(base, base, p));
    let inverse = inverse_negated(p);
    let mut powers = [1; 65];
    for k in 1..65 {
        let power = divided(u128::from(powers[k - 1]) * square, p, inverse);
        powers[k] = if power >= p { power - p } else { power };
    }
    let step = u128::from(times(powers[64], base, p));
    let value = a.chunks(64).rev().fold(0, |sum, block| {
        // Below 2^64 2^57 64 + 2^64 2^57, as p < 2^57; a 2^64th of that and p fit in a limb.
        let terms = block.iter().zip(&powers).map(|(&x, &w)| u128::from(x) * u128::from(w));
        divided(u128::from(sum) * step + terms.sum::<u128>(), p, inverse)
    });
    times(value, base, p)
}

/// Bytes by which what is read is asked for in advance.
const AHEAD: usize = 1024;

/// Residue modulo 2^61 - 1: multiplying by a power of two is a rotation.
struct Mersenne<'a>(&'a [u64]);

impl Task for Mersenne<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let mask = simd.splat_bits(MERSENNE);
        let stripe = 4 * S::LANES;
        // Limb k weighs 2^(64 k) = 2^(3k); a stripe 2^(3 stripe). Memory is read upwards, as it is
        // faster: so what came before is divided, by a rotation too, and all is multiplied in the end.
        let turn = (61 - 3 * stripe % 61) as u32;
        let blocks = self.0.chunks_exact(stripe);
        let rest = blocks.remainder();
        let mut sum = [simd.splat_bits(0); 4];
        let last = blocks.len().saturating_sub(1);
        for block in blocks {
            simd.prefetch(block, AHEAD);
            for (k, sum) in sum.iter_mut().enumerate() {
                let x = simd.load_bits(&block[k * S::LANES..]);
                // At most 2^61 + 2^61 + 2^3 + 2^2: rotated again it stays below 2^63.
                let low = sum.and_bits(mask);
                let high = sum.shr_bits(61);
                let s = low.add_bits(high);
                let s = s.shl_bits(turn).and_bits(mask).add_bits(s.shr_bits(61 - turn));
                *sum = s.add_bits(x.and_bits(mask)).add_bits(x.shr_bits(61));
            }
        }
        let mut total = 0u64;
        let count = self.0.len() - rest.len();
        let add = |total: u64, x: u64, k: usize| fold(u128::from(total) + (u128::from(x) << (3 * k % 61)));
        for (v, sum) in sum.into_iter().enumerate() {
            let mut lanes = [0; 8];
            sum.store_bits(&mut lanes);
            for (l, &x) in lanes.iter().take(S::LANES).enumerate() {
                total = add(total, x, v * S::LANES + l);
            }
        }
        total = add(0, total, last * stripe);
        for (k, &x) in rest.iter().enumerate() {
            total = add(total, x, count + k);
        }
        total % MERSENNE
    }
}
