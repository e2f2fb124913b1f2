//! Integers of any length.
//!
//! [`Natural`] and [`Integer`] are the types to use. Below them stand, from the ground up: loops over
//! limbs, multiplication, division, square roots, text. All of it is safe Rust; the speed of long
//! operands comes from [`crate::fft`]. Residues modulo a prime prove divisions and conversions to and
//! from text, as [`crate::fft`] proves products.

#[cfg(not(feature = "internals"))]
pub(crate) mod div;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod div;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod fault_tests;
mod gcd;
mod integer;
pub(crate) mod limbs;
mod modpow;
#[cfg(not(feature = "internals"))]
pub(crate) mod mul;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod mul;
mod natural;
mod numeric;
mod operators;
pub(crate) mod parallel;
pub(crate) mod proven;
pub(crate) mod radix;
pub(crate) mod residue;
pub(crate) mod sqrt;
#[cfg(test)]
pub(crate) mod testing;
mod thresholds;

pub use integer::Integer;
pub use natural::{Natural, OutOfRange, ParseError};
pub(crate) use thresholds::shared_from;
