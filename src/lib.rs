//! Digits of pi.
#![deny(unsafe_code)]
