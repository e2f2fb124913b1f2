//! Numbers with a sign.

use super::natural::{Natural, ParseError, text_of};
use super::operators::{assign_operators, binary_operators};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::str::FromStr;

/// An integer of any length: a sign and a magnitude.
///
/// Division truncates towards zero and the remainder has the sign of the
/// dividend, as for the built-in integers.
///
/// ```
/// use pi_spigot::bigint::Integer;
///
/// let x: Integer = "-100000000000000000000".parse()?;
/// let (q, r) = x.div_rem(&Integer::from(7));
/// assert_eq!((q.to_string().as_str(), r), ("-14285714285714285714", Integer::from(-2)));
/// # Ok::<(), pi_spigot::bigint::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Integer {
    /// Never set for zero.
    negative: bool,
    magnitude: Natural,
}

impl Integer {
    /// The number of this magnitude, negated if `negative`.
    #[must_use]
    pub fn new(negative: bool, magnitude: Natural) -> Self {
        Self { negative: negative && !magnitude.is_zero(), magnitude }
    }

    /// Whether this is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The absolute value.
    #[must_use]
    pub fn magnitude(&self) -> &Natural {
        &self.magnitude
    }

    /// The absolute value, taken out.
    #[must_use]
    pub fn into_magnitude(self) -> Natural {
        self.magnitude
    }

    /// Quotient, towards zero, and remainder.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let (q, r) = self.magnitude.div_rem(&divisor.magnitude);
        (Self::new(self.negative != divisor.negative, q), Self::new(self.negative, r))
    }

    /// `self + other`, or minus `other`.
    fn add_signed(&self, other: &Self, subtract: bool) -> Self {
        let other_negative = other.negative != subtract;
        if self.negative == other_negative {
            return Self::new(self.negative, &self.magnitude + &other.magnitude);
        }
        match self.magnitude.checked_sub(&other.magnitude) {
            Some(difference) => Self::new(self.negative, difference),
            None => Self::new(other_negative, &other.magnitude - &self.magnitude),
        }
    }
}

impl From<Natural> for Integer {
    fn from(magnitude: Natural) -> Self {
        Self::new(false, magnitude)
    }
}

macro_rules! from_primitives {
    ($($primitive:ty)*) => {$(
        impl From<$primitive> for Integer {
            #[allow(unused_comparisons)]
            fn from(value: $primitive) -> Self {
                let wide = value as i128;
                Self::new(value < 0, Natural::from(wide.unsigned_abs()))
            }
        }
    )*};
}
from_primitives!(i8 i16 i32 i64 isize i128 u8 u16 u32 u64 usize);

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude.cmp(&other.magnitude),
            (true, true) => other.magnitude.cmp(&self.magnitude),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Neg for Integer {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(!self.negative, self.magnitude)
    }
}

impl Add for &Integer {
    type Output = Integer;

    fn add(self, other: Self) -> Integer {
        self.add_signed(other, false)
    }
}

impl Sub for &Integer {
    type Output = Integer;

    fn sub(self, other: Self) -> Integer {
        self.add_signed(other, true)
    }
}

impl Mul for &Integer {
    type Output = Integer;

    fn mul(self, other: Self) -> Integer {
        Integer::new(self.negative != other.negative, &self.magnitude * &other.magnitude)
    }
}

impl Div for &Integer {
    type Output = Integer;

    fn div(self, other: Self) -> Integer {
        self.div_rem(other).0
    }
}

impl Rem for &Integer {
    type Output = Integer;

    fn rem(self, other: Self) -> Integer {
        self.div_rem(other).1
    }
}

binary_operators!(Integer: Add add, Sub sub, Mul mul, Div div, Rem rem);
assign_operators!(Integer: AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /, RemAssign rem_assign %);

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(!self.negative, "", &text_of(self.magnitude.limbs()))
    }
}

impl FromStr for Integer {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let sign_len = text.len() - digits.len();
        let magnitude = digits.parse().map_err(|error| match error {
            ParseError::NotADigit(at) => ParseError::NotADigit(at + sign_len),
            ParseError::Empty => error,
        })?;
        Ok(Self::new(text.starts_with('-'), magnitude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_i128(a in -(1i128 << 63)..1 << 63, b in -(1i128 << 63)..1 << 63, small in -9i128..10) {
            for b in [b, small, -a] {
                let (x, y) = (Integer::from(a), Integer::from(b));
                prop_assert_eq!(&x + &y, Integer::from(a + b));
                prop_assert_eq!(&x - &y, Integer::from(a - b));
                prop_assert_eq!(&x * &small.into(), Integer::from(a * small));
                prop_assert_eq!(x.cmp(&y), a.cmp(&b));
                prop_assert_eq!(x.to_string(), a.to_string());
                prop_assert_eq!(a.to_string().parse(), Ok(x.clone()));
                if b != 0 {
                    prop_assert_eq!(x.div_rem(&y), (Integer::from(a / b), Integer::from(a % b)));
                }
            }
        }
    }

    #[test]
    fn signs() {
        assert_eq!("+5".parse(), Ok(Integer::from(5)));
        assert_eq!("-0".parse(), Ok(Integer::default()));
        assert_eq!("-1-".parse::<Integer>(), Err(ParseError::NotADigit(2)));
        assert_eq!(-Integer::from(3), Integer::from(-3));
        assert_eq!(format!("{:+}", Integer::from(7)), "+7");
    }
}
