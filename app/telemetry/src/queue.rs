//! The queue in memory: bounded in events and bytes, never a wait for those who push.
//!
//! An event stays counted until SQS has it. When there is no room, a new event is dropped and counted,
//! and the next batch begins with an event `telemetry.dropped` that tells the counts.
//!
//! A batch is due when it is full, when its first event is old enough, or when the environment shuts down.

use crate::message::Event;
use crate::settings::{Limits, SQS_ENTRIES};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The kind of the event that tells what was dropped.
pub const DROPPED: &str = "telemetry.dropped";

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

#[derive(Debug)]
struct Waiting {
    numbered: Numbered,
    since: Instant,
}

#[derive(Debug, Default)]
struct Tally {
    events: u64,
    bytes: u64,
    reasons: BTreeMap<Reason, u64>,
    since: Option<Instant>,
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
mod tests {
    use super::*;
    use serde_json::value::RawValue;
    use std::sync::Arc;
    use std::time::Duration;

    const AGE: Duration = Duration::from_secs(5);

    fn event(record_bytes: usize) -> Event {
        let record = format!("\"{}\"", "r".repeat(record_bytes));
        Event { kind: "test".to_owned(), time: String::new(), record: RawValue::from_string(record).unwrap() }
    }

    fn queue(events: usize) -> Arc<Queue> {
        let limits = Limits { events, bytes: 100_000, age: AGE, batch_bytes: 20_000 };
        Arc::new(Queue::new(limits, "e".to_owned()))
    }

    fn ids(batch: &[Numbered]) -> Vec<&str> {
        batch.iter().map(|numbered| numbered.id.as_str()).collect()
    }

    fn sizes(batch: &[Numbered]) -> impl Iterator<Item = usize> {
        batch.iter().map(|numbered| numbered.size)
    }

    /// A batch that must be due at the time that the test has stopped.
    async fn due_now(queue: &Queue) -> Vec<Numbered> {
        let before = Instant::now();
        let batch = queue.batch().await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO, "the batch was not due");
        batch
    }

    #[tokio::test(start_paused = true)]
    async fn ten_events_are_due_at_once_and_fewer_when_they_are_old() {
        let queue = queue(100);
        for _ in 0..13 {
            queue.push(event(1)).unwrap();
        }
        assert_eq!(due_now(&queue).await.len(), 10);
        let before = Instant::now();
        assert_eq!(ids(&queue.batch().await.unwrap()), ["e-11", "e-12", "e-13"]);
        assert_eq!(before.elapsed(), AGE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_sender_is_woken_by_a_full_batch() {
        let queue = queue(100);
        let waits = tokio::spawn({
            let queue = queue.clone();
            async move { queue.batch().await }
        });
        tokio::task::yield_now().await;
        let before = Instant::now();
        for _ in 0..10 {
            queue.push(event(1)).unwrap();
        }
        assert_eq!(waits.await.unwrap().unwrap().len(), 10);
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_of_a_batch_are_bounded() {
        let queue = queue(100);
        for _ in 0..5 {
            queue.push(event(8000)).unwrap();
        }
        for expected in [2, 2] {
            let batch = due_now(&queue).await;
            assert_eq!(batch.len(), expected);
            assert!(sizes(&batch).sum::<usize>() <= 20_000);
        }
        assert_eq!(queue.batch().await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn drops_are_counted_and_told_once() {
        let queue = queue(12);
        for _ in 0..12 {
            queue.push(event(1)).unwrap();
        }
        assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
        assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
        assert_eq!(queue.push(event(30_000)), Err(Reason::TooLarge));
        let batch = due_now(&queue).await;
        assert_eq!(batch.len(), 10);
        assert_eq!(batch[0].event.kind, DROPPED);
        let record: serde_json::Value = serde_json::from_str(batch[0].event.record.get()).unwrap();
        assert_eq!(record["events"], 3);
        assert_eq!(record["reasons"], serde_json::json!({"queueFull": 2, "tooLarge": 1}));
        // Events that are being sent still take their room.
        assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
        queue.sent(sizes(&batch));
        queue.push(event(1)).unwrap();
        assert_eq!(queue.counts().sent, 10);
        assert_eq!(queue.counts().dropped, 4);
        let rest = queue.batch().await.unwrap();
        assert_eq!(rest[0].event.kind, DROPPED);
        assert_eq!(rest.len(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn drops_alone_are_told_too() {
        let queue = queue(100);
        assert_eq!(queue.push(event(30_000)), Err(Reason::TooLarge));
        let batch = queue.batch().await.unwrap();
        assert_eq!((batch.len(), batch[0].event.kind.as_str()), (1, DROPPED));
        queue.refused(batch[0].size);
        assert_eq!(queue.counts().waiting, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_in_all_are_bounded() {
        let queue = queue(1000);
        let taken = (0..20).filter(|_| queue.push(event(9000)).is_ok()).count();
        assert_eq!(taken, 10);
        assert!(queue.counts().bytes <= 100_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hurried_queue_gives_all_and_a_closed_one_ends() {
        let queue = queue(100);
        queue.push(event(1)).unwrap();
        queue.hurry();
        queue.hurried().await;
        assert_eq!(ids(&due_now(&queue).await), ["e-1"]);
        queue.push(event(1)).unwrap();
        assert_eq!(ids(&due_now(&queue).await), ["e-2"]);
        queue.push(event(1)).unwrap();
        queue.close();
        assert_eq!(ids(&due_now(&queue).await), ["e-3"]);
        assert!(queue.batch().await.is_none());
    }
}
