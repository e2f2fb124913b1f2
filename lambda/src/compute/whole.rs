//! Computations whose digits are returned in one piece.

use super::digits;
use super::facts::Facts;
use crate::context::Context;
use crate::contract::{Channel, EventError, Request, Response};
use crate::limits::{Stopping, estimate, within};
use std::time::Duration;

/// A computation, done or refused.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) response: Result<Response, EventError>,
    pub(crate) facts: Facts,
    /// Work that is still stopping.
    pub(crate) stopping: Option<Stopping>,
}

/// Computes the digits of a request, if they fit the channel and the limits.
pub(crate) fn compute(request: Request, channel: Channel, context: &Context<'_>) -> Computed {
    let request = context.settings.applied(request);
    let Context { capacity, deadline, .. } = *context;
    let mut facts = Facts::of(request);
    let mut granted = match capacity.admit(&request, channel, deadline) {
        Ok(granted) => granted,
        Err(error) => return Computed { response: Err(error), facts, stopping: None },
    };
    let reuse = request.reuse && capacity.can_keep(&request, &mut granted);
    let cost = estimate::cost(request.algorithm, request.last().get());
    let brief = estimate::wall(cost, estimate::promised(capacity.memory_mb)) < Duration::from_millis(10);
    let (response, stopping) = within(deadline, brief, move || {
        // The memory is free when the work has ended, which may be after the deadline.
        let _granted = granted;
        digits::response(request, capacity.threads, reuse)
    });
    if let Ok(response) = &response {
        facts.compute = Some(response.compute);
        facts.reused = response.reused;
        if response.reused.is_none() {
            estimate::learn(cost, response.compute);
        }
    }
    Computed { response, facts, stopping }
}
