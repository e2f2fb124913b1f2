//! Digits of pi.
#![deny(unsafe_code)]
pub mod fft;
pub mod simd;
pub mod bigint;
pub mod pi;
