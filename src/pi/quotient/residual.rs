//! From a shorter pi to a longer one: only the new part is divided.
//!
//! ```text
//! pi = N root / D                         (the ratio of the sum)
//! R  = N root - D pi_old                  (the top limbs cancel, the lowest ones are not needed)
//! pi = pi_old + R / D
//! ```
//!
//! To twice as many limbs `n`, only the middle of R is needed. Wrap-around products of `3n/2` and
//! `n` limbs give that middle, and the quotient has half the length: 15 transforms of `n` limbs and
//! 1.5 for the check, where the whole quotient takes 26. Source: MCA, 3.4 (a quotient by its
//! residual).

use super::{ERROR, Ratio};
use crate::bigint::div::approximate_quotient;
use crate::bigint::limbs::{
    add_in_place, normalized, normalized_len, sub_limb_in_place, sub_same_len_in_place,
};
use crate::bigint::mul::Wrapped;
use crate::memory::Limbs;

/// The fraction of pi in `limbs` limbs, a lower bound by less than two units, from one that is
/// shorter.
///
/// `root` is that of [`super::fraction_of_pi`]. None if `old` has less than about half the limbs,
/// so that the whole quotient is as cheap, or if R is not small, which it always is on a sound
/// machine.
pub(in crate::pi) fn longer_fraction(
    old: &[u64],
    ratio: &Ratio,
    root: &[u64],
    limbs: usize,
) -> Option<Limbs> {
    let work = limbs + 1;
    let new = work.checked_sub(old.len())?;
    if new > old.len() + 8 || ratio.denominator.limbs.len() < new + 3 {
        return None;
    }
    let residual = residual(old, ratio, root, new)?;
    // As many limbs of the divisor as the quotient has, and two more.
    let divisor = &ratio.denominator.limbs;
    let divisor = &divisor[divisor.len() - new - 3..];
    let quotient = approximate_quotient(&residual, divisor.len() - 2, divisor);
    let mut pi = Limbs::dirty(work);
    pi[..new].fill(0);
    pi[new..].copy_from_slice(old);
    let carry = add_in_place(&mut pi, normalized(&quotient));
    let borrow = sub_limb_in_place(&mut pi, ERROR);
    assert!(!carry && !borrow, "the quotient is not pi: do not trust this machine");
    pi.cut_front(1);
    Some(pi)
}

/// Limbs `n - 2` up to `n + new + 2` of R, where D has `n` limbs and pi has `new` limbs more than
/// the old one.
///
/// Let `N 2^(64 e_N)` and `D 2^(64 e_D)` be the two numbers, `r` the limbs of the root, `P` those
/// of `3.old`. In units of the last limb of the new pi,
///
/// ```text
/// R = N r 2^(64 (e_N - e_D)) - D P 2^(64 new)  =  D (pi - pi_old)  <  2 D 2^(64 new)
/// ```
/// as pi is less than two units above the old one. So R has at most `n + new + 1` limbs, and the
/// limb on top of them, the last one that is computed, must be zero. Limb `i` of R takes limb
/// `i + e_D - e_N` of `N r` and limb `i - new` of `D P`; the caller has made sure that
/// `n - 2 >= new`.
fn residual(old: &[u64], ratio: &Ratio, root: &[u64], new: usize) -> Option<Limbs> {
    let Ratio { numerator, denominator } = ratio;
    let (from, len) = (denominator.limbs.len() - 2, new + 4);
    let numerator_from = (from + denominator.exponent).checked_sub(numerator.exponent)?;
    let mut residual = if root.is_empty() {
        shifted(&numerator.limbs, old.len() + new, numerator_from, len)
    } else {
        middle(&numerator.limbs, root, numerator_from, len)
    };
    let mut pi = Limbs::with_capacity(old.len() + 1);
    pi.extend_from_slice(old);
    pi.push(3);
    let multiple = middle(&denominator.limbs, &pi, from - new, len);
    // Both are modulo 2^(64 len), and so is the difference.
    let _ = sub_same_len_in_place(&mut residual, &multiple);
    let significant = normalized_len(&residual);
    residual.truncate(significant);
    (0 < significant && significant < len).then_some(residual)
}

