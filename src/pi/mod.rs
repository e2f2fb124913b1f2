//! The answer: streams of the decimal digits of pi.
//!
//! Every algorithm looks the same from outside. [`Algorithm`] names it,
//! [`Digits`] is its unbounded stream, [`Text`] the finite text "3.1415..."
//! in blocks, [`Algorithm::digits`] that text in one piece. [`DigitCount`] says
//! how much of it is wanted.
//!
//! | algorithm | what it is | cost of n digits |
//! |---|---|---|
//! | [`gibbons`] | Gibbons' unbounded spigot, a digit at a time, on num-bigint | O(n²) |

mod algorithm;
mod count;
#[cfg(feature = "digest")]
mod digest;
mod digits;
pub mod gibbons;
mod text;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use count::{DigitCount, ParseDigitCountError};
#[cfg(feature = "digest")]
pub use digest::{Summary, TextDigest};
pub use digits::Digits;
pub use text::Text;
