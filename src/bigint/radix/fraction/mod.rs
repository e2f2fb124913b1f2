//! A binary fraction to decimal digits, by a tree of middle products.
//!
//! ```text
//! digits(F, d):                       F in [0, 1), d digits wanted
//!   if d is small: multiply by 10^19 again and again, the limb above is text
//!   h = d / 2
//!   L = F cut to the precision of h digits
//!   R = frac(10^h F) cut likewise     (only the middle of F 5^h is needed)
//!   if R < 1/2: L += a nudge          (see below)
//!   digits(L, h), digits(R, h)
//! ```
//!
//! The middle comes from a wrap-around product: the part that wraps falls on limbs
//! that are cut off anyway. Cost: about 4 products of the length of `F`, almost no
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
//! reach the next multiple as the right half is below 1/2. There remains
//! the right edge, whose last digits the caller must know to be safe.
//!
//! **Check by residues** modulo a prime of 61 bits. In every node, the text of the left half must
//! have the residue that follows from `f`, `10^h` and the fraction behind it. The right half takes the
//! residue that follows from the product, not that of its limbs. The last leaf, which is no left half, is
//! repeated by residues alone. So the check covers every product, cut, shift and digit, for half a percent of
//! the time. After a mismatch the whole conversion is done once more, by full products.

mod leaf;
mod middle;

pub(super) use leaf::nineteen_digits;
pub(crate) use middle::fractional_part;

use super::{LIMB_DIGITS, limbs_for_digits, power::square, power_of_five};
use crate::bigint::limbs::add_limb_in_place;
use crate::bigint::parallel::in_parallel;
use crate::bigint::residue::{
    plus, power as residue_of_power, power_of_two, residue, residue_of_digits, times, without_low,
};
use crate::memory::{Limbs, trim};
use leaf::{is_right, leaf};
use middle::Power;

/// Limbs below the limbs that the digits need.
const GUARD_LIMBS: usize = 2;
/// Added to the second lowest limb of a left half.
const NUDGE: u64 = 1 << 40;
/// Digits of a leaf, at most.
///
/// Read from whole runs of `cargo bench --bench pi -- pi/chudnovsky`, flat from 64 to 160 limbs.
const LEAF_DIGITS: usize = 96 * LIMB_DIGITS;

/// Limbs that a fraction should have for [`digits_of`] to give `digits` digits.
#[must_use]
pub(crate) fn fraction_limbs(digits: usize) -> usize {
    limbs_for_digits(digits) + GUARD_LIMBS
}

/// Appends the first `digits` decimal digits of the fraction `0.f`, ASCII.
///
/// `f` is the numerator over `2^(64 f.len())`, and `residue` is the residue that it must have. The text is
/// that of a number less than `2^-120` units of the last digit below; so of a fraction that
/// itself errs downwards, all digits are right that are followed by anything but nines.
///
/// # Panics
/// If `f` has another residue or the text is wrong twice, which a sound machine never shows.
pub(crate) fn digits_of(mut f: Limbs, mut residue: u64, digits: usize, text: &mut Vec<u8>, threads: usize) {
    let levels = levels_for(digits);
    // All leaves are equal, and the few digits too many are dropped.
    let leaf = digits.div_ceil(1 << levels);
    let total = leaf << levels;
    if let Some(missing) = fraction_limbs(total).checked_sub(f.len()) {
        residue = times(residue, power_of_two(64 * missing));
        f.insert_zeros(missing);
    } else {
        let excess = f.len() - fraction_limbs(total);
        residue = without_low(residue, &f[..excess]);
        f.cut_front(excess);
    }
    let start = text.len();
    // Whatever led to the fraction took more memory than the conversion does.
    trim(total);
    text.reserve_exact(total);
    text.resize(start + total, b'0');
    let tree = Tree { leaf, levels, in_full: false, threads };
    let again = f.clone();
    let root = |f| Node { f, residue: Some(residue), is_last: true };
    if tree.convert(root(f), &mut text[start..]).is_err() {
        let again = Tree { in_full: true, ..tree }.convert(root(again), &mut text[start..]);
        assert!(
            again.is_ok(),
            "the conversion of {digits} digits to decimal was wrong twice: do not trust this machine"
        );
    }
    text.truncate(start + digits);
}