/// The limbs `from..from + len` of `a b` modulo `2^(64 len)`, to within two units.
fn middle(a: &[u64], b: &[u64], from: usize, len: usize) -> Limbs {
    // The a.len() + b.len() - m limbs that wrap around end at or below `from`; only a borrow goes
    // on.
    let min_limbs = (from + len).max((a.len() + b.len()).saturating_sub(from));
    let mut product = Wrapped::certified_product(a, b, min_limbs).into_limbs();
    product.truncate(from + len);
    product.cut_front(from);
    product
}

/// The limbs `from..from + len` of `number 2^(64 shift)`.
fn shifted(number: &[u64], shift: usize, from: usize, len: usize) -> Limbs {
    let mut out = Limbs::zeroed(len);
    for (i, limb) in out.iter_mut().enumerate() {
        *limb = (from + i).checked_sub(shift).and_then(|i| number.get(i)).copied().unwrap_or(0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::sqrt::inverse_sqrt;
    use crate::bigint::testing::to_big;
    use crate::pi::pqt::Pqt;
    use crate::pi::quotient::fraction_of_pi;
    use crate::pi::series::chudnovsky::CHUDNOVSKY;
    use crate::pi::series::gosper::GOSPER;
    use crate::pi::series::{Closing, Series};
    use crate::pi::splitting::{Wanted, split};
    use num_bigint::BigUint;

    /// A sum that is good for `limbs` limbs, and the root.
    fn sum_and_root(series: &'static Series, limbs: usize, precision: Option<usize>) -> (Pqt, Limbs) {
        let sum = split(
            series,
            1,
            series.terms_for(limbs + 1),
            Wanted { precision, p: false, reduce: true, threads: 1 },
        );
        let root = match series.closing {
            Closing::RootOverSum { radicand, .. } => inverse_sqrt(&[radicand], limbs + 1),
            Closing::Sum => Limbs::new(),
        };
        (sum, root)
    }

    fn whole(series: &'static Series, limbs: usize) -> Limbs {
        let (sum, root) = sum_and_root(series, limbs, None);
        fraction_of_pi(Ratio::of(series, sum, limbs + 2), root, limbs)
    }

    fn longer(series: &'static Series, old: &[u64], limbs: usize, precision: Option<usize>) -> Option<Limbs> {
        let (sum, root) = sum_and_root(series, limbs, precision);
        longer_fraction(old, &Ratio::of(series, sum, limbs + 2), &root, limbs)
    }

    fn check(series: &'static Series, from: usize, to: usize) {
        let old = whole(series, from);
        let exact: BigUint = to_big(&whole(series, to + 2)) >> 128;
        for precision in [None, Some(to + 1)] {
            let longer = longer(series, &old, to, precision).expect("it is not too short");
            assert_eq!(longer.len(), to);
            let below: BigUint = &exact - to_big(&longer);
            assert!(below < BigUint::from(2u8), "{from} to {to} limbs: {below}");
        }
    }

    #[test]
    fn from_every_length_to_twice_as_much() {
        for (from, to) in
            (8..90).step_by(9).flat_map(|from| [(from, from + 1), (from, from + 5), (from, 2 * from)])
        {
            check(&CHUDNOVSKY, from, to);
            check(&GOSPER, from, to);
        }
        for (from, to) in [(110, 220), (200, 330), (217, 434), (434, 868), (1000, 2007)] {
            check(&CHUDNOVSKY, from, to);
        }
        check(&GOSPER, 217, 434);
    }

    #[test]
    fn an_old_fraction_of_the_wrong_length_is_left_alone() {
        let old = whole(&CHUDNOVSKY, 50);
        assert!(longer(&CHUDNOVSKY, &old, 100, None).is_some());
        assert!(longer(&CHUDNOVSKY, &old, 120, None).is_none(), "too short");
        assert!(longer(&CHUDNOVSKY, &old, 40, None).is_none(), "longer already");
        assert!(longer(&CHUDNOVSKY, &[], 40, None).is_none(), "nothing");
    }

    /// The residual is not small then, and the caller computes the whole quotient.
    #[test]
    fn an_old_fraction_with_a_flipped_bit_is_noticed() {
        for limbs in [50, 150] {
            for bit in [150, 64 * limbs / 2, 64 * limbs - 1] {
                let mut old = whole(&CHUDNOVSKY, limbs);
                old[bit / 64] ^= 1 << (bit % 64);
                assert!(longer(&CHUDNOVSKY, &old, 2 * limbs, None).is_none(), "bit {bit} of {limbs} limbs");
            }
        }
    }
}
