//! Decimal text: [`fraction`] to digits, [`format`] for integers, [`parse`] back.

mod format;
pub(crate) mod fraction;
mod parse;
mod power;

pub(crate) use format::to_decimal;
pub(crate) use parse::from_decimal;
pub(crate) use power::{power_of_five, square};

/// Decimal digits that fit a limb.
const LIMB_DIGITS: usize = 19;
/// `10^19`, the largest power of ten in a limb.
const LIMB_POWER: u64 = 10_000_000_000_000_000_000;

/// Limbs that hold `digits` decimal digits, rounded up.
pub(crate) const fn limbs_for_digits(digits: usize) -> usize {
    // log2(10) / 64 = 0.0519051268...; 4 decimals above, 64-bit arithmetic to 10^15 digits.
    (digits as u128 * 519_051_269 / 10_000_000_000) as usize + 1
}
