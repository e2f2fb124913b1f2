//! Parts of a sum: any range of terms, and their merging.

use super::formula::{BBP, BELLARD, Formula, Fraction};
use super::{HexError, bit_of, vectors, word};
use crate::bigint::parallel::in_parallel;
use crate::cancel;
use crate::cpu::Level;
use std::fmt;
use std::ops::Range;

/// A range of terms of the sum for one position: a unit of work that needs no other one.
///
/// A part is four plain values, so that it travels in any format. Parts of one position may be
/// computed anywhere, in any order and on any processor: their sums are equal to the last bit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    formula: Formula,
    bit: u64,
    terms: Range<u64>,
}

/// The error of a part that is outside its formula's sum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartError {
    /// The bit is beyond [`Part::MAX_BIT`].
    Bit(u64),
    /// The range is empty, or ends behind the last term of the sum, which is the second value.
    Terms(Range<u64>, u64),
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit(bit) => write!(f, "bit {bit} is too far: use bits up to {}", Part::MAX_BIT),
            Self::Terms(terms, end) => write!(
                f,
                "the terms {}..{} are not a range of the sum: use a range within 0..{end}",
                terms.start, terms.end
            ),
        }
    }
}

impl std::error::Error for PartError {}

impl Part {
    /// The last bit that moduli of 63 bits reach: hexadecimal position 2.8e17.
    pub const MAX_BIT: u64 = 1 << 60;

    /// The terms `terms` of the sum by `formula` for the bits of pi after bit `bit`.
    ///
    /// # Errors
    /// If `bit` is above [`Part::MAX_BIT`], or if `terms` is empty or ends behind `formula.terms(bit)`.
    pub fn new(formula: Formula, bit: u64, terms: Range<u64>) -> Result<Self, PartError> {
        if bit > Self::MAX_BIT {
            return Err(PartError::Bit(bit));
        }
        let end = formula.terms(bit);
        if terms.start >= terms.end || terms.end > end {
            return Err(PartError::Terms(terms, end));
        }
        Ok(Self { formula, bit, terms })
    }

    /// All terms of a sum.
    ///
    /// # Errors
    /// If `bit` is above [`Part::MAX_BIT`].
    pub fn whole(formula: Formula, bit: u64) -> Result<Self, PartError> {
        let end = if bit > Self::MAX_BIT { 1 } else { formula.terms(bit) };
        Self::new(formula, bit, 0..end)
    }

    /// All terms of the sum for the hexadecimal digits from `position` on.
    ///
    /// # Errors
    /// If `position` is 0 or beyond the last position, 2.8e17.
    pub fn at(formula: Formula, position: u64) -> Result<Self, HexError> {
        let bit = bit_of(position)?;
        Ok(Self { formula, bit, terms: 0..formula.terms(bit) })
    }

    /// The part of these terms, which lie within this one.
    pub(super) fn within(&self, terms: Range<u64>) -> Self {
        debug_assert!(
            self.terms.start <= terms.start && terms.start < terms.end && terms.end <= self.terms.end
        );
        Self { terms, ..self.clone() }
    }

    /// The formula.
    #[must_use]
    pub const fn formula(&self) -> Formula {
        self.formula
    }

    /// The number of bits after the point that precede the ones that are computed.
    #[must_use]
    pub const fn bit(&self) -> u64 {
        self.bit
    }

    /// The range of terms.
    #[must_use]
    pub fn terms(&self) -> Range<u64> {
        self.terms.clone()
    }

    /// The part divided where moduli outgrow a kernel: each of the pieces, at most four, has one rate of
    /// [`squarings`](super::squarings) a second. A measurement of the time of a part measures each of them.
    #[must_use]
    pub fn pieces(&self) -> Vec<Self> {
        let changes = match self.formula {
            Formula::Bellard => vectors::changes(&BELLARD),
            Formula::Bbp => vectors::changes(&BBP),
        };
        let mut bounds = vec![self.terms.start];
        bounds.extend(changes.into_iter().filter(|change| self.terms.contains(change)));
        bounds.push(self.terms.end);
        bounds.dedup();
        bounds.windows(2).map(|pair| self.within(pair[0]..pair[1])).collect()
    }

