//! The forms of an operator that follow from one of them.

/// `a op &b`, `a op b`, `&a op b`, `a op= b` from `a op= &b` and `&a op &b`: a result lives in the
/// memory of an `a` that is passed by value.
macro_rules! by_value_in_place {
    ($number:ty: $($operator:ident $method:ident $Assign:ident $assign:ident),*) => {$(
        impl $operator<&Self> for $number {
            type Output = Self;
            fn $method(mut self, other: &Self) -> Self {
                self.$assign(other);
                self
            }
        }
        impl $operator for $number {
            type Output = Self;
            fn $method(mut self, other: Self) -> Self {
                self.$assign(&other);
                self
            }
        }
        impl $operator<$number> for &$number {
            type Output = $number;
            fn $method(self, other: $number) -> $number {
                self.$method(&other)
            }
        }
        impl $Assign for $number {
            fn $assign(&mut self, other: Self) {
                self.$assign(&other);
            }
        }
    )*};
}

/// All other forms from `&a op &b`, which takes memory for its result.
macro_rules! by_reference {
    ($number:ty: $($operator:ident $method:ident $Assign:ident $assign:ident),*) => {$(
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
        impl $Assign<&Self> for $number {
            fn $assign(&mut self, other: &Self) {
                *self = (&*self).$method(other);
            }
        }
        impl $Assign for $number {
            fn $assign(&mut self, other: Self) {
                *self = (&*self).$method(&other);
            }
        }
    )*};
}

/// `a op p`, `&a op p`, `a op= p` for a primitive `p`, from a method that works in place on `a`.
macro_rules! primitive_operands {
    ($number:ty, $primitives:tt, $wide:ty:
     $($operator:ident $method:ident $Assign:ident $assign:ident $in_place:ident),*) => {$(
        $crate::bigint::operators::primitive_operand!(
            $number, $primitives, $wide: $operator $method $Assign $assign $in_place
        );
    )*};
}

/// One operator of [`primitive_operands`].
macro_rules! primitive_operand {
    ($number:ty, ($($primitive:ty)*), $wide:ty:
     $operator:ident $method:ident $Assign:ident $assign:ident $in_place:ident) => {$(
        impl $Assign<$primitive> for $number {
            fn $assign(&mut self, other: $primitive) {
                self.$in_place(other as $wide);
            }
        }
        impl $operator<$primitive> for $number {
            type Output = Self;
            fn $method(mut self, other: $primitive) -> Self {
                self.$assign(other);
                self
            }
        }
        impl $operator<$primitive> for &$number {
            type Output = $number;
            fn $method(self, other: $primitive) -> $number {
                self.clone().$method(other)
            }
        }
    )*};
}

/// `p op a` and `p op &a` for operators of which the order does not matter.
macro_rules! primitive_left_operands {
    ($number:ty, ($($primitive:ty)*)) => {$(
        $crate::bigint::operators::primitive_left_operands!($number, $primitive: Add add, Mul mul);
    )*};
    ($number:ty, $primitive:ty: $($operator:ident $method:ident),*) => {$(
        impl $operator<$number> for $primitive {
            type Output = $number;
            fn $method(self, other: $number) -> $number {
                other.$method(self)
            }
        }
        impl $operator<&$number> for $primitive {
            type Output = $number;
            fn $method(self, other: &$number) -> $number {
                other.$method(self)
            }
        }
    )*};
}

pub(super) use {
    by_reference, by_value_in_place, primitive_left_operands, primitive_operand, primitive_operands,
};
