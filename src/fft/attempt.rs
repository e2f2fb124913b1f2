//! One attempt at a product, held to its certificate; and the carries that products share.

use super::certify;
use super::modulus::times;
use super::plan::Design;
use super::run::{Operands, Product};
use super::sign::Sign;

/// One product with this design; whether its certificate holds.
pub(super) fn attempt(design: &Design, operands: Operands<'_>, out: &mut [u64], expected: u64) -> bool {
    let error = Product { design, operands, out: &mut *out }.run();
    error <= certify::MAX_ROUNDING_ERROR
        && (out.len() < certify::RESIDUE_FROM
            || certify::residue(out, certify::prime(design), design.level) == expected)
}

pub(super) fn times_residue(design: &Design, a: u64, b: &[u64]) -> u64 {
    let p = certify::prime(design);
    times(a, certify::residue(b, p, design.level), p)
}

pub(super) fn add_to(out: &mut [u64], a: &[u64]) {
    let mut carry = false;
    let (low, high) = out.split_at_mut(a.len());
    for (o, &a) in low.iter_mut().zip(a) {
        let (s, c) = o.overflowing_add(a);
        let (s, d) = s.overflowing_add(u64::from(carry));
        (*o, carry) = (s, c | d);
    }
    for o in high {
        if !carry {
            return;
        }
        (*o, carry) = o.overflowing_add(1);
    }
}

/// Two's complement to magnitude and sign.
pub(super) fn magnitude(x: &mut [u64]) -> Sign {
    if x.last().is_none_or(|top| top >> 63 == 0) {
        return Sign::Plus;
    }
    let mut carry = true;
    for x in x {
        (*x, carry) = (!*x).overflowing_add(u64::from(carry));
    }
    Sign::Minus
}
