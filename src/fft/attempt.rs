//! One attempt at a product, checked by its certificate; and carries that products share.

use super::certify;
use super::modulus::Residue;
use super::plan::Design;
use super::run::{Operands, Product};
use super::sign::Sign;

/// Computes a product with this design; returns whether the certificate holds.
pub(super) fn attempt(design: &Design, operands: Operands<'_>, out: &mut [u64], expected: Residue) -> bool {
    let error = Product { design, operands, out: &mut *out }.run();
    certify::rounds(error) && certify::residue(out, &design.moduli, design.level) == expected
}

/// The residue of a product of a number with residue `a`, and of the number `b`.
pub(super) fn times_residue(design: &Design, a: Residue, b: &[u64]) -> Residue {
    design.moduli.times(a, certify::residue(b, &design.moduli, design.level))
}

/// `out += a` modulo `2^(64 out.len())`.
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

/// Turns two's complement into magnitude and sign.
pub(super) fn magnitude(x: &mut [u64]) -> Sign {
    if x.last().is_none_or(|top| top >> 63 == 0) {
        return Sign::Plus;
    }
    negate(x);
    Sign::Minus
}

/// `x = -x` modulo `2^(64 x.len())`.
pub(super) fn negate(x: &mut [u64]) {
    let mut carry = true;
    for x in x {
        (*x, carry) = (!*x).overflowing_add(u64::from(carry));
    }
}
