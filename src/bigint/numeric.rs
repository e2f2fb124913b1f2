//! The traits of num-traits that natural numbers and integers implement in the same way.

/// The traits that have no special case for a sign, by the number's own methods and operators.
macro_rules! num_traits_by_operators {
    ($number:ident) => {
        impl Num for $number {
            type FromStrRadixErr = ParseError;

            fn from_str_radix(text: &str, radix: u32) -> Result<Self, ParseError> {
                Self::from_str_radix(text, radix)
            }
        }

        $crate::bigint::numeric::never_overflows!(
            $number: CheckedAdd checked_add +, CheckedMul checked_mul *
        );

        impl CheckedDiv for $number {
            fn checked_div(&self, divisor: &Self) -> Option<Self> {
                self.checked_div(divisor)
            }
        }

        impl CheckedRem for $number {
            fn checked_rem(&self, divisor: &Self) -> Option<Self> {
                (!divisor.is_zero()).then(|| self % divisor)
            }
        }

        impl CheckedEuclid for $number {
            fn checked_div_euclid(&self, divisor: &Self) -> Option<Self> {
                (!divisor.is_zero()).then(|| Euclid::div_euclid(self, divisor))
            }

            fn checked_rem_euclid(&self, divisor: &Self) -> Option<Self> {
                (!divisor.is_zero()).then(|| Euclid::rem_euclid(self, divisor))
            }
        }

        $crate::bigint::numeric::powers!($number: u8 u16 u32);
    };
}

/// Checked operators that always have a result.
macro_rules! never_overflows {
    ($number:ident: $($trait:ident $method:ident $operator:tt),*) => {$(
        impl $trait for $number {
            fn $method(&self, other: &Self) -> Option<Self> {
                Some(self $operator other)
            }
        }
    )*};
}

/// `Pow` for exponents that convert to those of the number's own `pow`.
macro_rules! powers {
    ($number:ident: $($exponent:ty)*) => {$(
        impl Pow<$exponent> for $number {
            type Output = Self;
            fn pow(self, exponent: $exponent) -> Self {
                Self::pow(&self, exponent.into())
            }
        }
        impl Pow<$exponent> for &$number {
            type Output = $number;
            fn pow(self, exponent: $exponent) -> $number {
                $number::pow(self, exponent.into())
            }
        }
    )*};
}

pub(super) use {never_overflows, num_traits_by_operators, powers};
