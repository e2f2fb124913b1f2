//! A binary fraction to decimal digits, by a tree of middle products.
//!
//! ```text
//! digits(F, d):                       F in [0, 1), d digits wanted
//!   if d is small: multiply by 10^19 again and again, the limb above is text
//!   h = d / 2
//!   L = F cut to the precision of h digits
//!   R = frac(10^h F) cut to the same  (only the middle of F 5^h is needed)
//!   if R < 1/2: L += a nudge          (see below)
//!   digits(L, h), digits(R, h)
//! ```
//!
//! The middle comes from a wrap-around product: what wraps hits limbs that
//! are cut off anyway. Cost: about 4 products of the length of `F`, almost no
//! memory. Source: Bernstein, "Scaled remainder trees" (2004), upside down;
//! Brent and Zimmermann, MCA, 1.7.2.
//!
//! **Errors** are counted in units of the last of the `d` digits. A cut loses
//! less than `2^-128` (two guard limbs), always downwards, and a node is at
//! most 64 levels and one leaf of 64 cuts deep: less than `2^-120` in all. So
//! digits are wrong only if the exact value lies less than that above a
//! multiple of the unit. For a left half that is the case if the right half
//! begins with many zeros. Then the nudge of more than `2^-88` and less than
//! `2^-23` units lifts the left half out of danger, and can not
//! reach the next multiple as the right half is below 1/2. What remains is
//! the right edge, whose last digits the caller must know to be safe.
//!
//! **Proof.** In every node the text of the left half is compared with what it must be modulo a prime,
//! found from `f`, `10^h` and the right half's exact value: so every leaf but the last one is proved,
//! and every cut and shift on the way to it. It costs half a percent. If a comparison fails, all is
//! done once again by full products.

use super::{LIMB_DIGITS, LIMB_POWER, limbs_for_digits, power::square, power_of_five};
use crate::bigint::limbs::{add_limb_in_place, mul_limb_in_place};
use crate::bigint::mul::{Factor, product};
use crate::bigint::parallel::in_parallel;
use crate::bigint::residue::{inverse, minus, plus, power, power_of_two, residue, residue_of_digits, times};
use crate::simd::Limbs;

/// Limbs below those that the digits need.
const GUARD_LIMBS: usize = 2;
/// Added to the second lowest limb of a left half.
const NUDGE: u64 = 1 << 40;
/// Digits of a leaf, at most.
///
/// `cargo bench --bench bigint -- radix/leaf` prints the table.
const LEAF_DIGITS: usize = 64 * LIMB_DIGITS;

/// Limbs that a fraction should have for [`digits_of`] to give `digits` digits.
#[must_use]
pub(crate) fn fraction_limbs(digits: usize) -> usize {
    limbs_for_digits(digits) + GUARD_LIMBS
}

/// Appends the first `digits` decimal digits of the fraction `0.f`, ASCII.
///
/// `f` is the numerator over `2^(64 f.len())`. The text is that of a number
/// less than `2^-120` units of the last digit below; so of a fraction that
/// itself errs downwards, all digits are right that are followed by anything but nines.
///
/// # Panics
/// If the text is wrong twice, which a sound machine never shows.
pub(crate) fn digits_of(mut f: Limbs, digits: usize, text: &mut Vec<u8>, threads: usize) {
    let levels = levels_for(digits);
    // All leaves are equal, and the few digits too many are dropped.
    let leaf = digits.div_ceil(1 << levels);
    let total = leaf << levels;
    match fraction_limbs(total).checked_sub(f.len()) {
        Some(missing) => f.insert_zeros(missing),
        None => f.cut_front(f.len() - fraction_limbs(total)),
    }
    let start = text.len();
    text.reserve_exact(total);
    text.resize(start + total, b'0');
    let tree = Tree { leaf, levels, in_full: false, threads };
    let again = f.clone();
    if tree.convert(f, &mut text[start..]).is_err() {
        let again = Tree { in_full: true, ..tree }.convert(again, &mut text[start..]);
        assert!(
            again.is_ok(),
            "the conversion of {digits} digits to decimal was wrong twice: do not trust this machine"
        );
    }
    text.truncate(start + digits);
}

