//! Digits of pi without end, from a series: fast, and never taken back.
//!
//! ```text
//! repeat with a larger number of digits d:
//!   sum   the new terms, merged with Q, T of the old ones; P stays in factors until more follow
//!   x     1 / sqrt(radicand), Newton's step from the old one
//!   pi    factor Q x / |a_0 Q - T|, from the old one if it has half the digits; made a lower bound
//!   F     frac(10^E pi), where E decimals are out already, by 5^E, the square of the last one
//!   text  the digits of F up to d, and GUARD_DIGITS more
//! ```
//!
//! **Finality.** The guard digits are those of a lower bound that errs by
//! less than `10^-(d + GUARD_DIGITS)`. Adding the error to them changes a
//! digit before them only if they are all 9. Unless they are, every digit
//! before is final; if they are, everything from the last digit that is not a
//! 9 on is held back until the next round.
//!
//! Source of the idea of an unbounded stream: Gibbons, "Unbounded spigot
//! algorithms for the digits of pi" (2006). Cost over a computation that
//! knows its end: 1.1 times when doubling.

use super::binary_splitting::{Pqt, Scaled, Wanted, close, merge_known, split_known, split_open};
use super::increment::longer_fraction;
use super::quotient::{Ratio, fraction_of_pi};
use super::series::{Closing, Known, Series};
use super::verify::{Verdict, check_fraction};
use crate::bigint::mul::Factor;
use crate::bigint::radix::{fraction, power_of_five, square};
use crate::bigint::sqrt::{inverse_sqrt, refine};
use crate::fft::with_threads;
use crate::memory::Limbs;
use std::marker::PhantomData;

/// Decimals computed beyond those that are given out.
const GUARD_DIGITS: usize = 38;
/// Decimals of the first block.
const FIRST_BLOCK: usize = 1000;
/// Growth from block to block when the end is not known, and when it is.
const GROWTH: usize = 2;
const GROWTH_TO_END: usize = 4;

/// Digits of pi, block by block.
#[derive(Debug)]
pub struct Stream<S> {
    rounds: Rounds,
    series: PhantomData<S>,
}

/// The same for any series: see [`Known`].
#[derive(Debug)]
pub(super) struct Rounds {
    series: &'static Known,
    threads: usize,
    /// Decimals that are wanted in all, if there is an end.
    end: Option<usize>,
    /// Decimals that the next round aims at.
    target: usize,
    /// The terms `1 <= k < next_term`, if any, and the factors of their P.
    sum: Option<Pqt>,
    factors: Vec<Scaled>,
    next_term: u64,
    /// `1 / sqrt(radicand)`.
    root: Limbs,
    /// Decimals that are out.
    decimals: usize,
    /// An exponent and its power of five: the decimals that were out before the latest block.
    power: (usize, Limbs),
    text: Vec<u8>,
    /// Whether the leading 3 is out.
    begun: bool,
    /// Whether the fraction is kept for [`Rounds::verify`]; where blocks double, it is for the next one.
    keep_fraction: bool,
    kept: Limbs,
}

impl<S: Series> Stream<S> {
    /// A stream without end: each block doubles the number of digits.
    #[must_use]
    pub fn new(_series: S) -> Self {
        Self::of(Rounds::new(S::KNOWN))
    }

    /// A stream that ends after `digits` digits, the leading 3 included; its
    /// blocks grow by four, so that the first ones come early.
    #[must_use]
    pub fn with_known_end(_series: S, digits: u64) -> Self {
        Self::of(Rounds::with_known_end(S::KNOWN, digits))
    }

    /// A stream of one block: the fastest way to all `digits` digits.
    #[must_use]
    pub fn in_one_block(_series: S, digits: u64) -> Self {
        Self::of(Rounds::in_one_block(S::KNOWN, digits))
    }

    fn of(rounds: Rounds) -> Self {
        Self { rounds, series: PhantomData }
    }

    /// Uses up to `threads` threads from now on.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.rounds.use_threads(threads);
        self
    }

    /// Keeps what [`Stream::verify`] needs: half a byte for each digit.
    #[must_use]
    pub fn with_verification(mut self) -> Self {
        self.rounds.keep_fraction = true;
        self
    }

    /// Compares the last bits of the latest block with Bellard's formula; none
    /// before the first block and without [`Stream::with_verification`].
    ///
    /// It proves the series, the root and the quotient behind every digit so
    /// far; the conversion to decimal text comes after it.
    #[must_use]
    pub fn verify(&self) -> Option<Verdict> {
        self.rounds.verify()
    }

    /// [`Stream::next_block`] as an owned text.
    pub fn take_block(&mut self) -> Vec<u8> {
        self.rounds.take_block()
    }

    /// The next final digits, ASCII, the leading 3 first and without a point.
    /// Empty only when a known end is reached.
    pub fn next_block(&mut self) -> &[u8] {
        self.rounds.next_block()
    }
}

