//! Text in a radix that is no power of two, by divisions.
//!
//! ```text
//! text(n, 2^k limbs of digits) = text(n / p) text(n mod p),   p = radix^(half the digits)
//! ```
//!
//! Decimal text is faster by one fraction: [`super::format`]. Cost: a division of `2n` by `n` limbs
//! for each level of the tree. Source: MCA, 1.7.2.

use super::base::Base;
use super::{digit, square};
use crate::bigint::div::div_rem;
use crate::bigint::limbs::{cmp, div_limb_in_place, normalized, normalized_len};
use crate::bigint::proven::proven;
use crate::bigint::residue::residue;
use crate::bigint::thresholds::{PROVEN, RADIX_DIVISION};
use crate::memory::Limbs;
use std::cmp::Ordering;

/// The digits of `n`, normalized, with leading zeros; a long text has the residue that `n` has.
///
/// # Panics
/// If the text is wrong twice, which a sound machine never shows.
pub(super) fn to_digits(n: &[u64], radix: u64) -> Vec<u8> {
    let base = Base::new(radix);
    let value = |c| u64::from(char::from(c).to_digit(radix as u32).unwrap_or(0));
    proven("a number as text", || {
        let text = by_halves(n, &base);
        (n.len() < PROVEN || base.residue(&text, value) == residue(n)).then_some(text)
    })
}

fn by_halves(n: &[u64], base: &Base) -> Vec<u8> {
    // powers[i] = base.power^(2^i), up to the first that is above n.
    let mut powers = vec![Limbs::from([base.power])];
    while cmp(&powers[powers.len() - 1], n) != Ordering::Greater {
        powers.push(square(&powers[powers.len() - 1]));
    }
    powers.pop();
    let mut text = vec![b'0'; base.digits << powers.len()];
    fill(&mut text, n.into(), base, &powers);
    text
}

/// Fills `text`, which is long enough, with the digits of `n` and zeros before them.
fn fill(text: &mut [u8], n: Limbs, base: &Base, powers: &[Limbs]) {
    match powers.split_last() {
        Some((power, powers)) if n.len() >= RADIX_DIVISION => {
            let (high, low) = text.split_at_mut(text.len() / 2);
            let (quotient, rest) = div_rem(&n, power);
            drop(n);
            fill(high, normalized(&quotient).into(), base, powers);
            fill(low, normalized(&rest).into(), base, powers);
        }
        _ => by_limb(text, n, base),
    }
}

fn by_limb(text: &mut [u8], mut n: Limbs, base: &Base) {
    for chunk in text.rchunks_mut(base.digits) {
        if n.is_empty() {
            return;
        }
        let mut value = div_limb_in_place(&mut n, base.power);
        n.truncate(normalized_len(&n));
        for place in chunk.iter_mut().rev() {
            *place = digit(value % base.radix);
            value /= base.radix;
        }
    }
    // A quotient that a fault has made too long is found by the residue.
    #[cfg(test)]
    crate::bigint::fault::bytes(text);
}
