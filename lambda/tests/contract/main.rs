//! The contract against the real `bootstrap`, through a Runtime API.

mod concurrent;
mod direct;
mod function;
mod fuzzed;
mod hostile;
mod limits;
mod operations;
mod reuse;
mod soak;
mod streams;
mod triggers;
