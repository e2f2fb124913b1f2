//! Random operands and payloads against a second opinion.
//!
//! A *case* is a run of [`choices::Choices`]: random numbers of a seed for the
//! driver, the bytes of an input for libFuzzer. From its choices come
//! [`operands`] of the shapes that have broken big-integer code before, or a
//! [`payload`] that is nearly an event. The laws of [`integers`] compare the
//! library with num-bigint. The laws of [`events`] compare the parser with
//! `serde_json`, and demand an explanation of every refusal. A case that breaks a
//! law is made [`smaller`] until a person can read it.

pub mod choices;
pub mod events;
pub mod guard;
pub mod integers;
pub mod operands;
pub mod payload;
pub mod residues;
pub mod smaller;
