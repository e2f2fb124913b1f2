//! The answer: streams of the decimal digits of pi.
//!
//! Every algorithm looks the same from outside. [`Algorithm`] names it,
//! [`Digits`] is its unbounded stream, [`Text`] the finite text "3.1415..."
//! in blocks, [`Algorithm::digits`] that text in one piece. [`DigitCount`] says
//! how much of it is wanted.
//!
//! | algorithm | what it is | cost of n digits |
//! |---|---|---|
//! | chudnovsky | the Chudnovskys' [`series`] by binary splitting, on our own integers | O(n log³ n) |
//! | gosper | Gosper's series, the one of the spigot, by the same splitting | O(n log³ n), some 5 times as long |
//! | [`gibbons`] | Gibbons' unbounded spigot, a digit at a time, on num-bigint | O(n²) |
//!
//! The fast ones are unbounded too: a [`stream`] extends its sum, its square
//! root and its quotient, and converts only what is new. The three share
//! nothing but the answer, and so check each other; [`verify`] checks the last
//! bits of a result by a formula that needs none of the bits before.

mod algorithm;
pub mod binary_splitting;
mod count;
#[cfg(feature = "digest")]
mod digest;
mod digits;
pub mod gibbons;
pub mod hex;
mod increment;
mod leaf;
pub mod memory;
mod quotient;
pub mod series;
#[cfg(feature = "digest")]
mod sha256;
pub mod stream;
mod text;
pub mod verify;

pub use crate::cancel;
pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use count::{DigitCount, ParseDigitCountError};
#[cfg(feature = "digest")]
pub use digest::{Summary, TextDigest};
pub use digits::Digits;
pub use text::Text;

/// The first `digits` digits of pi, ASCII, the leading 3 first and without a
/// point, by the Chudnovskys' series in one go.
///
/// ```
/// assert_eq!(pi_spigot::pi::chudnovsky_digits(10), b"3141592653");
/// ```
#[must_use]
pub fn chudnovsky_digits(digits: u64) -> Vec<u8> {
    let mut stream = stream::Stream::in_one_block(series::Chudnovsky, digits);
    let mut text = stream.take_block();
    text.truncate(usize::try_from(digits).unwrap_or(usize::MAX));
    text
}
