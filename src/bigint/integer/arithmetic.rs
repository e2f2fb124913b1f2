//! `+ - * / %` in all forms.

use super::Integer;
use crate::bigint::Natural;
use crate::bigint::operators::{
    by_reference, by_value_in_place, primitive_left_operands, primitive_operands,
};
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Rem, RemAssign, Sub, SubAssign};

impl Integer {
    /// Adds a number of this magnitude and sign, in place.
    fn add_signed(&mut self, magnitude: &Natural, negative: bool) {
        if self.negative == negative {
            self.magnitude += magnitude;
        } else if self.magnitude >= *magnitude {
            self.magnitude -= magnitude;
        } else {
            self.magnitude.subtract_from(magnitude);
            self.negative = negative;
        }
        self.mend_sign();
    }

    /// Zero is not negative.
    fn mend_sign(&mut self) {
        self.negative &= !self.magnitude.is_zero();
    }
}

impl AddAssign<&Self> for Integer {
    fn add_assign(&mut self, other: &Self) {
        self.add_signed(&other.magnitude, other.negative);
    }
}

impl SubAssign<&Self> for Integer {
    fn sub_assign(&mut self, other: &Self) {
        self.add_signed(&other.magnitude, !other.negative);
    }
}

/// `a + b`, or `a - b`, in new memory.
fn sum(a: &Integer, b: &Integer, subtract: bool) -> Integer {
    let b_negative = b.negative != subtract;
    if a.negative == b_negative {
        return Integer::new(a.negative, &a.magnitude + &b.magnitude);
    }
    match a.magnitude.checked_sub(&b.magnitude) {
        Some(difference) => Integer::new(a.negative, difference),
        None => Integer::new(b_negative, &b.magnitude - &a.magnitude),
    }
}

impl Add for &Integer {
    type Output = Integer;

    fn add(self, other: Self) -> Integer {
        sum(self, other, false)
    }
}

impl Sub for &Integer {
    type Output = Integer;

    fn sub(self, other: Self) -> Integer {
        sum(self, other, true)
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

by_value_in_place!(Integer: Add add AddAssign add_assign, Sub sub SubAssign sub_assign);
by_reference!(
    Integer: Mul mul MulAssign mul_assign, Div div DivAssign div_assign,
    Rem rem RemAssign rem_assign
);

/// Operands of at most 128 bits.
impl Integer {
    fn add_primitive(&mut self, other: i128) {
        let negative = other < 0;
        match u64::try_from(other.unsigned_abs()) {
            Ok(limb) if self.negative == negative => self.magnitude.add_limb(limb),
            _ => self.add_signed(&Natural::from(other.unsigned_abs()), negative),
        }
    }

    fn sub_primitive(&mut self, other: i128) {
        match other.checked_neg() {
            Some(negated) => self.add_primitive(negated),
            None => *self -= Self::from(other),
        }
    }

    fn mul_primitive(&mut self, other: i128) {
        match u64::try_from(other.unsigned_abs()) {
            Ok(limb) => self.magnitude.mul_limb(limb),
            Err(_) => self.magnitude *= Natural::from(other.unsigned_abs()),
        }
        self.negative ^= other < 0;
        self.mend_sign();
    }

    fn div_primitive(&mut self, other: i128) {
        match u64::try_from(other.unsigned_abs()) {
            Ok(limb) => {
                self.magnitude.div_limb(limb);
            }
            Err(_) => self.magnitude /= Natural::from(other.unsigned_abs()),
        }
        self.negative ^= other < 0;
        self.mend_sign();
    }

    fn rem_primitive(&mut self, other: i128) {
        match u64::try_from(other.unsigned_abs()) {
            Ok(limb) => self.magnitude.rem_limb(limb),
            Err(_) => self.magnitude %= Natural::from(other.unsigned_abs()),
        }
        self.mend_sign();
    }
}

primitive_operands!(
    Integer, (i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize), i128:
    Add add AddAssign add_assign add_primitive,
    Sub sub SubAssign sub_assign sub_primitive,
    Mul mul MulAssign mul_assign mul_primitive,
    Div div DivAssign div_assign div_primitive,
    Rem rem RemAssign rem_assign rem_primitive
);
primitive_left_operands!(Integer, (i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize));

impl Sum for Integer {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, number| sum + number)
    }
}

impl<'a> Sum<&'a Self> for Integer {
    fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, number| sum + number)
    }
}

/// Multiplies neighbours of like length, as for [`Natural`].
impl Product for Integer {
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        let mut negative = false;
        let magnitudes = factors.map(|factor| {
            negative ^= factor.negative;
            factor.magnitude
        });
        let magnitude = magnitudes.product();
        Self::new(negative, magnitude)
    }
}

impl<'a> Product<&'a Self> for Integer {
    fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
        factors.cloned().product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{integers, to_big_signed};
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn is(x: &Integer, expected: &BigInt) {
        assert_eq!(&to_big_signed(x), expected);
        assert!(!x.is_zero() || !x.is_negative(), "zero has no sign");
    }

    proptest! {
        #[test]
        fn every_form_of_an_operator(x in integers(8), y in integers(8)) {
            let (big_x, big_y) = (to_big_signed(&x), to_big_signed(&y));
            macro_rules! forms {
                ($operator:tt $assign:tt) => {{
                    let expected = &big_x $operator &big_y;
                    is(&(&x $operator &y), &expected);
                    is(&(x.clone() $operator &y), &expected);
                    is(&(&x $operator y.clone()), &expected);
                    is(&(x.clone() $operator y.clone()), &expected);
                    let (mut by_value, mut by_reference) = (x.clone(), x.clone());
                    by_value $assign y.clone();
                    by_reference $assign &y;
                    is(&by_value, &expected);
                    is(&by_reference, &expected);
                }};
            }
            forms!(+ +=);
            forms!(- -=);
            forms!(* *=);
            if !y.is_zero() {
                forms!(/ /=);
                forms!(% %=);
            }
            is(&(&x - &x), &BigInt::ZERO);
        }

        #[test]
        fn primitive_operands(x in integers(4), wide: i128, small in -3i8..=3, unsigned: u64) {
            let big = to_big_signed(&x);
            macro_rules! forms {
                ($operator:tt $assign:tt $p:expr) => {{
                    let expected = &big $operator $p;
                    is(&(&x $operator $p), &expected);
                    let mut in_place = x.clone();
                    in_place $assign $p;
                    is(&in_place, &expected);
                }};
            }
            macro_rules! operators {
                ($($p:expr)*) => {$(
                    forms!(+ += $p);
                    forms!(- -= $p);
                    forms!(* *= $p);
                    if $p != 0 {
                        forms!(/ /= $p);
                        forms!(% %= $p);
                    }
                )*};
            }
            operators!(wide wide as i64 small unsigned unsigned as usize i128::MIN);
            is(&(small * &x), &(small * &big));
            is(&(unsigned + x.clone()), &(unsigned + &big));
        }

        #[test]
        fn sums_and_products(numbers in prop::collection::vec(integers(2), 0..12)) {
            let big: Vec<BigInt> = numbers.iter().map(to_big_signed).collect();
            is(&numbers.iter().sum(), &big.iter().sum());
            is(&numbers.iter().product(), &big.iter().product());
            is(&numbers.clone().into_iter().sum(), &big.iter().sum());
            is(&numbers.into_iter().product(), &big.iter().product());
        }
    }
}
