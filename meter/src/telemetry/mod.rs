//! The Lambda Telemetry API, version 2022-07-01, and the older Logs API, version 2020-08-15.
//!
//! ```text
//! PUT /2022-07-01/telemetry    subscribes an extension to platform, function and extension events
//! PUT /2020-08-15/logs         the same with the older events
//! ```
//!
//! [`Subscription`] reads and checks a request. [`Telemetry`] takes every event of a sandbox and
//! queues it in the [`Buffer`] of each subscriber; `delivery` sends batches to the subscriber's
//! listener while the sandbox is not frozen, so the report of an invocation arrives with the next
//! invocation, or in the shutdown phase. Events before a subscription are kept until the end of the
//! initialisation, as on Lambda. Formats follow AWS's Telemetry API reference and schema reference.

mod buffer;
mod delivery;
mod event;
mod hub;
mod lines;
mod subscription;

pub use buffer::{Batch, Buffer};
pub use event::{Category, Event, Span};
pub use hub::{Refused, Telemetry};
pub use lines::Lines;
pub use subscription::{Buffering, Destination, Dialect, Invalid, Subscription};
