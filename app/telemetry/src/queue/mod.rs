//! The queue in memory: bounded in events and bytes, never a wait for those who push.
//!
//! An event stays counted until SQS has it. When there is no room, a new event is dropped and counted,
//! and the next batch begins with an event `telemetry.dropped` that tells the counts.
//!
//! A batch is due when it is full, when its first event is old enough, or when the environment shuts down.

mod counts;

use crate::message::Event;
use crate::settings::{Limits, SQS_ENTRIES};
use counts::Tally;
pub use counts::{Counts, Reason};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The kind of the event that tells what was dropped.
pub const DROPPED: &str = "telemetry.dropped";

/// An event with its place in the order, and the identity of its message.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// The identity: the environment's, a hyphen, and the number of the event in the environment.
    pub id: String,
    /// The event.
    pub event: Event,
    /// The bound of its size that the queue counts, in bytes.
    pub size: usize,
}

#[derive(Debug)]
struct Waiting {
    numbered: Numbered,
    since: Instant,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    counts: Counts,
    /// Drops that no event has told yet.
    untold: Tally,
    next: u64,
    hurried: bool,
    closed: bool,
}

/// The queue of one environment.
#[derive(Debug)]
pub struct Queue {
    limits: Limits,
    environment: String,
    inner: Mutex<Inner>,
    changed: Notify,
}

impl Queue {
    /// An empty queue of an environment whose identity no other environment has.
    #[must_use]
    pub fn new(limits: Limits, environment: String) -> Self {
        Self { limits, environment, inner: Mutex::default(), changed: Notify::new() }
    }

    /// Takes an event, or counts it as dropped. Returns at once in both cases.
    ///
    /// # Errors
    ///
    /// The reason why it was dropped.
    pub fn push(&self, event: Event) -> Result<(), Reason> {
        let size = event.size();
        let mut inner = self.lock();
        let outcome = if size > self.limits.batch_bytes {
            Err(Reason::TooLarge)
        } else if inner.counts.waiting >= self.limits.events || inner.counts.bytes + size > self.limits.bytes
        {
            Err(Reason::QueueFull)
        } else {
            Ok(())
        };
        let wake = match outcome {
            Ok(()) => {
                let id = self.identity(&mut inner);
                inner.counts.waiting += 1;
                inner.counts.bytes += size;
                inner.waiting_bytes += size;
                let numbered = Numbered { id, event, size };
                inner.waiting.push_back(Waiting { numbered, since: Instant::now() });
                // The first event starts the clock; a full batch is due.
                inner.waiting.len() == 1 || inner.hurried || self.is_full(&inner)
            }
            Err(reason) => {
                inner.count_drop(reason, size);
                inner.untold.events == 1
            }
        };
        drop(inner);
        if wake {
            self.changed.notify_waiters();
        }
        outcome
    }

    /// Waits until a batch is due. `None` after [`Queue::close`], when nothing is left.
    pub async fn batch(&self) -> Option<Vec<Numbered>> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let due = {
                let mut inner = self.lock();
                let due = self.due(&inner);
                if due.is_some_and(|due| due <= Instant::now()) {
                    return Some(self.take(&mut inner));
                }
                if inner.closed {
                    return None;
                }
                due
            };
            match due {
                None => changed.await,
                Some(due) => tokio::select! { () = changed => (), () = sleep_until(due) => () },
            }
        }
    }

    /// Gives the room of events that SQS has to others.
    pub fn sent(&self, sizes: impl Iterator<Item = usize>) {
        let mut inner = self.lock();
        for size in sizes {
            inner.counts.sent += 1;
            inner.free(size);
        }
    }

    /// Counts an event that was taken and that SQS refused for good.
    pub fn refused(&self, size: usize) {
        let mut inner = self.lock();
        inner.free(size);
        inner.count_drop(Reason::Refused, size);
        drop(inner);
        self.changed.notify_waiters();
    }

    /// Makes every batch due from now on, however small.
    pub fn hurry(&self) {
        self.lock().hurried = true;
        self.changed.notify_waiters();
    }

    /// Ends the waits for batches when nothing is left. Implies [`Queue::hurry`].
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.hurried = true;
        inner.closed = true;
        drop(inner);
        self.changed.notify_waiters();
    }

    /// Tells whether batches are due at once, because the environment shuts down.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.lock().hurried
    }

    /// Waits until [`Queue::hurry`] is called.
    pub async fn hurried(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.is_hurried() {
                return;
            }
            changed.await;
        }
    }

    /// The counts since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No panic can happen half-way through a change of the counts.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn identity(&self, inner: &mut Inner) -> String {
        inner.next += 1;
        format!("{}-{}", self.environment, inner.next)
    }

    fn is_full(&self, inner: &Inner) -> bool {
        inner.waiting.len() >= SQS_ENTRIES || inner.waiting_bytes >= self.limits.batch_bytes
    }

    /// The time at which a batch is due: perhaps in the past, and none when there is nothing to send.
    fn due(&self, inner: &Inner) -> Option<Instant> {
        let first = inner.waiting.front().map(|waiting| waiting.since);
        let oldest = first.into_iter().chain(inner.untold.since).min()?;
        Some(if inner.hurried || self.is_full(inner) { oldest } else { oldest + self.limits.age })
    }

    fn take(&self, inner: &mut Inner) -> Vec<Numbered> {
        let mut batch: Vec<Numbered> = self.dropped(inner).into_iter().collect();
        let mut room = self.limits.batch_bytes - batch.iter().map(|numbered| numbered.size).sum::<usize>();
        while batch.len() < SQS_ENTRIES {
            let Some(next) = inner.waiting.pop_front_if(|next| next.numbered.size <= room) else { break };
            room -= next.numbered.size;
            inner.waiting_bytes -= next.numbered.size;
            batch.push(next.numbered);
        }
        batch
    }

    /// The event about all drops that were not told yet.
    fn dropped(&self, inner: &mut Inner) -> Option<Numbered> {
        #[derive(Serialize)]
        struct Record {
            events: u64,
            bytes: u64,
            reasons: BTreeMap<Reason, u64>,
        }
        inner.untold.since?;
        let Tally { events, bytes, reasons, .. } = std::mem::take(&mut inner.untold);
        let record = serde_json::value::to_raw_value(&Record { events, bytes, reasons }).ok()?;
        let event = Event { kind: DROPPED.to_owned(), time: crate::message::now(), record };
        let size = event.size();
        inner.counts.waiting += 1;
        inner.counts.bytes += size;
        Some(Numbered { id: self.identity(inner), event, size })
    }
}

impl Inner {
    fn free(&mut self, size: usize) {
        self.counts.waiting -= 1;
        self.counts.bytes -= size;
    }

    fn count_drop(&mut self, reason: Reason, size: usize) {
        self.counts.dropped += 1;
        self.untold.events += 1;
        self.untold.bytes += size as u64;
        *self.untold.reasons.entry(reason).or_default() += 1;
        self.untold.since.get_or_insert_with(Instant::now);
    }
}

#[cfg(test)]
mod tests;
