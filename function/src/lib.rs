//! The function's contract, without the function: what an invocation may say and what it is
//! answered, for tests, fuzzing, and the binary `bootstrap` that serves it on Lambda.
#![deny(unsafe_code, missing_docs)]

pub mod event;
