//! The contract against the real `bootstrap`, through a Runtime API.

mod concurrent;
mod cut;
mod direct;
mod function;
mod fuzzed;
#[cfg(feature = "hex")]
mod hex;
mod hostile;
mod http;
mod limits;
mod operations;
mod reuse;
mod services;
mod soak;
mod streams;
mod triggers;