impl Rounds {
    pub(super) fn new(series: &'static Known) -> Self {
        Self::with_schedule(series, None, FIRST_BLOCK)
    }

    pub(super) fn with_known_end(series: &'static Known, digits: u64) -> Self {
        let end = Self::decimals_of(digits);
        let mut first = end;
        while first > GROWTH_TO_END * FIRST_BLOCK {
            first = first.div_ceil(GROWTH_TO_END);
        }
        Self::with_schedule(series, Some(end), first)
    }

    pub(super) fn in_one_block(series: &'static Known, digits: u64) -> Self {
        let end = Self::decimals_of(digits);
        Self::with_schedule(series, Some(end), end)
    }

    pub(super) fn use_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    fn verify(&self) -> Option<Verdict> {
        (self.keep_fraction && self.kept.len() >= 2).then(|| check_fraction(&self.kept, self.threads))
    }

    fn decimals_of(digits: u64) -> usize {
        usize::try_from(digits.saturating_sub(1)).expect("more digits than there is memory")
    }

    fn with_schedule(series: &'static Known, end: Option<usize>, target: usize) -> Self {
        Self {
            series,
            threads: 1,
            end,
            target,
            sum: None,
            factors: Vec::new(),
            next_term: 1,
            root: Limbs::new(),
            decimals: 0,
            power: (0, Limbs::new()),
            text: Vec::new(),
            begun: false,
            keep_fraction: false,
            kept: Limbs::new(),
        }
    }

    pub(super) fn take_block(&mut self) -> Vec<u8> {
        let _ = self.next_block();
        std::mem::take(&mut self.text)
    }

    pub(super) fn next_block(&mut self) -> &[u8] {
        self.text.clear();
        if !std::mem::replace(&mut self.begun, true) {
            self.text.push(b'3');
        }
        while self.end.is_none_or(|end| self.decimals < end) {
            if self.round() > 0 {
                break;
            }
        }
        &self.text
    }

    /// Computes to the target; returns how many digits became final.
    fn round(&mut self) -> usize {
        with_threads(self.threads, || self.round_on_threads())
    }

    fn round_on_threads(&mut self) -> usize {
        let target = self.target;
        let limbs = fraction::fraction_limbs(target + GUARD_DIGITS);
        self.extend_sum(limbs + 1);
        let pi = self.fraction(limbs);
        if self.keep_fraction || self.end.is_none() {
            self.kept.clone_from(&pi);
        }
        let count = target + GUARD_DIGITS - self.decimals;
        let rest = if self.decimals == 0 {
            pi
        } else {
            self.power = next_power_of_five(std::mem::take(&mut self.power), self.decimals);
            let power = Factor::new(&self.power.1, pi.len(), pi.len() + 1);
            fraction::fractional_part(&pi, &power, self.decimals, fraction::fraction_limbs(count))
        };
        let start = self.text.len();
        fraction::digits_of(rest, count, &mut self.text, self.threads);
        let new = final_len(&self.text[start..], GUARD_DIGITS);
        self.text.truncate(start + new);
        self.decimals += new;
        self.aim_further();
        new
    }

    fn aim_further(&mut self) {
        let Some(end) = self.end else {
            self.target *= GROWTH;
            return;
        };
        if self.target < end {
            self.target = (self.target * GROWTH_TO_END).min(end);
            // Rounded up on the way down, the last step may be short of the end.
            if self.target * 2 > end {
                self.target = end;
            }
        } else if self.decimals < end {
            // Nines up to the very end: the sum was cut for that end, so it begins again.
            self.target = end + GUARD_DIGITS;
            self.end = Some(end);
            self.sum = None;
            self.next_term = 1;
        }
    }

    /// Adds the terms that `limbs` limbs need.
    fn extend_sum(&mut self, limbs: usize) {
        let (a, b) = (self.next_term, self.series.terms_for(limbs).max(self.next_term + 1));
        let is_last = self.end.is_some_and(|end| self.target >= end);
        let last_limbs = |end: usize| fraction::fraction_limbs(end.max(self.target) + GUARD_DIGITS) + 1;
        let wanted = Wanted { precision: self.end.map(last_limbs), p: false, threads: self.threads };
        // What P is going to be stays open until more terms follow.
        let factors = std::mem::take(&mut self.factors);
        let (new, new_factors) = if is_last {
            (split_known(self.series, a, b, wanted), Vec::new())
        } else {
            split_open(self.series, a, b, wanted)
        };
        self.sum = Some(match self.sum.take() {
            None => new,
            Some(mut old) => {
                old.p = close(self.series, factors, a, wanted);
                if !is_last {
                    self.factors.push(old.p.clone());
                }
                merge_known(self.series, old, new, (1, a, b), wanted)
            }
        });
        self.factors.extend(new_factors);
        self.next_term = b;
    }

