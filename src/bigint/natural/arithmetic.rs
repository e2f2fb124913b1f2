//! `+ - * / %` in all forms: new memory only where a result has no operand to live in.

use super::Natural;
use crate::bigint::limbs::{
    add_in_place, add_limb_in_place, div_limb_in_place, mul_limb_in_place, sub_from_in_place, sub_in_place,
    sub_limb_in_place,
};
use crate::bigint::mul::product;
use crate::bigint::operators::{
    by_reference, by_value_in_place, primitive_left_operands, primitive_operands,
};
use crate::memory::Limbs;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Rem, RemAssign, Sub, SubAssign};

const NEGATIVE: &str = "the difference of two natural numbers is negative: use checked_sub or Integer";

impl AddAssign<&Self> for Natural {
    fn add_assign(&mut self, other: &Self) {
        if self.limbs.len() < other.limbs.len() {
            self.limbs.resize(other.limbs.len());
        }
        if add_in_place(&mut self.limbs, &other.limbs) {
            self.limbs.push(1);
        }
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

impl SubAssign<&Self> for Natural {
    /// # Panics
    /// If the difference is negative; the number is unchanged then.
    fn sub_assign(&mut self, other: &Self) {
        assert!(*self >= *other, "{NEGATIVE}");
        let borrow = sub_in_place(&mut self.limbs, &other.limbs);
        debug_assert!(!borrow);
        self.normalize();
    }
}

impl Sub for &Natural {
    type Output = Natural;

    /// # Panics
    /// If the difference is negative: use [`Natural::checked_sub`] or [`crate::bigint::Integer`].
    fn sub(self, other: Self) -> Natural {
        self.checked_sub(other).expect(NEGATIVE)
    }
}

impl Mul for &Natural {
    type Output = Natural;

    fn mul(self, other: Self) -> Natural {
        Natural::from_words(product(&self.limbs, &other.limbs))
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

by_value_in_place!(Natural: Add add AddAssign add_assign, Sub sub SubAssign sub_assign);
by_reference!(
    Natural: Mul mul MulAssign mul_assign, Div div DivAssign div_assign,
    Rem rem RemAssign rem_assign
);

impl Natural {
    /// `self = other - self` for an `other` that is not smaller.
    pub(in crate::bigint) fn subtract_from(&mut self, other: &Self) {
        self.limbs.resize(other.limbs.len());
        let borrow = sub_from_in_place(&mut self.limbs, &other.limbs);
        debug_assert!(!borrow);
        self.normalize();
    }
}

/// Operands of one limb.
impl Natural {
    pub(in crate::bigint) fn add_limb(&mut self, limb: u64) {
        if self.limbs.is_empty() {
            self.limbs.resize(1);
        }
        if add_limb_in_place(&mut self.limbs, limb) {
            self.limbs.push(1);
        }
        self.normalize();
    }

    pub(in crate::bigint) fn sub_limb(&mut self, limb: u64) {
        assert!(self.limbs.len() > 1 || self.limbs.first().copied().unwrap_or(0) >= limb, "{NEGATIVE}");
        let borrow = sub_limb_in_place(&mut self.limbs, limb);
        debug_assert!(!borrow);
        self.normalize();
    }

    pub(in crate::bigint) fn mul_limb(&mut self, limb: u64) {
        let top = mul_limb_in_place(&mut self.limbs, limb, 0);
        self.limbs.push(top);
        self.normalize();
    }

    /// Divides in place; returns the remainder.
    pub(in crate::bigint) fn div_limb(&mut self, limb: u64) -> u64 {
        assert!(limb > 0, "division by zero");
        let remainder = div_limb_in_place(&mut self.limbs, limb);
        self.normalize();
        remainder
    }

    pub(in crate::bigint) fn rem_limb(&mut self, limb: u64) {
        *self = Self::from(self.rem_u64(limb));
    }
}

primitive_operands!(
    Natural, (u8 u16 u32 u64 usize), u64:
    Add add AddAssign add_assign add_limb,
    Sub sub SubAssign sub_assign sub_limb,
    Mul mul MulAssign mul_assign mul_limb,
    Div div DivAssign div_assign div_limb,
    Rem rem RemAssign rem_assign rem_limb
);
primitive_left_operands!(Natural, (u8 u16 u32 u64 usize));

impl Sum for Natural {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, number| sum + number)
    }
}

impl<'a> Sum<&'a Self> for Natural {
    fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, number| sum + number)
    }
}

