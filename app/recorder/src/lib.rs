//! Measures functions on Lambda, and stores every sample as soon as it is taken.
//!
//! ```text
//! plan       the event and the environment: functions, memory sizes, numbers of samples, time
//! measure    one function: cold and warm invocations by lambda-meter, its configuration put back
//! record     all functions, skipping what an earlier attempt of the event has stored
//! ```
//!
//! A sample's key is made of the scheduled time of its event, so that a retried event neither
//! measures nor stores anything twice.

#![forbid(unsafe_code)]

pub mod measure;
pub mod plan;
pub mod record;

pub use plan::{Plan, PlanError};
pub use record::{Failed, Outcome, record};
