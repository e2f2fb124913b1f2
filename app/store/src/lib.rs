//! Measurements of Lambda functions in a `DynamoDB` table.
//!
//! - [`Measurement`]: one invocation with its figures, as JSON and as an item;
//! - [`Event`]: what the platform or a function told besides, as an item;
//! - [`Table`]: conditional and batched writes, and pages of one function's measurements by time;
//! - [`Retry`]: attempts with backoff and full jitter, for throttling and failures that pass;
//! - [`connect`]: a client with the credentials of a function, without a search for them.
//!
//! The table has the partition key `function` and the sort key `sample`, which is the time of the
//! measurement and its id: `2026-11-29T12:00:00.000Z#128-cold-0`. The attribute `expires` is for
//! `DynamoDB`'s TTL. One more partition, `*`, lists the names of all functions, and
//! the partition `events/FUNCTION` holds a function's [`Event`]s, which have the same sort key.

#![forbid(unsafe_code)]

mod connect;
mod error;
mod event;
mod item;
mod measurement;
mod page;
mod retry;
mod table;

#[cfg(feature = "profiles")]
pub use connect::connect_with_profile;
pub use connect::{ConnectError, connect};
pub use error::{StoreError, is_transient};
pub use event::{Event, EventPage, Kinds};
pub use measurement::{Architecture, Invalid, Measurement, Package, Source, Start};
pub use page::{Page, Query};
pub use retry::Retry;
pub use table::{Put, Table};

pub use aws_sdk_dynamodb as dynamodb;
