//! Random operands and payloads against a second opinion.
//!
//! A *case* is a run of [`choices::Choices`]: random numbers of a seed for the
//! driver, the bytes of an input for libFuzzer. From its choices come
//! [`operands`] of the shapes that have broken big-integer code before, or a
//! [`payload`] that is nearly an event. The laws of [`integers`] hold the
//! library against num-bigint, those of [`events`] the parser against
//! `serde_json` and against its own promise to explain every refusal. What
//! breaks a law is made [`smaller`] until it can be read.

pub mod choices;
pub mod events;
pub mod guard;
pub mod integers;
pub mod operands;
pub mod payload;
pub mod residues;
pub mod smaller;
