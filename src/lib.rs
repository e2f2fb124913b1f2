//! Digits of pi as an unbounded stream.
//!
//! ```
//! use pi_spigot::pi::{Algorithm, DigitCount, Digits};
//!
//! // A stream that never ends and was told no precision in advance.
//! let first: Vec<u8> = Digits::new(Algorithm::Chudnovsky).take(6).collect();
//! assert_eq!(first, [3, 1, 4, 1, 5, 9]);
//!
//! // The text of N digits: "3." and N - 1 decimals.
//! let n: DigitCount = "1_0".parse().unwrap();
//! assert_eq!(Algorithm::default().digits(n), "3.141592653");
//! ```
//!
//! # The house
//!
//! Imports point down only; `tests/house.rs` fails when one points up.
//!
//! | floor | what it knows |
//! |---|---|
//! | package `pi-spigot-lambda` | the Lambda function: its JSON contract, and what `bootstrap` calls |
//! | binary `pi` | the command line |
//! | [`pi`] | the answer: digit streams, series, binary splitting |
//! | [`bigint`] | integers: limbs, products, division, square root, decimal text |
//! | [`fft`] | certified convolution: knows digits and twiddles, not integers |
//! | [`cpu`] | the choice of an instruction set, and vector lanes |
//! | `memory` | aligned words from an allocator that reuses them; `unsafe` stands here and in `cpu` only |
//! | [`cancel`] | cooperative cancellation |
//!
//! # Features
//!
//! None is on by default: the plain library depends on num-bigint and num-traits only.
//!
//! | feature | adds |
//! |---|---|
//! | `digest` | SHA-256 of a text of digits |
//! | `serde` | `Serialize` and `Deserialize` for [`bigint::Natural`] and [`bigint::Integer`], in the form of num-bigint |
//! | `internals` | inner rooms, for this repository's benches and tests, without any promise |
// Inner rooms are public to each other, and reachable from outside only with `internals`.
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub))]
#![deny(unsafe_code, missing_docs)]

pub mod bigint;
pub mod cancel;
pub mod cpu;
pub mod fft;
mod memory;
pub mod pi;
