//! One round of a stream: from the digits that are out to a larger number of them.
//!
//! ```text
//! sum   the new terms, merged with Q, T of the old ones; P stays in factors until more follow
//! x     1 / sqrt(radicand), by Newton's steps from the old root
//! pi    factor Q x / |a_0 Q - T|, from the old one if it has half the digits; made a lower bound
//! F     frac(10^E pi), where E decimals are out already, by 5^E, the square of the last power
//! text  the digits of F up to the target, and GUARD_DIGITS more
//! ```
//! Each product has a certificate; residues check the sum, the root, the quotient, the text, and F:
//! the integer above it must have the residue of the decimals that are out. A later round that
//! disagrees with the digits so far panics.
//!
//! **Finality.** The guard digits are those of a lower bound that errs by less than
//! `10^-(target + GUARD_DIGITS)`. Adding the error to them changes a digit before them only if they
//! are all 9. Unless they are, every digit before them is final; if they are, the round holds back
//! everything from the last digit that is not a 9 on, until the next round.

use crate::anatomy;
use crate::bigint::radix::{fraction, power_of_five, square};
use crate::memory::Limbs;
use crate::pi::pqt::{Pqt, Scaled};
use crate::pi::quotient::{Ratio, extended_root, fraction_of_pi, root_limbs};
use crate::pi::series::{Closing, Series};
use crate::pi::splitting::{Wanted, close, merge, pays_to_reduce, split, split_open};

/// Decimals computed beyond the target.
const GUARD_DIGITS: usize = 38;

/// The task of a round.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) series: &'static Series,
    pub(super) threads: usize,
    /// Decimals to compute.
    pub(super) target: usize,
    /// Digits that are out, the leading 3 included.
    pub(super) out: usize,
    /// The residue of the decimals that are out.
    pub(super) residue: u64,
    /// Digits that are wanted in all, if there is an end.
    pub(super) end: Option<usize>,
}

/// Results of a round that make the next one cheaper. Empty results are right too: then the next
/// round computes all of them.
#[derive(Debug, Default)]
pub(super) struct Kept {
    sum: Option<Sum>,
    /// `1 / sqrt(radicand)`.
    root: Limbs,
    /// The fraction of pi, kept where the next round has at most twice as many digits.
    pub(super) fraction: Scaled,
    power: Power,
}

/// The terms `1 <= k < next_term`.
#[derive(Debug)]
struct Sum {
    pqt: Pqt,
    /// The factors of P.
    factors: Vec<Scaled>,
    next_term: u64,
}

/// `5^exponent`.
#[derive(Debug, Default)]
struct Power {
    exponent: usize,
    limbs: Limbs,
}

impl Round {
    /// Computes the digits behind those that are out, as ASCII; none if nines hold them back.
    pub(super) fn run(&self, kept: Kept) -> (Vec<u8>, Kept) {
        let Kept { sum, root, fraction: old, mut power } = kept;
        let limbs = fraction::fraction_limbs(self.target + GUARD_DIGITS);
        let sum = anatomy::part("series", 0, || self.extended_sum(sum, limbs + 1));
        let (pi, sum, root) = self.fraction(sum, &root, old, limbs);
        let fraction = if self.end.is_none() { pi.clone() } else { Scaled::default() };
        let decimals = self.out.saturating_sub(1);
        let count = self.target + GUARD_DIGITS - decimals;
        let rest = if decimals == 0 {
            (pi.limbs, pi.residue)
        } else {
            anatomy::part("digits before", 0, || {
                power = power.raised_to(decimals);
                let len = fraction::fraction_limbs(count);
                fraction::fractional_part(pi.known(), &power.limbs, decimals, len, self.residue)
            })
        };
        (self.text(rest, count), Kept { sum, root, fraction, power })
    }

    /// The fraction of pi before its conversion, for a round that is the first and the last.
    pub(super) fn run_to_fraction(&self) -> Limbs {
        let limbs = fraction::fraction_limbs(self.target + GUARD_DIGITS);
        let sum = self.extended_sum(None, limbs + 1);
        let pi = self.fraction(sum, &[], Scaled::default(), limbs).0;
        pi.check();
        pi.limbs
    }

    /// Nothing follows this round.
    pub(super) fn is_last(&self) -> bool {
        self.end.is_some_and(|end| self.target + 1 >= end)
    }

    /// Adds the terms that `limbs` limbs need.
    fn extended_sum(&self, old: Option<Sum>, limbs: usize) -> Sum {
        let series = self.series;
        let last_limbs = |end: usize| fraction::fraction_limbs((end - 1).max(self.target) + GUARD_DIGITS) + 1;
        let a = old.as_ref().map_or(1, |old| old.next_term);
        let b = series.terms_for(limbs).max(a + 1);
        let precision = self.end.map(last_limbs);
        let wanted = Wanted { precision, p: false, reduce: pays_to_reduce(b), threads: self.threads };
        let (new, new_factors) = if self.is_last() {
            (split(series, a, b, wanted), Vec::new())
        } else {
            split_open(series, a, b, wanted)
        };
        let Some(mut old) = old else { return Sum { pqt: new, factors: new_factors, next_term: b } };
        old.pqt.p = close(series, old.factors, a, wanted);
        let old = old.pqt;
        let mut factors = Vec::new();
        if !self.is_last() {
            factors.push(old.p.clone());
        }
        factors.extend(new_factors);
        Sum { pqt: merge(series, old, new, (1, a, b), wanted), factors, next_term: b }
    }

