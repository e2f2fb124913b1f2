//! Digits of pi.

pub mod binary_splitting;
pub mod memory;
mod quotient;
pub mod series;
pub mod stream;
pub mod verify;

/// The first `digits` digits of pi, ASCII, the leading 3 first and without a
/// point, by the Chudnovskys' series in one go.
///
/// ```
/// assert_eq!(pi_spigot::pi::chudnovsky_digits(10), b"3141592653");
/// ```
#[must_use]
pub fn chudnovsky_digits(digits: u64) -> Vec<u8> {
    let mut stream = stream::Stream::in_one_block(series::Chudnovsky, digits);
    let mut text = stream.next_block().to_vec();
    text.truncate(usize::try_from(digits).unwrap_or(usize::MAX));
    text
}
