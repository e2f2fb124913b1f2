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
//!
//! Two kinds of products cost less, because [`crate::bigint`] knows more about them: the operands'
//! residues, which are then not computed again; or an integer that follows from a product modulo
//! `2^K + 1`, checked modulo `2^61 - 1` by the caller (`Moduli::NONE` here).

use super::modulus::{self, MERSENNE, Moduli, Residue};
use super::threads;
use crate::anatomy::{self, Kernel};
use crate::cpu::{Lanes, Level, Simd, Task};

/// The largest accepted distance from an integer.
const MAX_ROUNDING_ERROR: f64 = 0.35;

/// Tells whether all values could be rounded with certainty; a NaN could not.
pub(super) fn rounds(error: f64) -> bool {
    error <= MAX_ROUNDING_ERROR
}

/// `a` modulo each of the moduli.
pub(super) fn residue(a: &[u64], moduli: &Moduli, level: Level) -> Residue {
    let of = |a: &[u64]| match *moduli {
        Moduli::MERSENNE => [level.run(Mersenne(a)), 0],
        Moduli::NONE => [0, 0],
        Moduli([first, 1]) => [by_multiplication(a, [first])[0], 0],
        Moduli(both) => by_multiplication(a, both),
    };
    let threads = threads::count(a.len() / 4);
    if threads == 1 {
        return anatomy::timed(Kernel::Residues, || of(a));
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
///
/// ```text
/// limb k weighs 2^(64 k) = 2^(3 k)
/// a stripe of 20 limbs weighs 2^60 = 2^-1, a stripe of 40 limbs 2^-2
/// for each stripe, upwards, and each of its limbs x:      t = 1 or 2
///     sum   = 2^t sum  + x            modulo 2^64
///     upper = 2^t upper + x / 2^32    cut downwards
/// ```
/// The sum of `x` is that of its lower halves, which is known modulo `2^64`, and of its upper halves. So
/// a vector takes five operations, and the sums are reduced once in 14 or 28 stripes.
struct Mersenne<'a>(&'a [u64]);

/// The longest stripe.
const MAX_STRIPE: usize = 40;

impl Task for Mersenne<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        match S::LANES {
            8 => stripes::<S, 5>(simd, self.0, 2),
            4 => stripes::<S, 5>(simd, self.0, 1),
            _ => stripes::<S, 10>(simd, self.0, 1),
        }
    }
}

/// The residue by stripes of `N` vectors, which weigh `2^-t`.
#[inline(always)]
fn stripes<S: Simd, const N: usize>(simd: S, a: &[u64], t: u32) -> u64 {
    let stripe = N * S::LANES;
    debug_assert!(3 * stripe + t as usize == 61 * (3 * stripe).div_ceil(61));
    // With one stripe more, sums stay below 2^61.
    let most = 28 / t as usize;
    let (whole, rest) = a.split_at(a.len() - a.len() % stripe);
    let mut last = [0; MAX_STRIPE];
    last[..rest.len()].copy_from_slice(rest);
    let last = &last[..if rest.is_empty() { 0 } else { stripe }];

    let mut totals = [simd.splat_bits(0); N];
    let mut chunks = whole.chunks(most * stripe).peekable();
    if chunks.peek().is_none() {
        add_chunk(simd, &mut totals, last, &[], t);
    }
    while let Some(chunk) = chunks.next() {
        let more = if chunks.peek().is_none() { last } else { &[] };
        add_chunk(simd, &mut totals, chunk, more, t);
    }
    let mut total = simd.splat_bits(0);
    for &vector in totals.iter().rev() {
        total = rotated(simd, total, 3 * S::LANES as u32).add_bits(folded(simd, vector));
    }
    let mut lanes = [0; 8];
    total.store_bits(&mut lanes);
    let lanes = lanes.iter().take(S::LANES).enumerate();
    let total = lanes.fold(0, |total, (l, &x)| total + (u128::from(x) << (3 * l)));
    // The last stripe has the weight 1 so far.
    let stripes = whole.len() / stripe + usize::from(!last.is_empty());
    let turns = stripes.saturating_sub(1) * t as usize % 61;
    let total = u128::from(modulus::fold(total)) << ((61 - turns) % 61);
    modulus::fold(total) % MERSENNE
}

/// Adds some stripes, and one more if there is one, to sums in which the last stripe has the weight 1.
#[inline(always)]
fn add_chunk<S: Simd, const N: usize>(simd: S, totals: &mut [S::F; N], chunk: &[u64], more: &[u64], t: u32) {
    let stripe = N * S::LANES;
    let (mut sums, mut uppers) = ([simd.splat_bits(0); N], [simd.splat_bits(0); N]);
    for limbs in chunk.chunks_exact(stripe) {
        for byte in (0..8 * stripe).step_by(64) {
            simd.prefetch(limbs, AHEAD + byte);
        }
        add_stripe(simd, &mut sums, &mut uppers, limbs, t);
    }
    if !more.is_empty() {
        add_stripe(simd, &mut sums, &mut uppers, more, t);
    }
    let turn = t * ((chunk.len() + more.len()) / stripe) as u32;
    let mask = simd.splat_bits((1 << 29) - 1);
    for k in 0..N {
        // The four summands are below 2^61 + 2^34, 2^61, 2^61 and 2^32.
        let lower = sums[k].sub_bits(uppers[k].shl_bits(32));
        let upper = uppers[k].and_bits(mask).shl_bits(32).add_bits(uppers[k].shr_bits(29));
        totals[k] = rotated(simd, totals[k], turn).add_bits(lower).add_bits(upper);
    }
}

#[inline(always)]
fn add_stripe<S: Simd, const N: usize>(
    simd: S,
    sums: &mut [S::F; N],
    uppers: &mut [S::F; N],
    limbs: &[u64],
    t: u32,
) {
    for k in 0..N {
        let x = simd.load_bits(&limbs[k * S::LANES..]);
        sums[k] = sums[k].shl_bits(t).add_bits(x);
        uppers[k] = uppers[k].shl_bits(t).add_bits(x.shr_bits(32));
    }
}

/// `x 2^n`, below `2^61 + 2^(n + 3)`; `0 < n < 58`.
#[inline(always)]
fn rotated<S: Simd>(simd: S, x: S::F, n: u32) -> S::F {
    x.shl_bits(n).and_bits(simd.splat_bits(MERSENNE)).add_bits(x.shr_bits(61 - n))
}

/// `x`, below `2^61 + 8`.
#[inline(always)]
fn folded<S: Simd>(simd: S, x: S::F) -> S::F {
    x.and_bits(simd.splat_bits(MERSENNE)).add_bits(x.shr_bits(61))
}
