//! Gibbons' unbounded spigot on Gosper's series: a digit at a time, forever, with no precision
//! chosen in advance.
//!
//! Source: Jeremy Gibbons, "Unbounded Spigot Algorithms for the Digits of Pi",
//! American Mathematical Monthly 113 (2006), section 6; the series is R. W.
//! Gosper's (1974). State `q`, `r`, `t`, `i` as in the paper.
//!
//! # The series
//!
//! With x(i) for the tail that begins at term i, pi = x(1) and
//!
//! ```text
//!                       i (2i - 1)
//! x(i) = (5i - 2) + -------------------- x(i + 1)
//!                   3 (3i + 1) (3i + 2)
//! ```
//!
//! # The invariant
//!
//! Let d digits have been produced and the terms below i been consumed. Then
//!
//! ```text
//! 10^d (pi - digits produced) = (q x(i) + r) / t,    0 <= that < 10
//! ```
//!
//! Consuming a term puts the recurrence in the place of x(i); producing digit y
//! replaces the value v by 10 (v - y). Both only change q, r and t:
//!
//! ```text
//! u = 3 (3i + 1) (3i + 2)
//! consume:  q, r, t, i = q i (2i - 1),  u (q (5i - 2) + r),  t u,  i + 1
//! produce:  q, r, t, i = 10 q,  10 (r - y t),  t,  i
//! ```
//!
//! # When a digit is certain
//!
//! The tail is enclosed, for every i >= 1, by
//!
//! ```text
//! L(i) = (27i - 12) / 5  <  x(i)  <  (675i - 216) / 125 = U(i)
//! ```
//!
//! *Derivation.* Let `f_i` be the recurrence, `x(i) = f_i(x(i + 1))`; it increases. If
//! `f_i(L(i + 1)) > L(i)` and `f_i(U(i + 1)) < U(i)`, then `f_i` maps the interval
//! `[L(i + 1), U(i + 1)]` into the interior of `[L(i), U(i)]`. Looking for a linear bound a i + b
//! with a = 5 + 2a/27 gives a = 27/5. The two conditions, multiplied by their positive
//! denominators, `5 d` and `125 d` with `d = 9i² + 9i + 2`, and the second one divided by its
//! positive common factor (25i + 17), become
//!
//! ```text
//! f_i(L(i + 1)) > L(i)   <=>   (2i² - i)(9i + 5) - (2i - 2) d = i² + 9i + 4 > 0
//! f_i(U(i + 1)) < U(i)   <=>   2 d - 9 (2i² - i)              = 27i + 4     > 0
//! ```
//!
//! which hold for all i >= 1.
//!
//! The slope of `f_i` is `(2i² - i) / (3 d) < 2/27`, and every interval has the width 84/125. So
//! the image of `[L(n + 1), U(n + 1)]` under `f_i f_(i+1) ... f_n` is shorter than
//! `(2/27)^(n-i+1)`: the images lie in each other and shrink to one point, which lies strictly
//! between L(i) and U(i). The partial sums `f_i f_(i+1) ... f_n(0)` go to the same point, because 0
//! is at most U(n + 1) away from the interval, and `U(n + 1) (2/27)^(n-i+1)` goes to 0. The point
//! is x(i), the value of the series; that x(1) is pi is Gosper's theorem.
//!
//! (-12/5 and -216/125 are not the only constants for which this holds; they are the paper's. Its
//! program prints the lower end as (27i + 15)/5, which is L(i + 1): an end for the term after the
//! one that the upper end belongs to. The unit tests check both ends against the sum.)
//!
//! So the value lies between (q L + r)/t and (q U + r)/t. The spigot produces a digit only when
//! both have the same floor; otherwise it consumes a term. It assumes nothing about the number of
//! digits that a term brings: log10(27/2) = 1.13 on average. As pi is irrational, it has no endless
//! run of nines, and each digit becomes certain after finitely many terms.
//!
//! The well-known short program takes exactly one digit from every term, from the lower end alone.
//! That its digits are always right is only conjectured (section 6 of the paper). It also drags
//! 13 % more terms along.
//!
//! # Cost
//!
//! q, r and t have O(i log i) bits and every step passes over them a few times: O(n² log n) word
//! operations for n digits. Two things make the spigot several times faster than the short program
//! without changing a digit:
//!
//! - The floors come from the leading 64 bits of t and the matching bits of q and r, as intervals.
//!   Only if these leave a doubt (about once in 2^40 digits) are the floors computed in full: no
//!   long division is left.
//! - Each number is updated in place and products go into one kept buffer, so that a step allocates
//!   nothing once its buffers have grown.
//!
//! A cancelled spigot can go on: [`Gibbons::produce`] checks for cancellation before it changes
//! anything.