    /// The fraction of pi to `limbs` limbs, a lower bound by less than two units; the sum and the
    /// root, unless this round is the last.
    fn fraction(&self, sum: Sum, root: &[u64], old: Scaled, limbs: usize) -> (Scaled, Option<Sum>, Limbs) {
        let work = limbs + 1;
        let (ratio, sum) = anatomy::part("ratio", 0, || {
            if self.is_last() {
                (Ratio::of(self.series, sum.pqt, work + 1), None)
            } else {
                (Ratio::of(self.series, sum.pqt.upper(work + 2), work + 1), Some(sum))
            }
        });
        let radicand = match self.series.closing {
            Closing::RootOverSum { radicand, .. } => Some(radicand),
            Closing::Sum => None,
        };
        let root = anatomy::part("root", 0, || {
            let len = root_limbs(&ratio, &old, limbs);
            radicand.map_or_else(Limbs::new, |radicand| extended_root(root, radicand, len))
        });
        let kept = if self.is_last() { Limbs::new() } else { root.clone() };
        let pi = anatomy::part("quotient", 0, || fraction_of_pi(ratio, root, radicand, old, limbs));
        (pi, sum, kept)
    }

    /// The final ones of the first `count` digits of the fraction `0.f`, behind the leading 3 if it
    /// is not out.
    fn text(&self, (f, residue): (Limbs, u64), count: usize) -> Vec<u8> {
        let mut text = Vec::new();
        if self.out == 0 {
            text.push(b'3');
        }
        let start = text.len();
        anatomy::part("conversion", 0, || fraction::digits_of(f, residue, count, &mut text, self.threads));
        let new = final_len(&text[start..], GUARD_DIGITS);
        text.truncate(start + new);
        text
    }
}

impl Power {
    /// `5^exponent`, by a square if this power is its square root.
    fn raised_to(&self, exponent: usize) -> Self {
        let is_square = self.exponent > 0 && exponent == 2 * self.exponent;
        #[cfg_attr(not(test), expect(unused_mut))]
        let mut limbs = if is_square { square(&self.limbs) } else { power_of_five(exponent) };
        #[cfg(test)]
        crate::bigint::testing::faults::damage(&mut limbs);
        Self { exponent, limbs }
    }
}

/// The number of final digits among `digits`, the last `guard` of which are guard digits.
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
    use crate::bigint::residue::residue_of_digits;

    #[test]
    fn guard_digits_that_are_all_nines_hold_back() {
        assert_eq!(final_len(b"14159265", 3), 5);
        assert_eq!(final_len(b"14159989", 3), 5);
        assert_eq!(final_len(b"14159999", 3), 3, "the 5 may become a 6");
        assert_eq!(final_len(b"99999999", 3), 0);
        assert_eq!(final_len(b"99989999", 4), 3);
        assert_eq!(final_len(b"12345", 5), 0);
    }
    /// A fault between the quotient and the conversion, in the first block and in a later one: the limbs
    /// have not the residue that the quotient has handed on.
    #[test]
    fn a_fraction_damaged_before_its_conversion_is_reported() {
        let round = |target, out, residue, end| Round {
            series: &crate::pi::series::chudnovsky::CHUDNOVSKY,
            threads: 1,
            target,
            out,
            residue,
            end,
        };
        let first = round(4000, 0, 0, Some(4001));
        let limbs = fraction::fraction_limbs(4000 + GUARD_DIGITS);
        let sum = first.extended_sum(None, limbs + 1);
        let (pi, ..) = first.fraction(sum, &[], Scaled::default(), limbs);
        let digits = first.text((pi.limbs.clone(), pi.residue), 4000 + GUARD_DIGITS);
        assert!(digits.starts_with(b"314159") && digits.len() == 4001);
        for bit in [150, 64 * limbs / 2, 64 * limbs - 1] {
            let mut damaged = pi.clone();
            damaged.limbs[bit / 64] ^= 1 << (bit % 64);
            let text = || first.text((damaged.limbs.clone(), damaged.residue), 4000 + GUARD_DIGITS);
            assert!(std::panic::catch_unwind(text).is_err(), "bit {bit}");
            let rest = |pi: &Scaled| {
                let (power, before) = (power_of_five(1000), residue_of_digits(&digits[1..1001]));
                fraction::fractional_part(pi.known(), &power, 1000, limbs / 2, before)
            };
            // The uppermost bits do not reach the digits that are still to come.
            let found = std::panic::catch_unwind(|| rest(&damaged));
            assert!(found.is_err() || found.unwrap() == rest(&pi), "bit {bit} in a later block");
        }
    }
}
