//! Pi by one step from half of its limbs: root, quotient and product in one.
//!
//! ```text
//! pi = N / (D sqrt(d))
//! x    1 / sqrt(d) to h limbs;  e = 1 - d x^2, so 1 / sqrt(d) = x (1 + e/2) to 2h limbs
//! y    1 / D to as many limbs as are new
//! old  pi to k limbs, from the round before or as the top of N x y
//! R    N x - D old, which has the length of D, by products that wrap around
//! pi = old + R y + old e/2, to h + k limbs
//! ```
//! Without a root, x is one and e is zero. In transforms of `n` limbs, the length of pi: x 4, e 1, y 5,
//! N x 4.5 and its top times y 3, D old 3, R y 3, old e 3. That is 26.5, or 4.3 products of `n` by `n`
//! limbs; a whole root, a product with it and a quotient take 33. Sources: Karp and Markstein,
//! "High-precision division and square root" (1997); MCA, 3.4 and 4.2.
//!
//! **Proof.** `x` and `y` prove themselves. `R` is an exact integer with the residue that follows from N,
//! x, D and old, and it is small: so old is pi as far as it goes, wherever it comes from. The residue of
//! pi follows from those of R, y, old and e; the conversion compares it with the limbs.

use super::ratio::{Ratio, times_limb};
use crate::bigint::div::inverse;
use crate::bigint::limbs::{add_in_place, sub_in_place, sub_limb_in_place};
use crate::bigint::mul::{self, Wrapped, product};
use crate::bigint::proven::proven;
use crate::bigint::residue::{minus, plus, power_of_two, residue, times};
use crate::bigint::sqrt::{Rest, rest};
use crate::memory::Limbs;
use crate::pi::pqt::Scaled;

/// Bound of all rounding errors, in units of the limb below the result. Cut operands, the inverses and the
/// cut products err by less than 2^6 units each.
const ERROR: u64 = 1 << 20;

/// Least limbs of N at which `N x` is computed twice, its top and the whole modulo `B^n + 1`: that takes
/// 1.5 transforms more, which are shorter, and a fifth less memory.
const LONG: usize = if cfg!(test) { 300 } else { 1 << 15 };

/// The limbs `h` of the root from which [`fraction_of_pi`] makes a fraction of `limbs` limbs.
///
/// `R` takes no shift if h and k differ as the exponents of N and D do. So an old fraction decides, if it
/// is about half as long as the new one.
pub(in crate::pi) fn root_limbs(ratio: &Ratio, old: &Scaled, limbs: usize) -> usize {
    let work = limbs + 1;
    let (n, d) = (ratio.numerator.exponent, ratio.denominator.exponent);
    let least = (work + 1 + n.saturating_sub(d)).div_ceil(2);
    let of_old = (old.limbs.len() + n).saturating_sub(d);
    if of_old >= least && old.limbs.len() < work { of_old } else { least }
}

/// The fraction of pi in `limbs` limbs, a lower bound by less than two units.
///
/// `x` is the root to [`root_limbs`] limbs, and `radicand` is that of the root; without a radicand, `x` is
/// not looked at. A fraction `old` saves time if it is about half as long, and is empty if there is none.
///
/// # Panics
/// If numbers fail their proofs, which a sound machine never shows.
pub(in crate::pi) fn fraction_of_pi(
    ratio: Ratio,
    x: Limbs,
    radicand: Option<u64>,
    old: Scaled,
    limbs: usize,
) -> Scaled {
    let (work, h) = (limbs + 1, root_limbs(&ratio, &old, limbs));
    let k = h + ratio.denominator.exponent - ratio.numerator.exponent;
    let x = if radicand.is_some() { Scaled::exact(x) } else { one(h) };
    let Quotient { old, negative, part } = quotient(ratio, &x, old, k, work - k);
    let half = radicand.map(|radicand| {
        let (negative, e) = rest_of_root(&x.limbs, radicand, work - h + 2);
        let product = times_limb(&old.times(&e), 1 << 63);
        (negative, over_power(product, k + 2 * h + 2 - work))
    });
    drop(x);
    let mut pi = old;
    pi.exponent = work - k;
    pi.with_zeros_down_to(0);
    add(&mut pi, part, negative);
    if let Some((negative, half)) = half {
        add(&mut pi, half, negative);
    }
    without_integer(pi, work)
}

/// The upper limbs of `e`, and its sign.
fn rest_of_root(x: &[u64], radicand: u64, limbs: usize) -> (bool, Scaled) {
    let Rest { negative, magnitude, residue } = proven("a root", || rest(x, &[radicand]));
    let mut e = Scaled::with_residue(magnitude, 0, residue, false);
    e.truncate(limbs);
    (negative, e)
}

/// `B^exponent`.
fn one(exponent: usize) -> Scaled {
    Scaled { exponent, ..Scaled::exact(Limbs::from([1])) }
}