mod window;

use super::profile::{Memory, PROCESS, Profile, Unbounded};
use crate::cancel;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, Zero};
use window::Range;

/// Behind this term 10 u would overflow a 64-bit word: some 295 million digits away, which take
/// this algorithm years.
const LAST_TERM: u64 = 261_000_000;
/// Digits that are certain by then: log10(27/2) a term, less a margin.
pub(super) const MAX_DIGITS: u64 = 290_000_000;

/// Measured time and memory.
pub(super) static PROFILE: Profile = include!("gibbons.profile.rs");

/// The state of the spigot; an endless iterator over the digits 3, 1, 4, ...
#[derive(Clone, Debug)]
pub(super) struct Gibbons {
    q: BigUint,
    r: BigInt,
    t: BigUint,
    i: u64,
    /// 10 after a digit, until q and r are multiplied by it: the next term can usually do so in the
    /// pass that it makes anyway.
    owed: u64,
    product: BigUint,
}

impl Gibbons {
    /// The spigot before its first digit.
    #[must_use]
    pub(super) fn new() -> Self {
        Self {
            q: BigUint::one(),
            r: BigInt::zero(),
            t: BigUint::one(),
            i: 1,
            owed: 1,
            product: BigUint::zero(),
        }
    }

    /// The next digit, 0 to 9, after as many terms as it takes to be certain.
    ///
    /// # Panics
    /// Behind [`MAX_DIGITS`] digits, where coefficients outgrow 64 bits.
    pub(super) fn produce(&mut self) -> u8 {
        cancel::check();
        let digit = loop {
            match self.certain_digit() {
                Some(digit) => break digit,
                None => self.consume(),
            }
        };
        self.remove(digit);
        digit
    }

    /// Replaces the tail from term i by term i and the tail behind it.
    fn consume(&mut self) {
        assert!(
            self.i < LAST_TERM,
            "Gibbons' spigot can compute {MAX_DIGITS} digits at most, as its coefficients outgrow \
             64 bits there: use a series"
        );
        let i = self.i;
        let u = 3 * (3 * i + 1) * (3 * i + 2);
        self.product.clone_from(&self.q);
        self.product *= 5 * i - 2;
        add_natural(&mut self.r, &mut self.product, Sign::Plus);
        self.r *= self.owed * u;
        self.q *= self.owed * i * (2 * i - 1);
        self.t *= u;
        self.i += 1;
        self.owed = 1;
    }

    /// Subtracts a produced digit from the value, and owes the value its factor 10.
    fn remove(&mut self, digit: u8) {
        if self.owed != 1 {
            self.q *= self.owed;
            self.r *= self.owed;
        }
        self.product.clone_from(&self.t);
        self.product *= digit;
        add_natural(&mut self.r, &mut self.product, Sign::Minus);
        self.owed = 10;
    }

    /// The next digit if the terms consumed so far determine it.
    fn certain_digit(&self) -> Option<u8> {
        let (lower, upper) = self.floors_from_leading_bits().unwrap_or_else(|| self.floors());
        (lower == upper).then(|| u8::try_from(lower).expect("the value lies in [0, 10)"))
    }

