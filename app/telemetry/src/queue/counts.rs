//! Counts of events, and the reasons for drops.

use serde::Serialize;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The reason why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// There is no room.
    QueueFull,
    /// It is larger than a batch may be.
    TooLarge,
    /// SQS refused it for what it is.
    Refused,
}

/// Counts since the start, for the endpoint's `GET /status` and the last line of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Events that wait or are being sent.
    pub waiting: usize,
    /// Bytes of these events.
    pub bytes: usize,
    /// Events that SQS has.
    pub sent: u64,
    /// Events that were dropped.
    pub dropped: u64,
}

/// Drops that no event has told yet.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) reasons: BTreeMap<Reason, u64>,
    pub(super) since: Option<Instant>,
}