/// `N x / D` as `old + R / D`.
struct Quotient {
    /// In units of `B^-k`, with the integer of pi.
    old: Scaled,
    /// The sign and the magnitude of `R / D`, in units of `B^-(k + new)`.
    negative: bool,
    part: Scaled,
}

/// The quotient from a fraction `old` of `k` limbs, or from the top of `N x` if that is of no use.
fn quotient(ratio: Ratio, x: &Scaled, mut old: Scaled, k: usize, new: usize) -> Quotient {
    let Ratio { numerator: mut n, denominator: d } = ratio;
    // The lengths h and k make up for the exponents.
    n.exponent = 0;
    // Two limbs more than each of the quotients that it makes.
    let precision = new.max(k) + 2;
    let (y, of_y) = inverse(&d.limbs, precision);
    let expected = times(times(n.residue, x.residue), power_of_two(64 * x.exponent));
    let subtract = |multiple: &mut Wrapped| match *x.limbs {
        [1] => multiple.sub_shifted(&n.limbs, x.exponent),
        _ => multiple.sub_product(&n.limbs, &x.limbs),
    };
    let mut residual = None;
    if old.limbs.len() == k {
        old.limbs.push(3);
        old.residue = plus(old.residue, times(3, power_of_two(64 * k)));
        residual = residual_of(&d, &old, expected, subtract);
    }
    let (negative, mut residual) = residual.unwrap_or_else(|| {
        let whole = (n.limbs.len() < LONG).then(|| product(&n.limbs, &x.limbs));
        old = match &whole {
            Some(whole) => upper_quotient(whole, x.exponent, &y, (precision, d.limbs.len()), k),
            None => {
                let [of_n, of_x] = [&n, x].map(|factor| factor.limbs.len().saturating_sub(k + 2));
                let top = product(&n.limbs[of_n..], &x.limbs[of_x..]);
                upper_quotient(&top, x.exponent + of_n + of_x, &y, (precision, d.limbs.len()), k)
            }
        };
        let subtract = |multiple: &mut Wrapped| match &whole {
            Some(whole) => multiple.sub_shifted(whole, x.exponent),
            None => subtract(multiple),
        };
        proven("a quotient", || residual_of(&d, &old, expected, subtract))
    });
    let cut = precision + d.limbs.len() - new;
    drop((n, d));
    residual.truncate(new + 2);
    let part = residual.times(&Scaled::with_residue(y, 0, of_y, true));
    Quotient { old, negative, part: over_power(part, cut) }
}

/// The `k + 1` limbs of `product B^exponent / D`, from the inverse `y` of D.
fn upper_quotient(
    product: &[u64],
    exponent: usize,
    y: &[u64],
    (precision, d): (usize, usize),
    k: usize,
) -> Scaled {
    let below = product.len().saturating_sub(k + 2);
    let quotient = mul::product(&product[below..], y);
    let cut = precision + d - exponent - below;
    Scaled::exact(quotient.get(cut..).unwrap_or_default().into())
}

/// `N x - D old`, by its sign and magnitude, if it is small and has its residue: that of `N x` is
/// `expected`, and `subtract` subtracts that number.
fn residual_of(
    d: &Scaled,
    old: &Scaled,
    expected: u64,
    subtract: impl FnOnce(&mut Wrapped),
) -> Option<(bool, Scaled)> {
    /// Of `B^n`, where D has n limbs: most units by which `old` errs.
    const MOST: u64 = 1 << 11;
    let n = d.limbs.len();
    let mut minus_residual = Wrapped::product(&d.limbs, &old.limbs, n + 2);
    subtract(&mut minus_residual);
    let (positive, magnitude) = minus_residual.into_signed();
    let is_small = magnitude.len() <= n || (magnitude.len() == n + 1 && magnitude[n] < MOST);
    let expected = minus(expected, times(d.residue, old.residue));
    let found = residue(&magnitude);
    let is_right = is_small && expected == if positive { found } else { minus(0, found) };
    is_right.then(|| (!positive, Scaled::with_residue(magnitude, 0, found, false)))
}

/// `number / B^limbs`, cut.
fn over_power(mut number: Scaled, limbs: usize) -> Scaled {
    let cut = limbs.saturating_sub(number.exponent);
    number.truncate(number.limbs.len().saturating_sub(cut));
    number.exponent = number.exponent.saturating_sub(limbs);
    number
}

/// Adds a part to pi, or subtracts it.
fn add(pi: &mut Scaled, mut part: Scaled, negative: bool) {
    part.with_zeros_down_to(0);
    assert!(part.limbs.len() < pi.limbs.len(), "{NOT_PI}");
    let overflow = if negative {
        pi.residue = minus(pi.residue, part.residue);
        sub_in_place(&mut pi.limbs, &part.limbs)
    } else {
        pi.residue = plus(pi.residue, part.residue);
        add_in_place(&mut pi.limbs, &part.limbs)
    };
    assert!(!overflow, "{NOT_PI}");
}

