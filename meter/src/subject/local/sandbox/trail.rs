//! The telemetry of one invocation: start, runtimeDone with its spans, end and report.

use super::{Outcome, Sandbox};
use crate::runtime_api::{Answer, StreamEnd, Streamed, Work};
use crate::subject::Invocation;
use crate::subject::local::environment;
use crate::subject::local::outcome::function_error;
use crate::telemetry::{Event, Span};
use std::time::{Duration, Instant, SystemTime};

/// The invocation that is under way, or was the last.
#[derive(Debug)]
pub(super) struct Trail {
    request_id: String,
    trace_id: String,
    delivered: (Instant, SystemTime),
    answered: Option<Instant>,
    /// Size of the response in bytes.
    produced: Option<usize>,
    error_type: Option<String>,
    is_done: bool,
}

impl Sandbox {
    /// `platform.start`
    pub(super) fn trail_starts(&mut self, work: &Work) {
        self.telemetry.emit(&Event::start(work, environment::VERSION));
        self.trail = Some(Trail {
            request_id: work.request_id.clone(),
            trace_id: work.trace_id.clone(),
            delivered: (Instant::now(), SystemTime::now()),
            answered: None,
            produced: None,
            error_type: None,
            is_done: false,
        });
    }

    /// Records the delivery of the event.
    pub(super) fn trail_delivered(&mut self, moment: Instant) {
        if let Some(trail) = &mut self.trail {
            trail.delivered = (moment, SystemTime::now() - moment.elapsed());
        }
    }

    /// Records the answer; a failure is `platform.runtimeDone` at once.
    pub(super) fn trail_answered(&mut self, duration: Duration, outcome: &Outcome) {
        let Some(trail) = &mut self.trail else { return };
        trail.answered = Some(trail.delivered.0 + duration);
        match outcome {
            Outcome::Answered(answer) => {
                let (produced, error_type) = summary(answer);
                trail.produced = Some(produced);
                trail.error_type = error_type;
            }
            failure => self.trail_fails(failure),
        }
    }

    /// `platform.runtimeDone` of a failed invocation.
    pub(super) fn trail_fails(&mut self, failure: &Outcome) {
        match failure {
            Outcome::TimedOut => self.runtime_done(Instant::now(), "timeout", None),
            Outcome::Extension(crash) => {
                self.runtime_done(Instant::now(), "failure", Some(crash.error_type));
            }
            Outcome::Exited(_) => self.runtime_done(Instant::now(), "failure", Some("Runtime.ExitError")),
            Outcome::Answered(_) => {}
        }
    }

    /// `platform.runtimeDone` when the function asks for its next event.
    pub(super) fn trail_idle(&mut self, moment: Instant) {
        let error_type = self.trail.as_ref().and_then(|trail| trail.error_type.clone());
        let status = if error_type.is_some() { "error" } else { "success" };
        self.runtime_done(moment, status, error_type.as_deref());
    }

    fn runtime_done(&mut self, moment: Instant, status: &str, error_type: Option<&str>) {
        // Lines of the function come before the end of its work.
        self.drain_output();
        if let Some(runtime) = &self.runtime {
            runtime.end_line();
        }
        let first_byte = self.first_byte;
        let Some(trail) = self.trail.as_mut().filter(|trail| !trail.is_done) else { return };
        trail.is_done = true;
        let spans = trail.spans(moment, first_byte);
        let (duration, produced) = (moment.saturating_duration_since(trail.delivered.0), trail.produced);
        let event = Event::runtime_done(
            &trail.request_id,
            &trail.trace_id,
            (status, error_type),
            (duration, produced),
            &spans,
        );
        self.telemetry.emit(&event);
    }

    /// `platform.report`, with the time of extensions as a span.
    pub(in crate::subject::local) fn trail_reports(&mut self, invocation: &Invocation) {
        let Some(trail) = self.trail.take() else { return };
        let span = invocation.extension_overhead.map(|duration| Span {
            name: "extensionOverhead",
            start: trail.delivered.1 + invocation.duration.saturating_sub(duration),
            duration,
        });
        let report = invocation.report();
        let error = invocation.function_error.as_ref();
        if let Some(error) = error.filter(|error| error.cause.is_fatal()) {
            self.telemetry.emit(&Event::fault(&error.error_message));
        }
        self.telemetry.emit(&Event::end(&trail.request_id));
        let spans = span.as_slice();
        self.telemetry.emit(&Event::report(&report, &trail.trace_id, error.is_some(), spans));
    }
}

impl Trail {
    fn spans(&self, moment: Instant, first_byte: Option<Duration>) -> Vec<Span> {
        let (delivered, start) = self.delivered;
        let Some(answered) = self.answered else { return Vec::new() };
        let whole = answered.saturating_duration_since(delivered);
        let latency = first_byte.unwrap_or(whole).min(whole);
        let span = |name, after, duration| Span { name, start: start + after, duration };
        let overhead = moment.saturating_duration_since(answered);
        vec![
            span("responseLatency", Duration::ZERO, latency),
            span("responseDuration", latency, whole - latency),
            span("runtimeOverhead", whole, overhead),
        ]
    }
}

/// The size of an answer, and the type of its error.
fn summary(answer: &Answer) -> (usize, Option<String>) {
    match answer {
        Answer::Response(bytes) => (bytes.len(), None),
        Answer::Error(reported) => (reported.body.len(), Some(function_error(reported).error_type)),
        Answer::TooLarge(size) => (*size, Some("Function.ResponseSizeTooLarge".to_owned())),
        Answer::Streamed(Streamed { size, end, .. }) => {
            let error_type = match end {
                StreamEnd::Complete => None,
                StreamEnd::Failed(reported) => Some(function_error(reported).error_type),
                StreamEnd::TooLarge => Some("Function.ResponseSizeTooLarge".to_owned()),
                StreamEnd::Truncated => Some("Runtime.TruncatedResponse".to_owned()),
            };
            (*size, error_type)
        }
    }
}