/// Multiplies neighbours of like length, so that fast multiplication pays: `n` factors of one limb
/// take far less time than one after the other would.
impl Product for Natural {
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        // As the digits of a binary counter: one partial product for each bit that is set.
        let mut partial: Vec<Self> = Vec::new();
        for (count, factor) in factors.enumerate() {
            let mut product = factor;
            for _ in 0..count.trailing_ones() {
                product = partial.pop().expect("a product for each bit") * product;
            }
            partial.push(product);
        }
        partial
            .into_iter()
            .rev()
            .reduce(|product, factor| factor * product)
            .unwrap_or_else(|| Self::from(1u8))
    }
}

impl<'a> Product<&'a Self> for Natural {
    fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
        factors.cloned().product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::{natural, numbers, to_big};
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn is(x: &Natural, expected: &BigUint) {
        assert_eq!(x.limbs(), expected.to_u64_digits());
    }

    proptest! {
        #[test]
        fn every_form_of_an_operator(a in numbers(12), b in numbers(12)) {
            let (x, y) = (natural(&a), natural(&b));
            let (big_x, big_y) = (to_big(&a), to_big(&b));
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
            forms!(* *=);
            if x >= y { forms!(- -=); }
            if !y.is_zero() {
                forms!(/ /=);
                forms!(% %=);
            }
        }

        #[test]
        fn primitive_operands(
            a in numbers(6),
            m in prop_oneof![any::<u64>(), Just(0), Just(1), Just(u64::MAX)],
        ) {
            let (x, big) = (natural(&a), to_big(&a));
            macro_rules! forms {
                ($operator:tt $assign:tt $m:expr) => {{
                    let expected = &big $operator $m;
                    is(&(&x $operator $m), &expected);
                    is(&(x.clone() $operator $m), &expected);
                    let mut in_place = x.clone();
                    in_place $assign $m;
                    is(&in_place, &expected);
                }};
            }
            forms!(+ += m);
            forms!(* *= m);
            forms!(+ += m as u8);
            forms!(* *= m as usize);
            is(&(m + &x), &(m + &big));
            is(&(m as u16 * x.clone()), &(m as u16 * &big));
            if big >= m.into() { forms!(- -= m); }
            if m > 0 {
                forms!(/ /= m);
                forms!(% %= m);
            }
        }

        #[test]
        fn sums_and_products(factors in prop::collection::vec(numbers(3), 0..20)) {
            let numbers: Vec<Natural> = factors.iter().map(|factor| natural(factor)).collect();
            let big: Vec<BigUint> = factors.iter().map(|factor| to_big(factor)).collect();
            is(&numbers.iter().sum(), &big.iter().sum());
            is(&numbers.iter().product(), &big.iter().product());
            is(&numbers.clone().into_iter().sum(), &big.iter().sum());
            is(&numbers.into_iter().product(), &big.iter().product());
        }
    }

    #[test]
    fn a_sum_in_place_takes_no_memory_while_it_fits() {
        let mut sum = natural(&[1; 100]);
        let before = sum.limbs().as_ptr();
        for _ in 0..1000 {
            sum += 7u64;
            sum += natural(&[u64::MAX; 99]);
            sum -= &natural(&[u64::MAX; 99]);
            sum *= 1u8;
        }
        assert_eq!((sum.limbs().as_ptr(), sum.limbs()[0]), (before, 7001));
    }

    #[test]
    fn a_difference_that_would_be_negative_changes_nothing() {
        let mut x = natural(&[5, 1]);
        let y = natural(&[6, 1]);
        let subtract = std::panic::AssertUnwindSafe(|| x -= &y);
        let message = std::panic::catch_unwind(subtract).unwrap_err();
        assert_eq!(*message.downcast::<String>().unwrap(), NEGATIVE);
        assert_eq!(x.limbs(), [5, 1]);
    }
}
