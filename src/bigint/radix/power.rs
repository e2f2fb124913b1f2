//! Powers of five: powers of ten without their shifts.

use crate::bigint::limbs::{mul_limb_in_place, normalized_len};
use crate::bigint::mul;
use crate::memory::Limbs;

/// `5^27`, the largest power of five in a limb.
const FIVE_27: u64 = 7_450_580_596_923_828_125;

/// `5^exponent`, normalized. Cost: about that of its last squaring, twice.
#[must_use]
pub(crate) fn power_of_five(exponent: usize) -> Limbs {
    if exponent <= 27 {
        return Limbs::from([5u64.pow(exponent as u32)]);
    }
    if exponent < 27 * 24 {
        let mut power = Limbs::with_capacity(exponent / 27 + 1);
        power.push(5u64.pow((exponent % 27) as u32));
        for _ in 0..exponent / 27 {
            multiply_by_limb(&mut power, FIVE_27);
        }
        return power;
    }
    let mut power = square(&power_of_five(exponent / 2));
    if exponent % 2 == 1 {
        multiply_by_limb(&mut power, 5);
    }
    power
}

/// `a^2`, normalized.
#[must_use]
pub(crate) fn square(a: &[u64]) -> Limbs {
    let mut out = mul::squared(a);
    out.truncate(normalized_len(&out));
    out
}

fn multiply_by_limb(a: &mut Limbs, limb: u64) {
    let top = mul_limb_in_place(a, limb, 0);
    if top != 0 {
        a.push(top);
    }
}
