//! The operators that follow from those on references.

/// `a op b`, `a op &b`, `&a op b` from `&a op &b`.
macro_rules! binary_operators {
    ($number:ty: $($operator:ident $method:ident),*) => {$(
        impl $operator<&Self> for $number {
            type Output = Self;
            fn $method(self, other: &Self) -> Self {
                (&self).$method(other)
            }
        }
        impl $operator for $number {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                (&self).$method(&other)
            }
        }
        impl $operator<$number> for &$number {
            type Output = $number;
            fn $method(self, other: $number) -> $number {
                self.$method(&other)
            }
        }
    )*};
}

/// `a op= b` and `a op= &b` from `&a op &b`.
macro_rules! assign_operators {
    ($number:ty: $($operator:ident $method:ident $symbol:tt),*) => {$(
        impl std::ops::$operator<&Self> for $number {
            fn $method(&mut self, other: &Self) {
                *self = &*self $symbol other;
            }
        }
        impl std::ops::$operator for $number {
            fn $method(&mut self, other: Self) {
                *self = &*self $symbol &other;
            }
        }
    )*};
}

pub(super) use {assign_operators, binary_operators};