    /// floor((q L + r) / t) and floor((q U + r) / t), computed in full.
    fn floors(&self) -> (i128, i128) {
        let [lower, upper] = ends(self.i);
        let floor = |end: End| {
            let (mut numerator, mut product) = (self.r.clone(), self.q.clone());
            numerator *= end.denominator;
            product *= end.numerator;
            add_natural(&mut numerator, &mut product, Sign::Plus);
            numerator *= self.owed;
            let mut divisor = self.t.clone();
            divisor *= end.denominator;
            // Never negative: the ends only move inwards, and the first lower end is 3.
            small_quotient(numerator.into_parts().1, &divisor)
        };
        (floor(lower), floor(upper))
    }

    /// The floors of [`Gibbons::floors`] from 64 leading bits, or `None` where these bits leave a
    /// doubt.
    fn floors_from_leading_bits(&self) -> Option<(i128, i128)> {
        let shift = self.t.bits().saturating_sub(64);
        let t = Range::of(&self.t, shift);
        let q = Range::of(&self.q, shift);
        let r = Range::of(self.r.magnitude(), shift).with_sign(self.r.sign());
        let [lower, upper] = ends(self.i);
        let floor = |end: End| -> Option<i128> {
            let (a, b) = (i128::from(end.numerator), i128::from(end.denominator));
            let owed = i128::from(self.owed);
            let least = (q.low * a + r.low * b) * owed;
            let most = (q.high * a + r.high * b) * owed;
            // A negative numerator only comes from the width of the windows.
            let low = least.div_euclid(b * t.high);
            let high = most.div_euclid(b * t.low);
            (least >= 0 && low == high).then_some(low)
        };
        Some((floor(lower)?, floor(upper)?))
    }
}

/// The peak memory in bytes of a process that produces `digits` digits.
///
/// t is the product of u over n = `digits` / 1.13 terms and has, by Stirling's formula, n times
/// log2(27 n² / e²) bits. q, r and the product of a step are nearly as long: all four were measured
/// to take 3.7 times the bytes of t (`VmHWM` of `pi`, 10,000 to 150,000 digits, the whole process
/// within 4 %).
fn memory_of(digits: u64) -> u64 {
    let terms = digits as f64 / 1.13;
    let bits = terms * (27.0 * (terms / std::f64::consts::E).powi(2)).log2();
    let numbers = 3.7 * bits / 8.0;
    // Negative for a few digits, and 0 then as an integer.
    (numbers as u64).saturating_add(PROCESS)
}

impl Default for Gibbons {
    fn default() -> Self {
        Self::new()
    }
}

impl Iterator for Gibbons {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        Some(self.produce())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl std::iter::FusedIterator for Gibbons {}

/// One end of the enclosure of a tail.
#[derive(Clone, Copy, Debug)]
struct End {
    numerator: u64,
    denominator: u64,
}

/// L(i) and U(i): the tail x(i) lies strictly between them.
const fn ends(i: u64) -> [End; 2] {
    let lower = End { numerator: 27 * i - 12, denominator: 5 };
    let upper = End { numerator: 675 * i - 216, denominator: 125 };
    [lower, upper]
}

/// floor(numerator / divisor) by repeated subtraction: num-bigint's division would add 35 KB to a
/// program that needs it nowhere else.
///
/// # Panics
/// If the quotient is 10 or more, which an end of the enclosure of a value in [0, 10) never is.
fn small_quotient(mut numerator: BigUint, divisor: &BigUint) -> i128 {
    for quotient in 0..10 {
        if numerator < *divisor {
            return quotient;
        }
        numerator -= divisor;
    }
    panic!("the value lies in [0, 10), and so does its enclosure");
}

/// r += term or r -= term, leaving the buffer of `term` for the next product.
fn add_natural(r: &mut BigInt, term: &mut BigUint, sign: Sign) {
    let signed = BigInt::from_biguint(sign, std::mem::take(term));
    *r += &signed;
    *term = signed.into_parts().1;
}

#[cfg(test)]
mod tests;
