//! The few operations that a plain Chudnovsky series needs, for each crate.

use malachite_base::num::arithmetic::traits::{FloorSqrt, Pow as _};

/// An integer with a sign.
pub trait Number: Sized {
    fn new(value: i128) -> Self;
    fn mul(&self, other: &Self) -> Self;
    fn add(self, other: &Self) -> Self;
    /// The quotient of positive numbers, rounded down.
    fn div(&self, other: &Self) -> Self;
    /// The floor of the square root of a positive number.
    fn sqrt(&self) -> Self;
    fn power_of_ten(exponent: u32) -> Self;
    fn to_decimal(&self) -> String;
}

/// Implements the operations that all crates spell alike; the call names the others.
macro_rules! number {
    ($type:ty, $new:expr, $sqrt:expr, $power_of_ten:expr) => {
        impl Number for $type {
            fn new(value: i128) -> Self {
                $new(value)
            }
            fn mul(&self, other: &Self) -> Self {
                Self::from(self * other)
            }
            fn add(self, other: &Self) -> Self {
                self + other
            }
            fn div(&self, other: &Self) -> Self {
                Self::from(self / other)
            }
            fn sqrt(&self) -> Self {
                $sqrt(self)
            }
            fn power_of_ten(exponent: u32) -> Self {
                $power_of_ten(exponent)
            }
            fn to_decimal(&self) -> String {
                self.to_string()
            }
        }
    };
}

type Ours = pi_spigot::bigint::Integer;
number!(Ours, Ours::from, |n: &Ours| Ours::from(n.magnitude().sqrt()), |exponent| Ours::from(
    pi_spigot::bigint::Natural::from(10u8).pow(exponent)
));

type Malachite = malachite_nz::integer::Integer;
number!(Malachite, Malachite::from, |n: &Malachite| n.floor_sqrt(), |exponent| Malachite::from(10)
    .pow(u64::from(exponent)));

number!(rug::Integer, rug::Integer::from, |n: &Self| n.clone().sqrt(), |exponent| {
    rug::Integer::from(rug::Integer::u_pow_u(10, exponent))
});

type Dashu = dashu_int::IBig;
number!(
    Dashu,
    Dashu::from,
    // dashu's square root is one of unsigned numbers.
    |n: &Dashu| Dashu::from(dashu_base::SquareRoot::sqrt(&n.clone().into_parts().1)),
    |exponent| Dashu::from(10).pow(exponent as usize)
);

number!(num_bigint::BigInt, num_bigint::BigInt::from, num_bigint::BigInt::sqrt, |exponent| {
    num_bigint::BigInt::from(10).pow(exponent)
});
