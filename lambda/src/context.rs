//! An invocation beside its payload: its id, its limits and the settings of the function.

use crate::limits::{Capacity, Deadline};

/// What is known of an invocation beside its payload.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Its id.
    pub request_id: &'a str,
    /// The trace that it belongs to, of AWS X-Ray.
    pub trace_id: Option<&'a str>,
    /// What it may use.
    pub capacity: Capacity,
    /// Until when it may work.
    pub deadline: Deadline,
    /// How the function is configured.
    pub settings: Settings,
}

impl<'a> Context<'a> {
    /// One thread, and as much memory and time as it takes.
    #[must_use]
    pub fn unlimited(request_id: &'a str) -> Self {
        let settings = Settings::default();
        let (capacity, deadline) = (Capacity::UNCHECKED, Deadline::never());
        Self { request_id, trace_id: None, capacity, deadline, settings }
    }
}

/// What the owner of a function sets for all invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// HTTP requests come by a Function URL in the mode `RESPONSE_STREAM` (`PI_STREAM=1`).
    pub stream: bool,
    /// Every request reuses digits (`PI_REUSE=1`).
    pub reuse: bool,
    /// Every request logs metrics (`PI_METRICS=1`).
    pub metrics: bool,
}
