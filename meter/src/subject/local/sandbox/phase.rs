//! One invocation: the event goes to the function and to extensions, until all have come back.

use super::{Delivery, Happening, LAST_WORDS, Outcome, Sandbox};
use crate::runtime_api::{Answer, Step, StreamEnd, Streamed, Work};
use std::time::{Duration, Instant};
use tokio::time::timeout;

impl Sandbox {
    /// Delivers an event and waits for its outcome.
    pub(in crate::subject::local) async fn deliver(&mut self, work: Work, limit: Duration) -> Delivery {
        self.thaw();
        // A process that ended since the last invocation gets no event.
        if self.has_ended() {
            return Delivery::NotTaken;
        }
        self.trail_starts(&work);
        self.api.extensions().invoke(&work);
        self.api.send(work);
        let delivered = loop {
            match self.happening().await {
                Happening::Step(Step::Delivered(moment)) => break moment,
                Happening::Step(_) => {}
                Happening::Exited(..) | Happening::Crashed(..) => return Delivery::NotTaken,
            }
        };
        self.trail_delivered(delivered);
        let (duration, outcome) = match timeout(limit, self.answer(delivered)).await {
            Ok((moment, outcome)) => (moment - delivered, outcome),
            // Lambda reports the timeout itself as the duration.
            Err(_) => (limit, Outcome::TimedOut),
        };
        self.read_peak();
        self.trail_answered(duration, &outcome);
        if matches!(outcome, Outcome::TimedOut) {
            self.stop_function();
        }
        Delivery::Done { delivered, duration, outcome }
    }

    /// Kills the function that exceeded its timeout; extensions may still flush.
    fn stop_function(&mut self) {
        if !self.has_shutdown() {
            self.kill();
        } else if let Some(runtime) = &self.runtime {
            runtime.kill();
        }
    }

    async fn answer(&mut self, delivered: Instant) -> (Instant, Outcome) {
        self.first_byte = None;
        loop {
            match self.happening().await {
                Happening::Step(Step::Answered(moment, answer)) => {
                    if let Answer::Streamed(Streamed { first_byte, .. }) = &answer {
                        self.first_byte = first_byte.map(|first| first - delivered);
                    }
                    let outcome = self.exit_behind(&answer).await.unwrap_or(Outcome::Answered(answer));
                    return (moment, outcome);
                }
                Happening::Step(_) => {}
                Happening::Exited(moment, status) => return (moment, Outcome::Exited(status)),
                Happening::Crashed(moment, crash) => return (moment, Outcome::Extension(crash)),
            }
        }
    }

    /// A truncated stream is often the first sign of a process's exit.
    async fn exit_behind(&mut self, answer: &Answer) -> Option<Outcome> {
        let Answer::Streamed(Streamed { end: StreamEnd::Truncated, .. }) = answer else { return None };
        let status = timeout(LAST_WORDS, self.runtime.as_mut()?.exit()).await.ok()?;
        Some(Outcome::Exited(status))
    }

    /// Waits until the function and all extensions with INVOKE events have asked for their next event.
    ///
    /// # Errors
    ///
    /// The end of a process in the meantime.
    pub(in crate::subject::local) async fn idle(&mut self) -> Result<(), Outcome> {
        let mut is_idle = false;
        loop {
            if is_idle && self.api.extensions().registry().busy().is_empty() {
                return Ok(());
            }
            match self.happening().await {
                Happening::Step(Step::Idle(moment)) => {
                    is_idle = true;
                    self.trail_idle(moment);
                }
                Happening::Step(_) => {}
                Happening::Exited(_, status) => return Err(self.failed(Outcome::Exited(status))),
                Happening::Crashed(_, crash) => return Err(self.failed(Outcome::Extension(crash))),
            }
        }
    }

    fn failed(&mut self, outcome: Outcome) -> Outcome {
        self.trail_fails(&outcome);
        outcome
    }

    /// The moment at which the last extension came back, and the memory used until now.
    pub(in crate::subject::local) fn last_back(&mut self) -> Option<Instant> {
        self.read_peak();
        self.api.extensions().registry().last_ready()
    }

    /// The extensions that have not come back.
    pub(in crate::subject::local) fn busy(&self) -> Vec<String> {
        self.api.extensions().registry().busy().into_iter().map(str::to_owned).collect()
    }
}
