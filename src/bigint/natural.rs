//! Numbers 0, 1, 2 and on.

use super::div::{div_exact, div_rem};
use super::limbs::{
    add_in_place, cmp, normalized_len, rem_limb, shl_in_place, shr_in_place, sub_in_place, sub_limb_in_place,
};
use super::mul::{product, squared};
use super::operators::{assign_operators, binary_operators};
use super::radix::{from_decimal, to_decimal};
use super::sqrt::inverse_sqrt;
use crate::memory::Limbs;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Rem, Shl, Shr, Sub};
use std::str::FromStr;

/// A natural number of any length.
///
/// ```
/// use pi_spigot::bigint::Natural;
///
/// let googol = Natural::from(10u8).pow(100);
/// assert_eq!((&googol + &Natural::from(1u8)).to_string().len(), 101);
/// assert_eq!("340282366920938463463374607431768211456".parse::<Natural>()?, Natural::from(1u8) << 128);
/// assert_eq!(googol.sqrt(), Natural::from(10u8).pow(50));
/// # Ok::<(), pi_spigot::bigint::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Natural {
    /// Least significant first, normalized.
    limbs: Limbs,
}

impl Natural {
    /// The number `limbs[0] + limbs[1] 2^64 + ...`.
    #[must_use]
    pub fn from_limbs(limbs: impl Into<Limbs>) -> Self {
        let mut limbs = limbs.into();
        limbs.truncate(normalized_len(&limbs));
        Self { limbs }
    }

    /// The limbs, least significant first, the last of them not zero.
    #[must_use]
    pub fn limbs(&self) -> &[u64] {
        &self.limbs
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The length in bits; 0 for 0.
    #[must_use]
    pub fn bit_len(&self) -> u64 {
        let top_zeros = self.limbs.last().map_or(0, |top| top.leading_zeros());
        64 * self.limbs.len() as u64 - u64::from(top_zeros)
    }

    /// The square; about two thirds of the cost of a product.
    #[must_use]
    pub fn square(&self) -> Self {
        Self::from_limbs(squared(&self.limbs))
    }

    /// The power; `0^0` is 1.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Self {
        let mut power = Self::from(1u8);
        for bit in (0..u32::BITS - exponent.leading_zeros()).rev() {
            power = power.square();
            if exponent >> bit & 1 == 1 {
                power = &power * self;
            }
        }
        power
    }

    /// The difference, or none if it were negative.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        (self >= other).then(|| {
            let mut limbs = self.limbs.clone();
            let borrow = sub_in_place(&mut limbs, &other.limbs);
            debug_assert!(!borrow);
            Self::from_limbs(limbs)
        })
    }

    /// Quotient and remainder in one go.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let (q, r) = div_rem(&self.limbs, &divisor.limbs);
        (Self::from_limbs(q), Self::from_limbs(r))
    }

    /// The quotient by a divisor that is known to leave no remainder: twice as
    /// fast as a division where that is schoolbook. Meaningless if there is one.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_exact(&self, divisor: &Self) -> Self {
        Self::from_limbs(div_exact(&self.limbs, &divisor.limbs))
    }

    /// The remainder of a division by one limb.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn rem_u64(&self, divisor: u64) -> u64 {
        assert!(divisor > 0, "division by zero");
        rem_limb(&self.limbs, divisor)
    }

    /// The floor of the square root.
    ///
    /// Cost: about three products of the root's length.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        if self.limbs.len() <= 2 {
            let value = self.limbs.iter().rev().fold(0u128, |value, &limb| value << 64 | u128::from(limb));
            return Self::from(value.isqrt());
        }
        let mut root = self.sqrt_estimate();
        while root.square() > *self {
            let _ = sub_limb_in_place(&mut root.limbs, 1);
            root = Self::from_limbs(root.limbs);
        }
        loop {
            let next = &root + &Self::from(1u8);
            if next.square() > *self {
                return root;
            }
            root = next;
        }
    }

    /// The square root to a few units.
    fn sqrt_estimate(&self) -> Self {
        // An even shift makes the top limb at least a quarter full; an even
        // number of limbs makes the root one of whole limbs.
        let bits = self.limbs[self.limbs.len() - 1].leading_zeros() & !1;
        let mut d = Limbs::zeroed(self.limbs.len() % 2);
        d.extend_from_slice(&self.limbs);
        let _ = shl_in_place(&mut d, bits);
        let n = d.len() / 2 + 1;
        // x = B^n sqrt(B^(2n-2) / d), so that d x is the root times B^(2n-1).
        let x = inverse_sqrt(&d, n);
        let root = Self::from_limbs(product(&d[d.len() - n.min(d.len())..], &x));
        let cut = d.len() - n.min(d.len());
        root >> (64 * (2 * n as u64 - 1 - cut as u64)
            + u64::from(bits / 2)
            + 32 * (self.limbs.len() as u64 % 2))
    }
}

macro_rules! from_primitives {
    ($($primitive:ty)*) => {$(
        impl From<$primitive> for Natural {
            fn from(value: $primitive) -> Self {
                let value = value as u128;
                Self::from_limbs([value as u64, (value >> 64) as u64])
            }
        }
    )*};
}
from_primitives!(u8 u16 u32 u64 usize u128);

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        cmp(&self.limbs, &other.limbs)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for &Natural {
    type Output = Natural;

    fn add(self, other: Self) -> Natural {
        let (long, short) = if self.limbs.len() < other.limbs.len() { (other, self) } else { (self, other) };
        let mut limbs = Limbs::with_capacity(long.limbs.len() + 1);
        limbs.extend_from_slice(&long.limbs);
        if add_in_place(&mut limbs, &short.limbs) {
            limbs.push(1);
        }
        Natural { limbs }
    }
}

