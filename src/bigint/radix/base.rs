//! A radix, and the digits of it that a limb holds.

use crate::bigint::residue::{plus, residue, times};

/// The digits of a limb, and the power of the radix above them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    pub(super) radix: u64,
    /// The most digits that fit a limb.
    pub(super) digits: usize,
    /// `radix^digits`.
    pub(super) power: u64,
}

impl Base {
    pub(super) const DECIMAL: Self = Self::new(10);

    /// The radix is 3 to 36 and no power of two.
    pub(super) const fn new(radix: u64) -> Self {
        let (mut digits, mut power) = (1, radix);
        while let Some(next) = power.checked_mul(radix) {
            (digits, power) = (digits + 1, next);
        }
        Self { radix, digits, power }
    }

    /// The residue of the number that digits stand for.
    pub(super) fn residue(&self, text: &[u8], value: impl Fn(u8) -> u64) -> u64 {
        let power = residue(&[self.power]);
        let (first, rest) = text.split_at(text.len() % self.digits);
        std::iter::once(first).chain(rest.chunks(self.digits)).fold(0, |sum, chunk| {
            let number = chunk.iter().fold(0, |number, &c| self.radix * number + value(c));
            plus(times(sum, power), residue(&[number]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_digits_as_a_limb_holds() {
        for radix in 3u64..=36 {
            let base = Base::new(radix);
            assert_eq!(radix.pow(base.digits as u32), base.power);
            assert!(u128::from(base.power) * u128::from(radix) > u128::from(u64::MAX));
        }
        assert_eq!((Base::DECIMAL.digits, Base::DECIMAL.power), (19, 10_000_000_000_000_000_000));
    }
}