    /// The fraction of pi to `limbs` limbs, a lower bound by less than two units.
    fn fraction(&mut self, limbs: usize) -> Limbs {
        let work = limbs + 1;
        let sum = self.sum.take().expect("the sum was extended");
        // Sum and root are of no use after the last block.
        let goes_on = self.end.is_none_or(|end| self.target < end);
        let ratio = if goes_on {
            let ratio = Ratio::of(self.series, sum.upper(work + 2), work + 1);
            self.sum = Some(sum);
            ratio
        } else {
            self.next_term = 1;
            Ratio::of(self.series, sum, work + 1)
        };
        if let Closing::RootOverSum { radicand, .. } = self.series.closing {
            self.root = extended_root(&self.root, radicand, work);
        }
        if let Some(pi) = longer_fraction(&self.kept, &ratio, &self.root, limbs) {
            return pi;
        }
        let root = if goes_on { self.root.clone() } else { std::mem::take(&mut self.root) };
        fraction_of_pi(ratio, root, limbs)
    }
}

/// `1 / sqrt(radicand)` to `limbs` limbs, from one to fewer if there is one.
fn extended_root(old: &[u64], radicand: u64, limbs: usize) -> Limbs {
    // Below three limbs half of them and a guard is no progress.
    if old.len() < 4 {
        return inverse_sqrt(&[radicand], limbs);
    }
    // The halves on the way back to what is there, and no further.
    let mut path = vec![limbs];
    while path[path.len() - 1] / 2 + 1 > old.len() - 1 {
        path.push(path[path.len() - 1] / 2 + 1);
    }
    let needed = path[path.len() - 1] / 2 + 1;
    let mut root = Limbs::from(&old[old.len() - 1 - needed..]);
    for &n in path.iter().rev() {
        root = refine(&root, &[radicand], n);
    }
    root
}

/// `5^exponent` beside its exponent, from another power if that is its square root.
fn next_power_of_five((old, power): (usize, Limbs), exponent: usize) -> (usize, Limbs) {
    (exponent, if exponent == 2 * old { square(&power) } else { power_of_five(exponent) })
}

/// How many of `digits`, the last `guard` of which are guard digits, are final.
fn final_len(digits: &[u8], guard: usize) -> usize {
    let count = digits.len() - guard;
    if digits[count..].iter().any(|&digit| digit != b'9') {
        return count;
    }
    digits.iter().rposition(|&digit| digit != b'9').unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pi::series::{Chudnovsky, Gosper};

    #[test]
    fn guard_digits_that_are_all_nines_hold_back() {
        assert_eq!(final_len(b"14159265", 3), 5);
        assert_eq!(final_len(b"14159989", 3), 5);
        assert_eq!(final_len(b"14159999", 3), 3, "the 5 may become a 6");
        assert_eq!(final_len(b"99999999", 3), 0);
        assert_eq!(final_len(b"99989999", 4), 3);
        assert_eq!(final_len(b"12345", 5), 0);
    }

    #[test]
    fn roots_grow_from_what_is_there() {
        let whole = inverse_sqrt(&[10_005 << 50], 333);
        for from in [1, 2, 3, 20, 100, 166, 167, 168, 332] {
            let old = inverse_sqrt(&[10_005 << 50], from);
            let root = extended_root(&old, 10_005 << 50, 333);
            assert_eq!(root[1..], whole[1..], "from {from}");
        }
    }

    #[test]
    fn a_stream_verifies_itself() {
        let mut chudnovsky = Stream::with_known_end(Chudnovsky, 10_000).with_verification();
        assert_eq!(chudnovsky.verify(), None);
        let mut gosper = Stream::in_one_block(Gosper, 2000).with_verification();
        let _ = (chudnovsky.next_block(), gosper.next_block());
        assert!(chudnovsky.verify().unwrap().agrees());
        assert!(gosper.verify().unwrap().agrees());
    }

    #[test]
    fn threads_do_not_change_digits() {
        let one = Stream::in_one_block(Chudnovsky, 30_000).next_block().to_vec();
        for threads in [2, 3, 4] {
            assert!(Stream::in_one_block(Chudnovsky, 30_000).with_threads(threads).next_block() == one);
        }
    }
}
