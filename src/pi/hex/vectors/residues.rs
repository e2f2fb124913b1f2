//! Squarings and quotients modulo integers below `2^52`, in doubles.
//!
//! ```text
//! x^2 mod m:   h = x x rounded      l = x x - h, exact by a fused multiply-add
//!              q = h / m rounded    r = (h - q m) + l, both steps exact
//! digits:      q = 2^w x / m rounded,  r = 2^w x - q m   a long division with digits of w bits
//! ```
//!
//! # Bounds
//!
//! Let `|x| <= c m`. Then `|q| <= c^2 m + 1`, which must stay below `2^51` for the rounding by a magic
//! constant. `h` and `1 / m` are off by `2^-53` of their values, so that `q` is off by
//! `1/2 + c^2 m / 2^52` at most, and `|r| <= (1/2 + c^2 m / 2^52) m`. Every difference is an integer
//! below `2^53`: exact. That holds for `h - q m` too, which differs from `r` by `l`: with `c = 0.51` and
//! `m < 7.8e15`, half the largest unit of `h` is `2^50`, and `0.951 m + 2^50 < 0.95 2^53`.
//!
//! In the long division `|x| <= 4 m` at first and `0.51 m` later, so that digits are below `2^43.1`.
//! Sums of digits are doubles: 512 of them are exact.
//!
//! Source: Dekker, "A floating-point technique for extending the available precision" (1971), for
//! the exact product; Muller et al., "Handbook of Floating-Point Arithmetic", for the modular one.

use crate::cpu::{Lanes, Simd};

/// Adding and subtracting this rounds to an integer: `1.5 * 2^52`.
const MAGIC: f64 = 6_755_399_441_055_744.0;
/// Bits of the digits of the long division: 128 together.
pub(super) const DIGITS: [u32; 3] = [41, 44, 43];

/// `N` moduli in every lane, and their reciprocals.
#[derive(Clone, Copy)]
pub(super) struct Moduli<F, const N: usize> {
    pub(super) m: [F; N],
    pub(super) inverse: [F; N],
}

/// Vectors that do not change from block to block.
pub(super) struct Constants<F, const N: usize> {
    /// The lanes' own powers of two, and half of each fraction's.
    pub(super) own: [F; N],
    /// 1, or -1 in the lanes of terms that are subtracted.
    pub(super) sign: [F; N],
}

/// Squares all `N` modulo their moduli.
#[inline(always)]
pub(super) fn square<S: Simd, const N: usize>(simd: S, x: &mut [S::F; N], moduli: &Moduli<S::F, N>) {
    let magic = simd.splat(MAGIC);
    let (mut high, mut minus_low, mut q) = (*x, *x, *x);
    for (high, x) in high.iter_mut().zip(&*x) {
        *high = x.mul(*x);
    }
    for (f, minus_low) in minus_low.iter_mut().enumerate() {
        *minus_low = x[f].neg_mul_add(x[f], high[f]);
    }
    for (f, q) in q.iter_mut().enumerate() {
        *q = high[f].mul_add(moduli.inverse[f], magic).sub(magic);
    }
    for (f, x) in x.iter_mut().enumerate() {
        *x = q[f].neg_mul_add(moduli.m[f], high[f]).sub(minus_low[f]);
    }
}

/// The residues that are nearest to zero, give or take a hair.
#[inline(always)]
pub(super) fn nearest<S: Simd, const N: usize>(simd: S, x: &mut [S::F; N], moduli: &Moduli<S::F, N>) {
    let magic = simd.splat(MAGIC);
    for (f, x) in x.iter_mut().enumerate() {
        let q = x.mul_add(moduli.inverse[f], magic).sub(magic);
        *x = q.neg_mul_add(moduli.m[f], *x);
    }
}

/// Adds the digits of `2^128 x / m`, rounded down, to `digits`; a digit may be negative.
#[inline(always)]
pub(super) fn divide<S: Simd, const N: usize>(
    simd: S,
    moduli: &Moduli<S::F, N>,
    constants: &Constants<S::F, N>,
    mut x: [S::F; N],
    digits: &mut [S::F; DIGITS.len()],
) {
    let magic = simd.splat(MAGIC);
    for (sum, bits) in digits.iter_mut().zip(DIGITS) {
        for (f, x) in x.iter_mut().enumerate() {
            let scaled = x.mul(simd.splat((1u64 << bits) as f64));
            let q = scaled.mul_add(moduli.inverse[f], magic).sub(magic);
            *x = q.neg_mul_add(moduli.m[f], scaled);
            *sum = q.mul_add(constants.sign[f], *sum);
        }
    }
    // A quotient that was rounded up leaves a negative remainder. None is zero: 2 does not divide m.
    let [.., sum] = digits;
    for (f, x) in x.into_iter().enumerate() {
        let below = x.mul_add(moduli.inverse[f], simd.splat(-0.5)).add(magic).sub(magic);
        *sum = below.mul_add(constants.sign[f], *sum);
    }
}

/// The sum of all lanes' digits in units of `2^-128`, wrapping.
#[inline(always)]
pub(super) fn whole<F: Lanes>(digits: [F; DIGITS.len()]) -> u128 {
    let (mut sum, mut place) = (0u128, u128::BITS);
    for (digits, bits) in digits.into_iter().zip(DIGITS) {
        place -= bits;
        let mut lanes = [0.0; 8];
        digits.store(&mut lanes);
        for digit in lanes {
            sum = sum.wrapping_add((digit as i64 as u128) << place);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{Level, Task};

    /// `x^2` modulo `m`, and what [`nearest`] makes of its double, in the first lane.
    struct Squared(f64, f64);

    impl Task for Squared {
        type Output = [f64; 2];

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> [f64; 2] {
            let Self(x, m) = self;
            let moduli = Moduli { m: [simd.splat(m)], inverse: [simd.splat(1.0 / m)] };
            let mut power = [simd.splat(x)];
            square(simd, &mut power, &moduli);
            let mut lanes = [[0.0; 8]; 2];
            power[0].store(&mut lanes[0]);
            let mut twice = [power[0].add(power[0])];
            nearest(simd, &mut twice, &moduli);
            twice[0].store(&mut lanes[1]);
            lanes.map(|lanes| lanes[0])
        }
    }

    /// The largest modulus that any kernel takes, and the largest values.
    #[test]
    fn squares_are_exact_at_the_border() {
        let (mut state, mut largest) = (1u64, 0.0f64);
        for i in 0..40_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let m = 7_799_999_999_999_999 - 2 * (i % 1000);
            // Half of them within a millionth of the largest |x|.
            let below = if i % 2 == 0 { state >> 33 } else { (state >> 11) % (m / 2) };
            let x = (m / 2 - below.min(m / 2)) as i64 * if state & 1 == 0 { 1 } else { -1 };
            let square = (i128::from(x) * i128::from(x)).rem_euclid(i128::from(m));
            for level in Level::available() {
                let [found, twice] = level.run(Squared(x as f64, m as f64));
                if Squared::exact(level) {
                    assert_eq!((found as i128).rem_euclid(i128::from(m)), square, "{level} {x} {m}");
                    assert_eq!((twice as i128).rem_euclid(i128::from(m)), 2 * square % i128::from(m));
                    assert!(twice.abs() <= 0.5001 * m as f64, "{level} {twice} {m}");
                    largest = largest.max(found.abs() / m as f64);
                }
            }
        }
        assert!(largest < 0.951, "{largest}");
    }

    impl Squared {
        /// Tells if the level's multiply-adds round once.
        fn exact(level: Level) -> bool {
            level.run(super::super::Fuses)
        }
    }
}
