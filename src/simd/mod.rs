//! The processor: lanes, levels, and the only `unsafe` of the house.
#![allow(unsafe_code)]
