//! The answer: streams of the decimal digits of pi.
//!
//! | type | role |
//! |---|---|
//! | [`Algorithm`] | an algorithm by name, with its cost in time and memory |
//! | [`Text`] | a finite text, "3.1415...", in blocks or as one `String` |
//! | [`Digits`] | the digits one by one, without end |
//! | [`Schedule`] | the plan by which digits are computed: early or at once |
//! | [`DigitCount`] | a number of digits, valid by construction |
//! | [`hex`] | hexadecimal digits at any position, without those before |
//!
//! | algorithm | method | cost of n digits |
//! |---|---|---|
//! | chudnovsky | the Chudnovskys' series by binary splitting, on our own integers | O(n log³ n) |
//! | gosper | Gosper's series, by the same splitting | O(n log³ n), some 5 times as long |
//! | gibbons | Gibbons' unbounded spigot, a digit at a time, on num-bigint | O(n²) |
//!
//! The series are unbounded too: a stream extends its sum, its square root and its quotient, and
//! converts only the new digits. The three algorithms share nothing but the answer, and so check
//! each other; [`verify`] checks the last bits of a result by a formula that needs none of the bits
//! before.
//!
//! From a series to its text, each module on top of the one before:
//!
//! ```text
//! pqt         integers P, Q, T of a part of a sum
//! series      terms, constants and measured costs of each series
//! splitting   P, Q, T of any number of terms
//! quotient    the fraction of pi from Q and T
//! stream      block after block of digits, by a schedule
//! digits      digit after digit, from a stream or from the spigot
//! text        a finite text
//! ```

mod algorithm;
mod count;
#[cfg(feature = "digest")]
mod digest;
mod digits;
pub mod hex;
mod integer;
mod pqt;
mod profile;
mod quotient;
mod series;
mod spigot;
mod splitting;
mod stream;
mod text;
pub mod verify;

pub use crate::cancel;
pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use count::{DigitCount, ParseDigitCountError};
#[cfg(feature = "digest")]
pub use digest::{Summary, TextDigest};
pub use digits::Digits;
pub use stream::Schedule;
pub use text::Text;
