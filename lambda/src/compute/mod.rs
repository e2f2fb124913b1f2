//! The work behind an answer: digits in one piece or as a stream, within what is granted.

mod stream;

pub use stream::Stream;
pub(crate) use stream::direct;

use crate::answer::Record;
use crate::context::{Context, Settings};
use crate::contract::{Channel, EventError, Request, Response};
use crate::limits::{Stopping, estimate, within};
use std::time::Duration;

/// Computes what was asked if it fits, and notes it in the record.
pub(crate) fn compute(
    record: &mut Record,
    request: Request,
    channel: Channel,
    context: &Context<'_>,
) -> (Result<Response, EventError>, Option<Stopping>) {
    let request = configured(record, request, context.settings);
    let Context { capacity, deadline, .. } = *context;
    let mut granted = match capacity.admit(&request, channel, deadline) {
        Ok(granted) => granted,
        Err(error) => return (Err(error), None),
    };
    let reuse = request.reuse && capacity.can_keep(&request, &mut granted);
    let cost = estimate::cost(request.algorithm, request.last().get());
    let brief = estimate::wall(cost, estimate::promised(capacity.memory_mb)) < Duration::from_millis(10);
    let (response, stopping) = within(deadline, brief, move || {
        // Given back when the work has ended, which may be after the deadline.
        let _granted = granted;
        Response::compute(request, capacity.threads, reuse)
    });
    if let Ok(response) = &response {
        record.compute = Some(response.compute);
        record.reused = response.reused;
        if response.reused.is_none() {
            estimate::learn(cost, response.compute);
        }
    }
    (response, stopping)
}

/// The request with what the function's owner has set, noted in the record.
fn configured(record: &mut Record, mut request: Request, settings: Settings) -> Request {
    request.reuse |= settings.reuse;
    request.metrics |= settings.metrics;
    record.request = Some(request);
    request
}
