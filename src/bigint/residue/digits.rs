//! The residue of decimal text: eight digits of each lane at a time.

use super::lanes::Field;
use super::{fold, reduced, times};
use crate::cpu::{Lanes, Level, Simd, Task};

/// Least length of a text at which vectors pay.
const VECTORS_FROM: usize = 200;

/// `10^8`
const E8: u64 = 100_000_000;

/// The value of ASCII decimal digits.
#[must_use]
pub(crate) fn residue_of_digits(text: &[u8]) -> u64 {
    if text.len() < VECTORS_FROM { by_sixteens(text) } else { Level::get().run(Text(text)) }
}

fn by_sixteens(text: &[u8]) -> u64 {
    let (first, rest) = text.split_at(text.len() % 16);
    let start = first.iter().fold(0, |value, &c| 10 * value + u64::from(c - b'0'));
    let eights = rest.as_chunks::<8>().0;
    // Below 10^16, and so is the power: the sum stays below 2^124.
    reduced(eights.as_chunks::<2>().0.iter().fold(start.into(), |sum, [high, low]| {
        let value = value_of_eight(*high) * E8 + value_of_eight(*low);
        u128::from(fold(sum)) * u128::from(E8 * E8) + u128::from(value)
    }))
}

/// Neighbours are joined side by side in one register: pairs, fours, all eight.
fn value_of_eight(digits: [u8; 8]) -> u64 {
    let ones = u64::from_le_bytes(digits) - 0x3030_3030_3030_3030;
    let pairs = (10 * ones + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (100 * pairs + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (10_000 * fours + (fours >> 32)) & 0xffff_ffff
}

/// [`value_of_eight`] in each lane.
#[inline(always)]
fn values_of_eight<S: Simd>(simd: S, digits: S::F) -> S::F {
    let ones = digits.sub_bits(simd.splat_bits(0x3030_3030_3030_3030));
    let tens = ones.shl_bits(3).add_bits(ones.shl_bits(1));
    let pairs = tens.add_bits(ones.shr_bits(8)).and_bits(simd.splat_bits(0x00ff_00ff_00ff_00ff));
    let hundreds = pairs.shl_bits(6).add_bits(pairs.shl_bits(5)).add_bits(pairs.shl_bits(2));
    let fours = hundreds.add_bits(pairs.shr_bits(16)).and_bits(simd.splat_bits(0x0000_ffff_0000_ffff));
    fours.mul_lower(simd.splat_bits(10_000)).add_bits(fours.shr_bits(32))
}

/// A text: Horner's rule in each lane, then across the lanes.
struct Text<'a>(&'a [u8]);

impl Task for Text<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let field = Field::new(simd);
        let (first, rest) = self.0.split_at(self.0.len() % (8 * S::LANES));
        let mut lanes = [0; 8];
        // The last lane's digits are the least of each step.
        lanes[S::LANES - 1] = by_sixteens(first);
        let mut sum = simd.load_bits(&lanes);
        // 10^16 for two lanes, 10^32 for four.
        let power = (1..S::LANES.ilog2()).fold(E8 * E8, |power, _| times(power, power));
        let power = field.splat(power);
        for digits in rest.chunks_exact(8 * S::LANES) {
            let values = values_of_eight(simd, simd.load_bytes(digits));
            sum = field.plus(field.times(sum, power), values);
        }
        sum.store_bits(&mut lanes);
        let lanes = lanes.iter().take(S::LANES);
        reduced(lanes.fold(0, |sum, &lane| u128::from(fold(sum)) * u128::from(E8) + u128::from(lane)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::residue::PRIME;
    use crate::bigint::testing::{patterns, to_big};
    use num_bigint::BigUint;

    #[test]
    fn digits_of_every_length_and_pattern() {
        for n in (1..20).chain([100, 333]) {
            for number in patterns(n) {
                let (text, expected) = (to_big(&number).to_string(), to_big(&number) % PRIME);
                let text = text.as_bytes();
                assert_eq!(BigUint::from(residue_of_digits(text)), expected);
                for level in Level::available() {
                    assert_eq!(BigUint::from(level.run(Text(text))), expected, "{n} limbs, {level}");
                }
            }
        }
    }

    #[test]
    fn all_nines_and_no_digit() {
        for len in (0..200).chain([1824, 5000]) {
            let expected = (BigUint::from(10u8).pow(len) - 1u8) % PRIME;
            let text = vec![b'9'; len as usize];
            for level in Level::available() {
                assert_eq!(BigUint::from(level.run(Text(&text))), expected, "{len} digits, {level}");
            }
        }
    }
}