/// Levels at the top that are done one after the other, all nodes of a level together: so the transform of
/// a level's power, the larger the higher, need not be kept while the levels below are at work.
const WIDE_LEVELS: usize = 3;

/// The shape of a conversion.
struct Tree {
    /// Digits of a leaf, and the levels above the leaves.
    leaf: usize,
    levels: usize,
    /// Products that do not wrap around, for the second attempt.
    in_full: bool,
    threads: usize,
}

impl Tree {
    /// Fills `text`, all of it.
    fn convert(&self, f: Limbs, text: &mut [u8]) -> Result<(), Mismatch> {
        let mut powers = powers_for(self.leaf, self.levels);
        let subtrees = self.levels - self.levels.min(WIDE_LEVELS);
        let (mut nodes, mut splits) = (vec![f], Vec::new());
        for at in (subtrees..self.levels).rev() {
            let power = powers.pop().expect("a power for each level");
            let level = self.level(&power, at);
            let mut expected = Vec::new();
            let halves = in_parallel(nodes, self.threads, |f| halves(f, &level));
            nodes = Vec::new();
            for (left, right, residue) in halves {
                nodes.extend([left, right]);
                expected.push(residue);
            }
            splits.push((expected, level.ten));
        }
        // All nodes of a level have one length: the power is transformed once.
        let levels: Vec<_> = powers.iter().enumerate().map(|(at, power)| self.level(power, at)).collect();
        let subtrees = nodes.into_iter().zip(text.chunks_exact_mut(self.leaf << subtrees)).collect();
        let residues = in_parallel(subtrees, self.threads, |(f, text)| node(f, &levels, text));
        let mut residues = residues.into_iter().collect::<Result<Vec<_>, _>>()?;
        while let Some((expected, ten)) = splits.pop() {
            let nodes = residues.as_chunks::<2>().0.iter().zip(expected);
            residues = nodes.map(|(&halves, left)| joined(halves, left, ten)).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    fn level<'a>(&self, power: &'a [u64], at: usize) -> Level<'a> {
        Level { in_full: self.in_full, ..Level::new(power, self.leaf << at) }
    }
}

/// The residue of a node, if that of its left half is as expected.
fn joined([left, right]: [u64; 2], expected: u64, ten: u64) -> Result<u64, Mismatch> {
    if left == expected { Ok(plus(times(left, ten), right)) } else { Err(Mismatch) }
}

/// What the nodes of one level share.
struct Level<'a> {
    /// `5^h`, `h` half the digits of a node.
    power: Factor<'a>,
    /// Half the digits of a node.
    h: usize,
    /// The residues of `5^h` and `10^h`.
    five: u64,
    ten: u64,
    /// Products that do not wrap around, for the second attempt.
    in_full: bool,
}

impl<'a> Level<'a> {
    fn new(power_of_five: &'a [u64], h: usize) -> Self {
        let five = power(5, h as u64);
        Self {
            power: factor_for(power_of_five, 2 * h),
            h,
            five,
            ten: times(five, power_of_two(h)),
            in_full: false,
        }
    }
}

/// A text has not the residue that it must have.
struct Mismatch;

fn levels_for(digits: usize) -> usize {
    digits.div_ceil(LEAF_DIGITS).next_power_of_two().trailing_zeros() as usize
}

/// `5^leaf, 5^(2 leaf), 5^(4 leaf)...`: one for each level above the leaves.
fn powers_for(leaf: usize, levels: usize) -> Vec<Limbs> {
    let mut powers: Vec<Limbs> = Vec::with_capacity(levels);
    for level in 0..levels {
        powers.push(if level == 0 { power_of_five(leaf) } else { square(&powers[level - 1]) });
    }
    powers
}

