//! A radix, and what of its digits a limb holds.

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