/// Levels at the top that are done one after the other, all nodes of a level together: so the
/// transform of a level's power, the larger the higher, need not be kept while the levels below are
/// at work.
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
    fn convert(&self, root: Node, text: &mut [u8]) -> Result<(), Mismatch> {
        let mut powers = powers_for(self.leaf, self.levels);
        let subtrees = self.levels - self.levels.min(WIDE_LEVELS);
        let (mut nodes, mut splits) = (vec![root], Vec::new());
        for at in (subtrees..self.levels).rev() {
            let power = powers.pop().expect("a power for each level");
            let level = self.level(&power, at);
            let mut expected = Vec::new();
            let halves = in_parallel(nodes, self.threads, |node| halves(node, &level));
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
        let residues = in_parallel(subtrees, self.threads, |(half, text)| node(half, &levels, text));
        let mut residues = residues.into_iter().collect::<Result<Vec<_>, _>>()?;
        while let Some((expected, ten)) = splits.pop() {
            let nodes = residues.as_chunks::<2>().0.iter().zip(expected);
            residues = nodes.map(|(&halves, left)| joined(halves, left, ten)).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    fn level<'a>(&self, power: &'a [u64], at: usize) -> Level<'a> {
        let h = self.leaf << at;
        let ten = residue_of_power(10, h as u64);
        Level { power: Power::new(power, h, fraction_limbs(2 * h)), h, ten, in_full: self.in_full }
    }
}

/// The residue of a node, if that of its left half is as expected.
fn joined([left, right]: [u64; 2], expected: u64, ten: u64) -> Result<u64, Mismatch> {
    if left == expected { Ok(plus(times(left, ten), right)) } else { Err(Mismatch) }
}

/// The values that the nodes of one level share.
struct Level<'a> {
    power: Power<'a>,
    /// Half the digits of a node.
    h: usize,
    /// The residue of `10^h`.
    ten: u64,
    /// Products that do not wrap around, for the second attempt.
    in_full: bool,
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

/// A fraction to convert.
struct Node {
    f: Limbs,
    /// The residue that `f` must have, where it follows from another. If the limbs have another one, so has
    /// the text.
    residue: Option<u64>,
    /// On the right edge of the tree. The text of any other node is part of some left half, whose check
    /// covers it.
    is_last: bool,
}

/// Writes the digits of a node; returns the residue of their value.
fn node(node: Node, levels: &[Level<'_>], text: &mut [u8]) -> Result<u64, Mismatch> {
    let Some((level, levels)) = levels.split_last() else {
        let Node { mut f, residue, is_last } = node;
        leaf(&mut f, text);
        let right = !is_last || residue.is_some_and(|before| is_right(before, &f, text));
        return if right { Ok(residue_of_digits(text)) } else { Err(Mismatch) };
    };
    let (left, right, expected) = halves(node, level);
    let (left_text, right_text) = text.split_at_mut(level.h);
    let left = self::node(left, levels, left_text)?;
    let right = self::node(right, levels, right_text)?;
    joined([left, right], expected, level.ten)
}

/// The halves of a node, and the residue that the text of the left one must have.
fn halves(node: Node, level: &Level<'_>) -> (Node, Node, u64) {
    let Node { mut f, residue: known, is_last } = node;
    let of_f = known.unwrap_or_else(|| residue(&f));
    let len = fraction_limbs(level.h);
    let cut = level.power.cut(&f, of_f, len, level.in_full);
    let right = Node { f: cut.below, residue: Some(cut.below_residue), is_last };
    f.cut_front(f.len() - len);
    if right.f.last().is_none_or(|&top| top >> 63 == 0) {
        let overflow = add_limb_in_place(&mut f[1..], NUDGE);
        debug_assert!(!overflow);
    }
    (Node { f, residue: None, is_last: false }, right, cut.above)
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

    /// A text of one leaf has no right half that proves it.
    #[test]
    fn a_flipped_bit_in_a_short_text_is_repaired() {
        for digits in [1, 5, 19, 20, 38, 39, 100, 1000, LEAF_DIGITS] {
            let f = random(fraction_limbs(digits) + 1, 5);
            FAULTS.set(1);
            assert_eq!(text_of(&f, digits), expected(&f, digits), "{digits} digits");
            assert_eq!(FAULTS.get(), 0, "the fault was put in");
        }
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
        digits_of(f.into(), residue(f), digits, &mut text, 1 + digits % 3);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn every_length_class() {
        let leaf = LEAF_DIGITS;
        for digits in (1..80).chain([
            leaf - 1,
            leaf,
            leaf + 1,
            2 * leaf,
            2 * leaf + 1,
            5000,
            8 * leaf,
            8 * leaf + 1,
            30_000,
        ]) {
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
}