/// `5^(digits / 2)` ready for the nodes of `digits` digits.
fn factor_for(power: &[u64], digits: usize) -> Factor<'_> {
    let len = fraction_limbs(digits);
    Factor::new(power, len, len + 1)
}

/// Writes the digits of `f`; returns the residue of their value.
fn node(mut f: Limbs, levels: &[Level<'_>], text: &mut [u8]) -> Result<u64, Mismatch> {
    let Some((level, levels)) = levels.split_last() else {
        leaf(&mut f, text);
        return Ok(residue_of_digits(text));
    };
    let (left, right, expected) = halves(f, level);
    let (left_text, right_text) = text.split_at_mut(level.h);
    let left = node(left, levels, left_text)?;
    let right = node(right, levels, right_text)?;
    joined([left, right], expected, level.ten)
}

/// The halves of a node, and the residue that the text of the left one must have.
fn halves(mut f: Limbs, level: &Level<'_>) -> (Limbs, Limbs, u64) {
    let middle = middle_product(&f, &level.power, level.in_full);
    let low_bit = 64 * f.len() - level.h;
    let right = middle.below(low_bit, fraction_limbs(level.h));
    let expected = middle.above(low_bit, times(residue(&f), level.five));
    drop(middle);
    f.cut_front(f.len() - right.len());
    if right.last().is_none_or(|&top| top >> 63 == 0) {
        let overflow = add_limb_in_place(&mut f[1..], NUDGE);
        debug_assert!(!overflow);
    }
    (f, right, expected)
}

/// `frac(10^h f)` cut to `len` limbs; `power` is `5^h`,
/// made for at least `f.len() + 1` limbs. The result errs
/// downwards by less than `1 + 2^-64` units.
///
/// `f` has at least `len` limbs below the first `h` digits.
pub(crate) fn fractional_part(f: &[u64], power: &Factor<'_>, h: usize, len: usize) -> Limbs {
    middle_product(f, power, false).below(64 * f.len() - h, len)
}

/// `f 5^h`, or what is left of it modulo `2^(64 m) + 1`.
///
/// `f 10^h` over `2^(64 f.len())` is `f 5^h` over `2^low_bit`: what is below that bit is the fraction.
struct Middle {
    limbs: Limbs,
    wrapped: bool,
}

impl Middle {
    /// The upper `len` limbs of those below `low_bit`.
    fn below(&self, low_bit: usize, len: usize) -> Limbs {
        let low_bit = low_bit - 64 * len;
        let (from, bits) = (low_bit / 64, low_bit % 64);
        let limb = |i: usize| self.limbs.get(from + i).copied().unwrap_or(0);
        let shifted = |i: usize| match bits {
            0 => limb(i),
            _ => (limb(i) >> bits) | (limb(i + 1) << (64 - bits)),
        };
        let mut below = Limbs::dirty(len);
        for (i, limb) in below.iter_mut().enumerate() {
            *limb = shifted(i);
        }
        below
    }

    /// The residue of what is above `low_bit` in the whole product, whose residue is `product`.
    fn above(&self, low_bit: usize, product: u64) -> u64 {
        let (at, bits) = (low_bit / 64, low_bit % 64);
        let (low, high) = self.limbs.split_at(at);
        let (middle, high) = high.split_first().map_or((0, high), |(&limb, high)| (limb, high));
        let weight = power_of_two(64 * at);
        let low = residue(low);
        // What has wrapped around is k (2^(64 m) + 1), and k reaches into the low limbs only.
        let k = if self.wrapped {
            let all = plus(low, times(weight, residue(&[middle])));
            let all = plus(all, times(times(weight, 8), residue(high)));
            let modulus = plus(power_of_two(64 * (self.limbs.len() - 1)), 1);
            times(minus(product, all), inverse(modulus))
        } else {
            0
        };
        let below = plus(plus(low, k), times(weight, residue(&[middle & ((1 << bits) - 1)])));
        times(minus(product, below), power_of_two(61 - low_bit % 61))
    }
}

/// `f power` modulo `2^(64 f.len() + 64)` or more, except that a little less
/// than `2^(64 power.len())` may have been subtracted.
fn middle_product(f: &[u64], power: &Factor<'_>, in_full: bool) -> Middle {
    let whole = || Middle { limbs: product(f, power.limbs()), wrapped: false };
    if in_full {
        return whole();
    }
    let limbs = power.product(f).into_limbs();
    // Where the product is smaller than what wrapped around, the difference
    // is negative. It happens to nobody but those who construct it.
    let m = limbs.len() - 1;
    if limbs[m] != 0 || limbs[power.limbs().len()..m].iter().all(|&limb| limb == u64::MAX) {
        return whole();
    }
    Middle { limbs, wrapped: true }
}

/// The digits of a short fraction, 19 at a time; `f` shrinks as they leave.
fn leaf(f: &mut [u64], text: &mut [u8]) {
    let (mut f, mut remaining) = (f, text.len());
    let (chunks, rest) = text.as_chunks_mut::<LIMB_DIGITS>();
    for chunk in chunks {
        let needed = fraction_limbs(remaining).min(f.len());
        let from = f.len() - needed;
        f = &mut f[from..];
        *chunk = nineteen_digits(mul_limb_in_place(f, LIMB_POWER, 0));
        remaining -= LIMB_DIGITS;
    }
    if !rest.is_empty() {
        let chunk = nineteen_digits(mul_limb_in_place(f, LIMB_POWER, 0));
        rest.copy_from_slice(&chunk[..remaining]);
    }
    #[cfg(test)]
    tests::damage(text);
}

/// A number below `10^19` with its leading zeros, ASCII.
pub(super) fn nineteen_digits(value: u64) -> [u8; LIMB_DIGITS] {
    const E8: u64 = 100_000_000;
    let (high, low) = (value / E8, value % E8);
    let (top, middle) = (high / E8, high % E8);
    let mut text = [b'0'; LIMB_DIGITS];
    text[0] += (top / 100) as u8;
    text[1] += (top / 10 % 10) as u8;
    text[2] += (top % 10) as u8;
    text[3..11].copy_from_slice(&eight_digits(middle));
    text[11..].copy_from_slice(&eight_digits(low));
    text
}

/// A number below `10^8`, ASCII: the digits are separated in one register,
/// four by four, two by two, one by one.
fn eight_digits(value: u64) -> [u8; 8] {
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = tens | ((twos - 10 * tens) << 8);
    (ones | 0x3030_3030_3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{patterns, random, to_big};
    use num_bigint::BigUint;

    thread_local! {
        /// How many leaves more will come out wrong.
        static FAULTS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

    /// Flips a bit of the digit at the end, as long as faults are wanted.
    pub(super) fn damage(text: &mut [u8]) {
        if let Some(rest) = FAULTS.get().checked_sub(1) {
            FAULTS.set(rest);
            text[text.len() - 1] ^= 1;
        }
    }

    #[test]
    fn a_flipped_bit_in_the_text_is_repaired() {
        let f = random(fraction_limbs(5000) + 1, 5);
        FAULTS.set(1);
        assert_eq!(text_of(&f, 5000), expected(&f, 5000));
        assert_eq!(FAULTS.get(), 0, "the fault was put in");
    }

    #[test]
    #[should_panic(expected = "wrong twice")]
    fn flipped_bits_time_and_again_are_reported() {
        FAULTS.set(u32::MAX);
        let _ = text_of(&random(fraction_limbs(5000) + 1, 5), 5000);
    }

    /// The first digits of `f`, all of them exact.
    fn expected(f: &[u64], digits: usize) -> String {
        let value = (to_big(f) * BigUint::from(10u8).pow(digits as u32)) >> (64 * f.len());
        format!("{value:0>digits$}")
    }

    fn text_of(f: &[u64], digits: usize) -> String {
        let mut text = Vec::new();
        digits_of(f.into(), digits, &mut text, 1 + digits % 3);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn chunks_of_nineteen() {
        for value in [
            0,
            1,
            9,
            10,
            99,
            100,
            9_999,
            10_000,
            99_999_999,
            100_000_000,
            12_345_678_901_234_567,
            LIMB_POWER - 1,
        ] {
            assert_eq!(nineteen_digits(value).as_slice(), format!("{value:019}").as_bytes());
        }
        for value in (0..100_000_000).step_by(997) {
            assert_eq!(eight_digits(value).as_slice(), format!("{value:08}").as_bytes());
        }
    }

    #[test]
    fn every_length_class() {
        for digits in (1..60).chain([1215, 1216, 1217, 2432, 2433, 5000, 9728, 9729, 30_000]) {
            let n = fraction_limbs(digits) + 1;
            assert_eq!(text_of(&random(n, 5), digits), expected(&random(n, 5), digits), "{digits} digits");
        }
    }

    #[test]
    fn patterns_of_limbs() {
        for digits in [100, 1217, 3000, 12_000] {
            for mut f in patterns(fraction_limbs(digits) + 3) {
                // Away from the right edge, which is the caller's.
                f[4] |= 1 << 60;
                assert_eq!(text_of(&f, digits), expected(&f, digits), "{digits} digits");
            }
        }
    }

    /// The decimal fraction with a 5 behind its end.
    fn from_text(text: &str, limbs: usize) -> Vec<u64> {
        let numerator: BigUint = format!("{text}5").parse().unwrap();
        let scaled = (numerator << (64 * limbs)) / BigUint::from(10u8).pow(text.len() as u32 + 1);
        let mut f = scaled.to_u64_digits();
        f.resize(limbs, 0);
        f
    }

    /// The radix trap: zeros behind a split made the left half one too small.
    #[test]
    fn runs_of_zeros_and_nines_at_every_split() {
        let source = text_of(&random(700, 9), 10_000);
        for (digits, split) in
            [(4864, 2432), (4864, 1216), (4864, 3648), (9728, 4864), (9728, 6080), (9728, 1216)]
        {
            for run in [8, 17, 18, 19, 20, 38, 39, 57, 60, 100, 400] {
                for (filler, offset) in [('0', 0), ('0', 3), ('9', 0), ('9', 5)] {
                    let at = split - offset;
                    let run_text: String = std::iter::repeat_n(filler, run).collect();
                    let text = format!("{}{run_text}{}", &source[..at], &source[at + run..digits]);
                    let f = from_text(&text, fraction_limbs(digits) + 2);
                    assert_eq!(text_of(&f, digits), text, "{run} x {filler} at {at} of {digits}");
                }
            }
        }
    }

    #[test]
    fn a_difference_that_wraps_below_zero_is_done_again() {
        // f 5^h = j 2^(64 m) + a little: all below the top is zeros.
        let power = power_of_five(400);
        let (c, m) = (power.len(), 61);
        let modulus = BigUint::from(1u8) << (64 * m);
        for seed in 1..20 {
            let j = to_big(&random(c - 1, seed));
            let f: BigUint = &j * &modulus / to_big(&power) + 1u8;
            let mut f = f.to_u64_digits();
            f.resize(m - 1, 0);
            let mut got = middle_product(&f, &Factor::new(&power, m - 1, m), false).limbs;
            got.truncate(m);
            let exact = to_big(&f) * to_big(&power) % &modulus;
            assert!(to_big(&got) <= exact && exact - to_big(&got) < BigUint::from(1u8) << (64 * c));
        }
    }
}
