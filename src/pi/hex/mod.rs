//! Hexadecimal digits of pi at any position, without the digits before.
//!
//! ```text
//! frac(2^bit pi) = sum of +- frac(2^e / m)     one modular power per fraction      formula
//! parts            ranges of terms, of equal cost, that know nothing of each other  plan, part
//! a part           vectors of doubles to moduli of 52 bits, else 64-bit words       vectors, word
//! the sum          wrapping addition of 128-bit fractions, in any order             part
//! ```
//!
//! ```
//! use pi_spigot::pi::hex::{Formula, hex_digits};
//!
//! // pi = 3.243F6A88 85A308D3...: the digit behind the point has position 1.
//! assert_eq!(hex_digits(Formula::Bellard, 1, 16, 1).unwrap(), "243F6A8885A308D3");
//! assert_eq!(hex_digits(Formula::Bbp, 1_000, 8, 1).unwrap(), "349F1C09");
//! ```
//!
//! Work spreads over any number of processes: [`split`] makes all parts, [`share`] makes one by its
//! number, [`Part::sum`] computes one,
//! [`Sum::merge`] checks that the parts tile the sum and adds them up. A second formula and an
//! overlapping position are the proof: they share no term with the first.
//!
//! Sources: see the formulas. The idea of one modular power per term is from Bailey, Borwein and
//! Plouffe (1997), the distribution of ranges from Percival's `PiHex` (2000).

mod formula;
mod part;
mod plan;
mod vectors;
mod word;

pub use formula::{Formula, UnknownFormula};
pub use part::{MergeError, Part, PartError, PartialSum, Sum};
pub use plan::{share, split, squarings};

use super::count::{ParseDigitCountError, parse_integer};
use std::fmt;

/// The most digits that [`hex_digits`] gives at once: each further 16 to 26 digits take as long as the first.
pub const MAX_COUNT: u64 = 10_000;

/// The error of a position or a count outside of what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HexError {
    /// Position 0, or one beyond `last`.
    Position {
        /// The position that was asked for.
        position: u64,
        /// The last one that can be asked for.
        last: u64,
    },
    /// No digit, or more than [`MAX_COUNT`].
    Count(u64),
    /// All certain digits around this position are equal, so that a carry could change them all.
    Equal(u64),
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { position, last } => write!(
                f,
                "there is no hexadecimal position {position}: use 1, the digit behind the point, to {last}"
            ),
            Self::Count(count) => {
                write!(f, "{count} digits cannot be computed at once: use 1 to {MAX_COUNT}")
            }
            Self::Equal(position) => {
                write!(f, "all certain digits around position {position} are equal: use an earlier position")
            }
        }
    }
}

impl std::error::Error for HexError {}

/// The bit before the hexadecimal digit `position`, which counts from 1, the digit behind the point.
///
/// # Errors
/// If `position` is 0 or beyond the last position, 2.8e17.
pub const fn bit_of(position: u64) -> Result<u64, HexError> {
    if position == 0 || position > Part::MAX_BIT / 4 {
        return Err(position_error(position));
    }
    Ok(4 * (position - 1))
}

/// The position that a text denotes, in the notation of [`DigitCount`](super::DigitCount): `1e12`, `1_000`.
///
/// # Errors
/// If the text is not a positive integer, or the position is beyond the last one.
pub fn parse_position(text: &str) -> Result<u64, ParsePositionError> {
    let position = parse_integer(text).map_err(ParsePositionError::Number)?;
    bit_of(position).map_err(ParsePositionError::Position)?;
    Ok(position)
}

/// The reason why a text is no position.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsePositionError {
    /// The text is no positive integer.
    Number(ParseDigitCountError),
    /// The position does not exist.
    Position(HexError),
}

impl fmt::Display for ParsePositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(ParseDigitCountError::Zero) => write!(f, "{}", position_error(0)),
            Self::Number(error) => error.fmt(f),
            Self::Position(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ParsePositionError {}

const fn position_error(position: u64) -> HexError {
    HexError::Position { position, last: Part::MAX_BIT / 4 }
}

/// `count` hexadecimal digits of pi from `position` on, upper case, each of them certain.
///
/// Cost: for each 26 digits (16 at the last positions) the [`squarings`] of a whole sum.
///
/// # Errors
/// If the position is 0 or beyond 2.8e17, if `count` is 0 or above [`MAX_COUNT`], or if 60 digits behind
/// a position are all `0` or all `F`, which no known position has.
pub fn hex_digits(formula: Formula, position: u64, count: u64, threads: usize) -> Result<String, HexError> {
    hex_digits_by(formula, position, count, |whole| Ok(Sum::of(&whole.sum(threads))))
}

/// [`hex_digits`] from sums that the caller finds: `sum` gets all terms as one part, which it may
/// [`split`], spread over machines and [`merge`](Sum::merge).
///
/// # Errors
/// Those of [`hex_digits`] and of `sum`.
pub fn hex_digits_by<E: From<HexError>>(
    formula: Formula,
    position: u64,
    count: u64,
    mut sum: impl FnMut(&Part) -> Result<Sum, E>,
) -> Result<String, E> {
    if count == 0 || count > MAX_COUNT {
        return Err(HexError::Count(count).into());
    }
    bit_of(position.saturating_add(count - 1))?;
    let mut digits = String::new();
    while (digits.len() as u64) < count {
        let next = position + digits.len() as u64;
        digits.push_str(&certain_from(formula, next, &mut sum)?);
    }
    digits.truncate(count as usize);
    Ok(digits)
}

/// Certain digits from `position` on, at least one.
fn certain_from<E: From<HexError>>(
    formula: Formula,
    position: u64,
    sum: &mut impl FnMut(&Part) -> Result<Sum, E>,
) -> Result<String, E> {
    // From a position before, a run of equal digits ends inside the certain ones.
    for back in [0, 8, 16] {
        let from = position.saturating_sub(back).max(1);
        let digits = sum(&Part::at(formula, from)?)?.digits();
        if let Some(digits) = digits.get((position - from) as usize..).filter(|digits| !digits.is_empty()) {
            return Ok(digits.to_owned());
        }
    }
    Err(HexError::Equal(position).into())
}

#[cfg(test)]
mod tests;
