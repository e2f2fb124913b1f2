//! Arithmetic modulo `2^61 - 1` in vector lanes.
//!
//! ```text
//! x = x1 2^31 + x0,  y likewise
//! x y = 2 x1 y1  +  2^31 (x1 y0 + x0 y1)  +  x0 y0             as 2^62 = 2
//!                   2^31 m = m / 2^30 + 2^31 (m mod 2^30)      as 2^61 = 1
//! ```

use super::{PRIME, of_limb, times};
use crate::cpu::{Lanes, Level, Simd, Task};

/// The field of the residues, in lanes. Its numbers are less than `2^61 + 8`.
#[derive(Clone, Copy)]
pub(crate) struct Field<S: Simd> {
    simd: S,
    /// `2^61 - 1`
    prime: S::F,
    /// `2^31 - 1` and `2^30 - 1`
    masks: [S::F; 2],
}

/// A number as `high 2^31 + low`.
#[derive(Clone, Copy)]
pub(crate) struct Halves<F> {
    high: F,
    low: F,
}

/// Sums of products of halves: of one product, or of two.
#[derive(Clone, Copy)]
pub(crate) struct Wide<F> {
    high: F,
    middle: F,
    low: F,
}

impl<S: Simd> Field<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S) -> Self {
        let masks = [simd.splat_bits((1 << 31) - 1), simd.splat_bits((1 << 30) - 1)];
        Self { simd, prime: simd.splat_bits(PRIME), masks }
    }

    /// A number below `2^61 + 8` in all lanes.
    #[inline(always)]
    pub(crate) fn splat(self, x: u64) -> S::F {
        self.simd.splat_bits(x)
    }

    /// The residues of any integers.
    #[inline(always)]
    pub(crate) fn folded(self, x: S::F) -> S::F {
        x.and_bits(self.prime).add_bits(x.shr_bits(61))
    }

    /// `a + b`
    #[inline(always)]
    pub(crate) fn plus(self, a: S::F, b: S::F) -> S::F {
        self.folded(a.add_bits(b))
    }

    /// `a b`
    #[inline(always)]
    pub(crate) fn times(self, a: S::F, b: S::F) -> S::F {
        self.reduced(Wide::product(self.halves(a), self.halves(b)))
    }

    #[inline(always)]
    pub(crate) fn halves(self, x: S::F) -> Halves<S::F> {
        Halves { high: x.shr_bits(31), low: x.and_bits(self.masks[0]) }
    }

    /// The number of a sum of at most two products.
    ///
    /// The sum does not overflow: its parts are at most `2^63`, `2^62`, `2^33` and `2^61`.
    #[inline(always)]
    pub(crate) fn reduced(self, Wide { high, middle, low }: Wide<S::F>) -> S::F {
        let upper = low.add_bits(high.shl_bits(1)).add_bits(middle.shr_bits(30));
        self.folded(upper.add_bits(middle.and_bits(self.masks[1]).shl_bits(31)))
    }
}

impl<F: Lanes> Wide<F> {
    #[inline(always)]
    pub(crate) fn product(a: Halves<F>, b: Halves<F>) -> Self {
        let middle = a.high.mul_lower(b.low).add_bits(a.low.mul_lower(b.high));
        Self { high: a.high.mul_lower(b.high), middle, low: a.low.mul_lower(b.low) }
    }

    #[inline(always)]
    pub(crate) fn plus(self, o: Self) -> Self {
        Self {
            high: self.high.add_bits(o.high),
            middle: self.middle.add_bits(o.middle),
            low: self.low.add_bits(o.low),
        }
    }
}

/// The residue of the product of all factors.
pub(crate) fn product(factors: &[u64]) -> u64 {
    Level::get().run(Product(factors))
}

struct Product<'a>(&'a [u64]);

impl Task for Product<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let field = Field::new(simd);
        // Products side by side: none waits for another.
        let mut products = [field.splat(1); 4];
        let blocks = self.0.chunks_exact(4 * S::LANES);
        let rest = blocks.remainder();
        for block in blocks {
            for (product, factors) in products.iter_mut().zip(block.chunks_exact(S::LANES)) {
                *product = field.times(*product, field.folded(simd.load_bits(factors)));
            }
        }
        let [a, b, c, d] = products;
        let mut lanes = [1; 8];
        field.times(field.times(a, b), field.times(c, d)).store_bits(&mut lanes);
        let lanes = lanes.into_iter().take(S::LANES);
        lanes.chain(rest.iter().map(|&factor| of_limb(factor))).fold(1, times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::residue::plus;

    /// Sums and products of the numbers that lie at the bounds.
    struct Laws;

    impl Task for Laws {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let field = Field::new(simd);
            let of = |v: S::F| {
                let mut lanes = [0; 8];
                v.store_bits(&mut lanes);
                assert!(lanes.iter().all(|&x| x < PRIME + 9));
                of_limb(lanes[S::LANES - 1])
            };
            let numbers =
                [0, 1, 2, (1 << 31) - 1, 1 << 31, 0x0123_4567_89ab_cdef, PRIME - 1, PRIME, PRIME + 8];
            for x in numbers {
                assert_eq!(of(field.folded(simd.splat_bits(u64::MAX - x))), of_limb(u64::MAX - x));
                for y in numbers {
                    let (a, b) = (field.splat(x), field.splat(y));
                    let plain = times(of_limb(x), of_limb(y));
                    assert_eq!(of(field.plus(a, b)), plus(of_limb(x), of_limb(y)));
                    assert_eq!(of(field.times(a, b)), plain);
                    let wide = Wide::product(field.halves(a), field.halves(b));
                    assert_eq!(of(field.reduced(wide.plus(wide))), plus(plain, plain), "{x} {y}");
                }
            }
        }
    }

    #[test]
    fn every_level_has_the_field() {
        for level in Level::available() {
            level.run(Laws);
        }
    }

    #[test]
    fn products_of_any_number_of_factors() {
        for count in 0..100 {
            let factors: Vec<u64> = (0..count).map(|k| u64::MAX / (k + 1)).collect();
            let expected = factors.iter().fold(1, |product, &factor| times(product, of_limb(factor)));
            for level in Level::available() {
                assert_eq!(level.run(Product(&factors)), expected, "{count} factors, {level}");
            }
        }
    }
}
