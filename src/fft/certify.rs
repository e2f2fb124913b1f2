//! Certificates: each product is checked by its rounding error and by a residue.
//!
//! ```text
//! rounding   every value lies within 0.35 of an integer     catches lost precision
//! residue    out = a b modulo one or two `Moduli`           catches all else: code, memory, processor
//! ```
//! The residue of a product of integers is taken modulo `2^61 - 1`. Modulo `2^K + 1` only divisors of
//! that number can be used: see [`super::modulus`]. The residues are of the operands' limbs and of the
//! result's limbs, so the check covers everything between: splitting, transforms, rounding, carries.
//! A random error goes unnoticed with a probability below `2^-55`.

use super::modulus::{self, MERSENNE, Moduli, Residue};
use super::threads;
use crate::cpu::{Lanes, Level, Simd, Task};

/// The largest accepted distance from an integer.
const MAX_ROUNDING_ERROR: f64 = 0.35;

/// Tells whether all values could be rounded with certainty; a NaN could not.
pub(super) fn rounds(error: f64) -> bool {
    error <= MAX_ROUNDING_ERROR
}

/// `a` modulo each of the moduli. Costs about a nanosecond for three limbs.
pub(super) fn residue(a: &[u64], moduli: &Moduli, level: Level) -> Residue {
    let of = |a: &[u64]| match *moduli {
        Moduli::MERSENNE => [level.run(Mersenne(a)), 0],
        Moduli([first, 1]) => [by_multiplication(a, [first])[0], 0],
        Moduli(both) => by_multiplication(a, both),
    };
    let threads = threads::count(a.len() / 4);
    if threads == 1 {
        return of(a);
    }
    let part = a.len().div_ceil(threads);
    let weight = moduli.power_of_limb(part);
    let mut residues = vec![Residue::default(); threads];
    threads::each(a.chunks(part).zip(&mut residues), |(a, r)| *r = of(a));
    let join = |sum, r| moduli.plus(moduli.times(sum, weight), r);
    residues.into_iter().rev().fold(Residue::default(), join)
}

/// Limbs that are weighted one by one before the sum is reduced.
const BLOCK: usize = 64;

/// `a` modulo each of some odd moduli below `2^57`, by Horner's rule on blocks of limbs.
///
/// ```text
/// sum = 0
/// for each block, from the top:   sum = (sum 2^(64 * 64) + sum over k of block[k] 2^(64 k)) / 2^64 mod m
/// ```
/// The powers are those modulo `m`. `sum` is carried divided by `2^64`, because Montgomery's division
/// by `2^64` takes two multiplications where a remainder takes thirty.
///
/// Source: Montgomery, "Modular multiplication without trial division" (1985).
fn by_multiplication<const N: usize>(a: &[u64], moduli: [u64; N]) -> [u64; N] {
    let tables = moduli.map(Weights::new);
    let mut sums = [0u64; N];
    for block in a.chunks(BLOCK).rev() {
        for (sum, table) in sums.iter_mut().zip(&tables) {
            let terms = block.iter().zip(&table.powers).map(|(&x, &w)| u128::from(x) * u128::from(w));
            // Below 2^64 2^57 + 64 2^64 2^57 < 2^128; a 2^64th of that and m fit in a limb.
            let total = u128::from(*sum) * u128::from(table.step) + terms.sum::<u128>();
            *sum = modulus::divided(total, table.modulus, table.inverse);
        }
    }
    let mut residues = [0; N];
    for (residue, (sum, table)) in residues.iter_mut().zip(sums.into_iter().zip(&tables)) {
        *residue = modulus::times(sum, table.base, table.modulus);
    }
    residues
}

/// Powers of a limb's base modulo `modulus`.
struct Weights {
    modulus: u64,
    /// `-1/modulus` modulo `2^64`.
    inverse: u64,
    /// `2^64`
    base: u64,
    powers: [u64; BLOCK],
    /// `2^(64 BLOCK + 64)`: it moves a sum, carried divided by `2^64`, up by a block.
    step: u64,
}

impl Weights {
    fn new(modulus: u64) -> Self {
        let base = ((1u128 << 64) % u128::from(modulus)) as u64;
        let square = u128::from(modulus::times(base, base, modulus));
        let inverse = modulus::inverse_negated(modulus);
        let next = |power: u64| {
            let power = modulus::divided(u128::from(power) * square, modulus, inverse);
            if power >= modulus { power - modulus } else { power }
        };
        let mut powers = [1; BLOCK];
        for k in 1..BLOCK {
            powers[k] = next(powers[k - 1]);
        }
        let step = modulus::times(next(powers[BLOCK - 1]), base, modulus);
        Self { modulus, inverse, base, powers, step }
    }
}

/// Bytes by which the limbs are prefetched.
const AHEAD: usize = 1024;

/// The residue modulo `2^61 - 1`, where a multiplication by a power of two is a rotation.
struct Mersenne<'a>(&'a [u64]);

impl Task for Mersenne<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let mask = simd.splat_bits(MERSENNE);
        let stripe = 4 * S::LANES;
        // Limb k weighs 2^(64 k) = 2^(3 k), and a stripe 2^(3 stripe). Reading upwards is faster, so
        // the sum is divided by the weight of a stripe, which is a rotation too, and all is multiplied
        // by the weight of the last stripe in the end.
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
        let add =
            |total: u64, x: u64, k: usize| modulus::fold(u128::from(total) + (u128::from(x) << (3 * k % 61)));
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
