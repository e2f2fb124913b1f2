//! The sign of a product in a sum, and of the sum.

/// The sign with which a product enters a sum, and the sign of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Added; of a sum: zero or positive.
    Plus,
    /// Subtracted; of a sum: negative.
    Minus,
}
