#![doc = include_str!("README.md")]
//!
//! # The house
//!
//! Imports point down only; `tests/house.rs` fails when one points up.
//!
//! | floor | knowledge |
//! |---|---|
//! | package `pi-spigot-lambda` | the Lambda function: its JSON contract and `bootstrap` |
//! | binary `pi` | the command line |
//! | [`pi`] | the answer: digit streams, series, binary splitting |
//! | [`bigint`] | integers: limbs, products, division, square root, decimal text |
//! | [`fft`] | certified convolution: knows digits and twiddles, not integers |
//! | [`cpu`] | the choice of an instruction set, vector lanes, and threads that wait for work |
//! | `memory` | aligned words from an allocator that reuses them; `unsafe` stands here and in `cpu` only |
//! | [`cancel`] | cooperative cancellation |
//! | `anatomy` | time, products and memory of each part of a computation; empty without `internals` |
//!
//! The feature `internals` opens inner rooms to this repository's benches and tests, without any
//! promise.
// Inner rooms are public to each other, and reachable from outside only with `internals`.
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub))]
#![deny(unsafe_code, missing_docs)]

#[cfg(not(feature = "internals"))]
mod anatomy;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod anatomy;
pub mod bigint;
pub mod cancel;
pub mod cpu;
pub mod fft;
mod memory;
pub mod pi;
