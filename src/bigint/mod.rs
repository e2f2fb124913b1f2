//! Integers of any length.
//!
//! [`Natural`] and [`Integer`] are the types to use. Below them, from the
//! ground up: loops over limbs, multiplication, division, square roots,
//! decimal text. All of it is safe Rust without dependencies; the speed of
//! long operands comes from [`crate::fft`].

pub(crate) mod div;
mod gcd;
mod integer;
pub mod limbs;
mod modpow;
pub mod mul;
mod natural;
mod operators;
pub(crate) mod parallel;
pub(crate) mod radix;
pub(crate) mod residue;
pub(crate) mod sqrt;
#[cfg(test)]
pub(crate) mod testing;
mod thresholds;

pub use integer::Integer;
pub use natural::{Natural, OutOfRange, ParseError};
pub(crate) use thresholds::shared_from;