    /// The sum of the terms on `threads` threads of this process.
    ///
    /// Cost: [`super::squarings`] of the part. A [cancelled](crate::cancel) computation unwinds
    /// within a millisecond.
    #[must_use]
    pub fn sum(&self, threads: usize) -> PartialSum {
        self.sum_on(Level::get(), threads)
    }

    /// As [`Part::sum`], on a given level.
    #[must_use]
    pub(super) fn sum_on(&self, level: Level, threads: usize) -> PartialSum {
        let threads = (threads as u64).clamp(1, self.terms.end - self.terms.start);
        let parts = super::plan::split(self, threads);
        let sums = in_parallel(parts, threads as usize, |part| part.on_this_thread(level));
        let sum = sums.into_iter().fold(0, u128::wrapping_add);
        PartialSum { part: self.clone(), sum }
    }

    fn on_this_thread(&self, level: Level) -> u128 {
        let at = (self.bit, self.formula.bits_per_term());
        match self.formula {
            Formula::Bellard => mixed::<7, 2>(level, &BELLARD, at, true, &self.terms),
            Formula::Bbp => mixed::<4, 4>(level, &BBP, at, false, &self.terms),
        }
    }
}

/// As many terms as possible in blocks of `B` vectors, the others one by one.
fn mixed<const N: usize, const B: usize>(
    level: Level,
    fractions: &'static [Fraction; N],
    at: (u64, u64),
    alternates: bool,
    range: &Range<u64>,
) -> u128 {
    let inner = vectors::terms::<N, B>(level, fractions, at, range);
    one_by_one(fractions, at, alternates, range.start..inner.start)
        .wrapping_add(vectors::sum::<N, B>(level, fractions, at, alternates, inner.clone()))
        .wrapping_add(one_by_one(fractions, at, alternates, inner.end..range.end))
}

/// The sum of the terms by the arithmetic of words.
pub(super) fn one_by_one<const N: usize>(
    fractions: &[Fraction; N],
    (bit, step): (u64, u64),
    alternates: bool,
    terms: Range<u64>,
) -> u128 {
    terms.fold(0u128, |sum, k| {
        if k.is_multiple_of(512) {
            cancel::check();
        }
        let values = word::term(fractions, bit as i64 - (step * k) as i64, k);
        let odd = alternates && k % 2 == 1;
        fractions.iter().zip(values).fold(sum, |sum, (fraction, value)| {
            if fraction.negative == odd { sum.wrapping_add(value) } else { sum.wrapping_sub(value) }
        })
    })
}

/// The sum of a part's terms, a fixed-point fraction of 128 bits.
///
/// `sum / 2^128` differs from the exact sum, modulo 1, by less than [`PartialSum::error`] units of
/// `2^-128`: each fraction of each term is cut down by less than one unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartialSum {
    part: Part,
    sum: u128,
}

impl PartialSum {
    /// The sum that [`Part::sum`] found for `part` elsewhere.
    #[must_use]
    pub const fn new(part: Part, sum: u128) -> Self {
        Self { part, sum }
    }

    /// Adds up parts, in any order, after a check that their terms are consecutive: a step on the way
    /// to all terms of a sum.
    ///
    /// # Errors
    /// If parts belong to different sums, overlap, or leave terms between them out.
    pub fn merge(parts: &[Self]) -> Result<Self, MergeError> {
        let mut parts: Vec<&Self> = parts.iter().collect();
        parts.sort_unstable_by_key(|sum| sum.part.terms.start);
        let (first, others) = parts.split_first().ok_or(MergeError::Empty)?;
        let mut merged = (*first).clone();
        // A stranger first: next to it terms seem to be missing or there twice, which they are not.
        let stranger =
            |sum: &&&Self| (sum.part.formula, sum.part.bit) != (first.part.formula, first.part.bit);
        if let Some(stranger) = others.iter().find(stranger) {
            return Err(MergeError::Mixed(merged.part, stranger.part.clone()));
        }
        for sum in others {
            let (part, next) = (&sum.part, merged.part.terms.end);
            if part.terms.start > next {
                return Err(MergeError::Missing(next..part.terms.start));
            }
            if part.terms.start < next {
                return Err(MergeError::Twice(part.terms.start..next.min(part.terms.end)));
            }
            merged.part.terms.end = part.terms.end;
            merged.sum = merged.sum.wrapping_add(sum.sum);
        }
        Ok(merged)
    }

