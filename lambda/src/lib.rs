//! The Lambda function: what an invocation may say and what it is answered ([`event`]), and that on
//! `lambda_runtime` (`runtime`, which tests of the contract and fuzzing do without).
#![deny(unsafe_code, missing_docs)]

pub mod event;
#[cfg(feature = "runtime")]
pub mod runtime;