/// The fraction without its lowest limb, as a lower bound, of pi in `work` limbs after the point.
fn without_integer(mut pi: Scaled, work: usize) -> Scaled {
    let borrow = sub_limb_in_place(&mut pi.limbs, ERROR);
    assert!(!borrow && pi.limbs.get(work..) == Some(&[3]), "{NOT_PI}");
    pi.limbs.truncate(work);
    let integer = times(3, power_of_two(64 * work));
    let residue = minus(minus(pi.residue, ERROR), integer);
    let mut fraction = Scaled::with_residue(pi.limbs, 0, residue, true);
    fraction.truncate(work - 1);
    fraction.exponent = 0;
    fraction
}

const NOT_PI: &str = "the quotient is not pi: do not trust this machine";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::sqrt::inverse_sqrt;
    use crate::bigint::testing::to_big;
    use crate::pi::series::chudnovsky::CHUDNOVSKY;
    use crate::pi::series::gosper::GOSPER;
    use crate::pi::series::{Closing, Series};
    use crate::pi::splitting::{Wanted, split};
    use num_bigint::BigUint;

    /// The ratio of a sum that is good for `limbs` limbs.
    fn ratio(series: &'static Series, limbs: usize, precision: Option<usize>) -> Ratio {
        let wanted = Wanted { precision, p: false, reduce: true, threads: 1 };
        Ratio::of(series, split(series, 1, series.terms_for(limbs + 1), wanted), limbs + 2)
    }

    fn computed(series: &'static Series, old: Scaled, limbs: usize, precision: Option<usize>) -> Scaled {
        let ratio = ratio(series, limbs, precision);
        let h = root_limbs(&ratio, &old, limbs);
        let (x, radicand) = match series.closing {
            Closing::RootOverSum { radicand, .. } => (inverse_sqrt(&[radicand], h), Some(radicand)),
            Closing::Sum => (Limbs::new(), None),
        };
        let fraction = fraction_of_pi(ratio, x, radicand, old, limbs);
        assert_eq!(fraction.limbs.len(), limbs);
        fraction.check();
        fraction
    }

    /// A lower bound by less than two units.
    fn assert_is_pi(fraction: &Scaled, context: &str) {
        let limbs = fraction.limbs.len();
        let exact: BigUint = to_big(&computed(&GOSPER, Scaled::default(), limbs + 2, None).limbs) >> 128;
        let below: BigUint = &exact - to_big(&fraction.limbs);
        assert!(below < BigUint::from(2u8), "{context}: {below}");
    }

    #[test]
    fn every_length_from_the_start() {
        for limbs in (3..80).chain([110, 133, 256, 333, 700]) {
            for series in [&CHUDNOVSKY, &GOSPER] {
                for precision in [None, Some(limbs + 1)] {
                    let fraction = computed(series, Scaled::default(), limbs, precision);
                    assert_is_pi(&fraction, &format!("{limbs} limbs"));
                }
            }
        }
    }

    #[test]
    fn from_every_length_to_twice_as_much() {
        let lengths =
            (8..90).step_by(9).flat_map(|from| [(from, from + 1), (from, from + 5), (from, 2 * from)]);
        for (from, to) in lengths.chain([(110, 220), (200, 330), (217, 434), (434, 867), (50, 200)]) {
            for series in [&CHUDNOVSKY, &GOSPER] {
                let old = computed(series, Scaled::default(), from, None);
                for precision in [None, Some(to + 1)] {
                    let fraction = computed(series, old.clone(), to, precision);
                    assert_is_pi(&fraction, &format!("{from} to {to} limbs"));
                }
            }
        }
    }

    /// An old fraction decides the length of the root only if it saves time.
    #[test]
    fn an_old_fraction_of_the_wrong_length_is_left_alone() {
        let ratio = ratio(&CHUDNOVSKY, 100, None);
        let h = |limbs| root_limbs(&ratio, &Scaled::exact(Limbs::from(&vec![1; limbs][..])), 100);
        assert_eq!([h(0), h(30), h(101), h(120)], [h(0); 4], "too short, or longer already");
        assert_eq!(h(53) - h(52), 1);
    }

    /// The residual is not small then, and the whole quotient is computed.
    #[test]
    fn an_old_fraction_with_a_flipped_bit_is_noticed() {
        for limbs in [50, 150] {
            for bit in [150, 64 * limbs / 2, 64 * limbs - 1] {
                for of_limbs in [false, true] {
                    let mut old = computed(&CHUDNOVSKY, Scaled::default(), limbs, None);
                    old.limbs[bit / 64] ^= 1 << (bit % 64);
                    // With the residue of the wrong limbs, or of the right ones.
                    let old = if of_limbs { Scaled::exact(old.limbs) } else { old };
                    let fraction = computed(&CHUDNOVSKY, old, 2 * limbs - 4, None);
                    assert_is_pi(&fraction, &format!("bit {bit} of {limbs} limbs"));
                }
            }
        }
    }
}
