//! The log's record of a request.

use crate::compute::Facts;
use crate::contract::{EventError, Operation, Request, Trigger};
use std::time::Duration;

/// The outcome of a request, for the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// The sender.
    pub trigger: Trigger,
    /// The id of a message within a batch.
    pub item: Option<String>,
    /// The request, if it could be read.
    pub request: Option<Request>,
    /// The operation, in the place of a request for digits.
    pub operation: Option<Operation>,
    /// The time of the computation.
    pub compute: Option<Duration>,
    /// The origin of the digits, if the request allows reuse: true for an earlier invocation.
    pub reused: Option<bool>,
    /// The digest, where the caller does not get it.
    pub sha256: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The error.
    pub error: Option<EventError>,
}

impl Record {
    pub(super) const fn new(trigger: Trigger) -> Self {
        Self {
            trigger,
            item: None,
            request: None,
            operation: None,
            compute: None,
            reused: None,
            sha256: None,
            status: None,
            error: None,
        }
    }

    /// Takes over the facts of a computation.
    pub(super) fn note(&mut self, facts: Facts) {
        let Facts { request, compute, reused } = facts;
        (self.request, self.compute, self.reused) = (Some(request), compute, reused);
    }
}
