//! The processor: vector lanes, levels, and the only `unsafe` of the crate.
//!
//! A kernel is written once, generic over [`Simd`], and compiled once per
//! level: [`Level::run`] enters a `#[target_feature]` function with a token
//! that only detection can make, and everything `#[inline(always)]` below it
//! becomes code of that level. [`Simd::call`] does the same for a part that
//! should stay a function of its own, which keeps the machine code small.
//!
//! Vectors are ordinary values: whoever holds one proves that the level
//! exists, because only a token makes the first one. Buffers are slices of
//! [`Complex`] vectors, so loads and stores are plain safe indexing.
//!
//! | level | lanes | needs |
//! |---|---|---|
//! | `avx512` | 8 | AVX-512 F, DQ, BW, VL and FMA |
//! | `avx2` | 4 | AVX2 and FMA |
//! | `neon` | 2 | AArch64 |
//! | `baseline` | 2 | SSE2 on x86-64; elsewhere the portable lanes |
//! | `scalar` | 2 | nothing: plain Rust |
#![allow(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("limbs are read as little-endian bytes: big-endian targets are not supported");

mod buffer;
mod lanes;
mod level;
mod portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

pub use buffer::{Buffer, as_bytes, as_bytes_mut};
pub use lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Task};
pub use level::{Level, LevelError};