    /// The part.
    #[must_use]
    pub const fn part(&self) -> &Part {
        &self.part
    }

    /// The fraction in units of `2^-128`.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The bound of the error in units of `2^-128`.
    #[must_use]
    pub fn error(&self) -> u128 {
        let terms = self.part.terms.end - self.part.terms.start;
        u128::from(terms) * u128::from(self.part.formula.fractions())
    }
}

/// A complete sum: the bits of pi after a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    pub(super) bit: u64,
    pub(super) value: u128,
    pub(super) error: u128,
}

/// The error of sums that are not the parts of one sum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeError {
    /// No part at all.
    Empty,
    /// Two parts are of different positions or formulas.
    Mixed(Part, Part),
    /// Terms that no part has.
    Missing(Range<u64>),
    /// Terms that two parts have.
    Twice(Range<u64>),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there is no part to merge"),
            Self::Mixed(a, b) => write!(
                f,
                "parts of two sums: {} at bit {} and {} at bit {}; merge those of one sum",
                a.formula, a.bit, b.formula, b.bit
            ),
            Self::Missing(terms) => {
                write!(f, "the terms {}..{} are missing; compute their part", terms.start, terms.end)
            }
            Self::Twice(terms) => {
                write!(f, "the terms {}..{} are there twice; leave one part out", terms.start, terms.end)
            }
        }
    }
}

impl std::error::Error for MergeError {}

impl Sum {
    /// Adds up parts, in any order, after a check that their terms tile the whole sum.
    ///
    /// # Errors
    /// If parts belong to different sums, overlap, or leave terms out.
    pub fn merge(parts: &[PartialSum]) -> Result<Self, MergeError> {
        let merged = PartialSum::merge(parts)?;
        let (Range { start, end }, all) = (merged.part.terms(), merged.part.formula.terms(merged.part.bit));
        if start > 0 || end < all {
            return Err(MergeError::Missing(if start > 0 { 0..start } else { end..all }));
        }
        Ok(Self::of(&merged))
    }

    /// The sum of one part that has all terms.
    pub(super) fn of(whole: &PartialSum) -> Self {
        Self { bit: whole.part.bit, value: whole.sum, error: 1 + whole.error() }
    }

    /// The number of bits after the point that precede these.
    #[must_use]
    pub const fn bit(&self) -> u64 {
        self.bit
    }

    /// 128 bits of pi after [`Sum::bit`], the last ones uncertain.
    #[must_use]
    pub const fn value(&self) -> u128 {
        self.value
    }

    /// The bound of the difference from the exact fraction, in units of `2^-128`. One of the units
    /// stands for all terms behind the last one.
    #[must_use]
    pub const fn error(&self) -> u128 {
        self.error
    }

    /// The number of leading hexadecimal digits that the error cannot change, at most 32.
    ///
    /// A run of `F` or `0` across the border of certainty makes it smaller: the digits before the
    /// run might change too.
    #[must_use]
    pub const fn certain_digits(&self) -> u32 {
        let (low, under) = self.value.overflowing_sub(self.error);
        let (high, over) = self.value.overflowing_add(self.error);
        if under || over { 0 } else { (low ^ high).leading_zeros() / 4 }
    }

    /// The certain hexadecimal digits, upper case.
    #[must_use]
    pub fn digits(&self) -> String {
        let mut digits = format!("{:032X}", self.value);
        digits.truncate(self.certain_digits() as usize);
        digits
    }
}