impl Sub for &Natural {
    type Output = Natural;

    /// # Panics
    /// If the difference is negative: use [`Natural::checked_sub`] or [`super::Integer`].
    fn sub(self, other: Self) -> Natural {
        self.checked_sub(other).expect("the difference of two natural numbers is negative")
    }
}

impl Mul for &Natural {
    type Output = Natural;

    fn mul(self, other: Self) -> Natural {
        Natural::from_limbs(product(&self.limbs, &other.limbs))
    }
}

impl Div for &Natural {
    type Output = Natural;

    fn div(self, other: Self) -> Natural {
        self.div_rem(other).0
    }
}

impl Rem for &Natural {
    type Output = Natural;

    fn rem(self, other: Self) -> Natural {
        self.div_rem(other).1
    }
}

impl Shl<u64> for Natural {
    type Output = Self;

    fn shl(self, bits: u64) -> Self {
        let whole = usize::try_from(bits / 64).expect("a shift beyond memory");
        let mut limbs = Limbs::with_capacity(whole + self.limbs.len() + 1);
        limbs.resize(whole);
        limbs.extend_from_slice(&self.limbs);
        let top = shl_in_place(&mut limbs, (bits % 64) as u32);
        limbs.push(top);
        Self::from_limbs(limbs)
    }
}

impl Shr<u64> for Natural {
    type Output = Self;

    fn shr(mut self, bits: u64) -> Self {
        let whole = usize::try_from(bits / 64).unwrap_or(usize::MAX).min(self.limbs.len());
        self.limbs.cut_front(whole);
        shr_in_place(&mut self.limbs, (bits % 64) as u32);
        Self::from_limbs(self.limbs)
    }
}

binary_operators!(Natural: Add add, Sub sub, Mul mul, Div div, Rem rem);
assign_operators!(Natural: AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /, RemAssign rem_assign %);

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "", &text_of(&self.limbs))
    }
}

/// Decimal digits as text.
pub(super) fn text_of(limbs: &[u64]) -> String {
    String::from_utf8(to_decimal(limbs)).expect("digits are ASCII")
}

/// What was read as a number is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// There is no digit.
    Empty,
    /// The byte at this offset is not a decimal digit.
    NotADigit(usize),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a number needs at least one digit"),
            Self::NotADigit(at) => write!(f, "byte {at} is not a decimal digit"),
        }
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Natural {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.is_empty() {
            return Err(ParseError::Empty);
        }
        match text.bytes().position(|byte| !byte.is_ascii_digit()) {
            Some(at) => Err(ParseError::NotADigit(at)),
            None => Ok(Self { limbs: from_decimal(text.as_bytes()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{numbers, patterns, to_big};
    use proptest::prelude::*;

    fn natural(limbs: &[u64]) -> Natural {
        Natural::from_limbs(limbs.to_vec())
    }

    fn check_sqrt(n: &[u64]) {
        assert_eq!(to_big(natural(n).sqrt().limbs()), to_big(n).sqrt(), "{} limbs", n.len());
    }

    proptest! {
        #[test]
        fn laws(a in numbers(20), b in numbers(20), bits in 0u64..200) {
            let (x, y) = (natural(&a), natural(&b));
            let (big_x, big_y) = (to_big(&a), to_big(&b));
            prop_assert_eq!((&x + &y).to_string(), (&big_x + &big_y).to_string());
            prop_assert_eq!((&x * &y).to_string(), (&big_x * &big_y).to_string());
            prop_assert_eq!(&(&x + &y) - &y, x.clone());
            prop_assert_eq!(x.cmp(&y), big_x.cmp(&big_y));
            prop_assert_eq!((x.clone() << bits).to_string(), (&big_x << bits).to_string());
            prop_assert_eq!((x.clone() >> bits).to_string(), (&big_x >> bits).to_string());
            prop_assert_eq!(x.bit_len(), big_x.bits());
            prop_assert_eq!(x.to_string().parse::<Natural>(), Ok(x.clone()));
            if !y.is_zero() {
                let (q, r) = x.div_rem(&y);
                prop_assert!(r < y);
                prop_assert_eq!((&x * &y).div_exact(&y), x.clone());
                prop_assert_eq!(&q * &y + r, x);
            }
        }

        #[test]
        fn square_roots(a in numbers(12)) {
            check_sqrt(&a);
            let square = natural(&a).square();
            check_sqrt(square.limbs());
            if !square.is_zero() {
                check_sqrt((square - Natural::from(1u8)).limbs());
            }
        }
    }

    #[test]
    fn long_square_roots() {
        for n in [3, 4, 5, 63, 64, 65, 200, 301] {
            patterns(n).iter().for_each(|n| check_sqrt(n));
        }
    }

    #[test]
    fn what_is_not_a_number() {
        assert_eq!("".parse::<Natural>(), Err(ParseError::Empty));
        assert_eq!("12-4".parse::<Natural>(), Err(ParseError::NotADigit(2)));
        assert_eq!("000".parse::<Natural>(), Ok(Natural::default()));
        assert_eq!(Natural::default().to_string(), "0");
        assert_eq!(format!("{:>5}", Natural::from(42u8)), "   42");
    }
}
