//! From a shorter pi to a longer one: only what is new is divided.
//!
//! ```text
//! pi = N root / D                         (the ratio of super::quotient)
//! R  = N root - D pi_old                  (its top is zero, its end of no use)
//! pi = pi_old + R / D
//! ```
//!
//! To twice as many limbs `n`, R is needed in the middle only: wrap-around products of `3n/2` and `n`
//! limbs give that, and the quotient has half the length. That is 15 transforms of `n` limbs and 1.5 for
//! the proof, where the whole quotient takes 26. Source: MCA, 3.4 (a quotient by its residual).

use super::quotient::{ERROR, Ratio, proved_quotient};
use crate::bigint::div::approximate_quotient;
use crate::bigint::limbs::{
    add_in_place, normalized, normalized_len, sub_limb_in_place, sub_same_len_in_place,
};
use crate::bigint::mul::Wrapped;
use crate::memory::Limbs;

/// The fraction of pi in `limbs` limbs, a lower bound by less than two units, from one that is shorter.
///
/// `root` is that of [`super::quotient::fraction_of_pi`]. None if `old` has less than about half the limbs,
/// which makes it no cheaper, or if R is not small, which on a sound machine it always is.
pub(super) fn longer_fraction(old: &[u64], ratio: &Ratio, root: &[u64], limbs: usize) -> Option<Limbs> {
    let work = limbs + 1;
    let new = work.checked_sub(old.len())?;
    if new > old.len() + 8 || ratio.denominator.limbs.len() < new + 3 {
        return None;
    }
    let residual = residual(old, ratio, root, new)?;
    // As many limbs of the divisor as the quotient has, and two more.
    let divisor = &ratio.denominator.limbs;
    let divisor = &divisor[divisor.len() - new - 3..];
    let quotient = proved_quotient(&residual, divisor.len() - 2, divisor, approximate_quotient);
    let mut pi = Limbs::dirty(work);
    pi[..new].fill(0);
    pi[new..].copy_from_slice(old);
    let carry = add_in_place(&mut pi, normalized(&quotient));
    let borrow = sub_limb_in_place(&mut pi, ERROR);
    debug_assert!(!carry && !borrow);
    pi.cut_front(1);
    Some(pi)
}

/// `R / 2^(64 (n - 2))`, where D has `n` limbs and pi `new` limbs more than the old one.
///
/// R is less than `2 D 2^(64 new)`, as pi is less than two units above the old one. So it has one limb
/// more than `n + new`, and a limb on top of that which must be zero.
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
    // Modulo 2^(64 len): what is above has gone.
    let _ = sub_same_len_in_place(&mut residual, &multiple);
    let significant = normalized_len(&residual);
    residual.truncate(significant);
    (0 < significant && significant < len).then_some(residual)
}

/// The limbs `from..from + len` of `a b` modulo `2^(64 len)`, to within two units.
fn middle(a: &[u64], b: &[u64], from: usize, len: usize) -> Limbs {
    // What wraps around stays below the middle.
    let min_limbs = (from + len).max((a.len() + b.len()).saturating_sub(from));
    let mut product = Wrapped::product(a, b, min_limbs).into_limbs();
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
    use crate::pi::binary_splitting::{Pqt, Wanted, split};
    use crate::pi::quotient::fraction_of_pi;
    use crate::pi::series::{Chudnovsky, Closing, Gosper, Series};
    use num_bigint::BigUint;

    /// A sum that is good for `limbs` limbs, and the root.
    fn sum_and_root<S: Series>(limbs: usize, precision: Option<usize>) -> (Pqt, Limbs) {
        let sum = split::<S>(1, S::terms_for(limbs + 1), Wanted { precision, p: false, threads: 1 });
        let root = match S::CLOSING {
            Closing::RootOverSum { radicand, .. } => inverse_sqrt(&[radicand], limbs + 1),
            Closing::Sum => Limbs::new(),
        };
        (sum, root)
    }

    fn whole<S: Series>(limbs: usize) -> Limbs {
        let (sum, root) = sum_and_root::<S>(limbs, None);
        fraction_of_pi(Ratio::of(S::KNOWN, sum, limbs + 2), root, limbs)
    }

    fn longer<S: Series>(old: &[u64], limbs: usize, precision: Option<usize>) -> Option<Limbs> {
        let (sum, root) = sum_and_root::<S>(limbs, precision);
        longer_fraction(old, &Ratio::of(S::KNOWN, sum, limbs + 2), &root, limbs)
    }

    fn check<S: Series>(from: usize, to: usize) {
        let old = whole::<S>(from);
        let exact: BigUint = to_big(&whole::<S>(to + 2)) >> 128;
        for precision in [None, Some(to + 1)] {
            let longer = longer::<S>(&old, to, precision).expect("it is not too short");
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
            check::<Chudnovsky>(from, to);
            check::<Gosper>(from, to);
        }
        for (from, to) in [(110, 220), (200, 330), (217, 434), (434, 868), (1000, 2007)] {
            check::<Chudnovsky>(from, to);
        }
        check::<Gosper>(217, 434);
    }

    #[test]
    fn what_is_no_help_is_left_alone() {
        let old = whole::<Chudnovsky>(50);
        assert!(longer::<Chudnovsky>(&old, 100, None).is_some());
        assert!(longer::<Chudnovsky>(&old, 120, None).is_none(), "too short");
        assert!(longer::<Chudnovsky>(&old, 40, None).is_none(), "longer already");
        assert!(longer::<Chudnovsky>(&[], 40, None).is_none(), "nothing");
    }

    /// The residual shows it, and the whole quotient is computed instead.
    #[test]
    fn an_old_fraction_with_a_flipped_bit_is_noticed() {
        for limbs in [50, 150] {
            for bit in [150, 64 * limbs / 2, 64 * limbs - 1] {
                let mut old = whole::<Chudnovsky>(limbs);
                old[bit / 64] ^= 1 << (bit % 64);
                assert!(longer::<Chudnovsky>(&old, 2 * limbs, None).is_none(), "bit {bit} of {limbs} limbs");
            }
        }
    }
}
