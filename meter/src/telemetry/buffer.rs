//! The events that wait for one subscriber.
//!
//! A batch is due when it is full, or when its first event has waited for the timeout, or during a
//! flush. At most twice `maxBytes` wait, the batch under way included; further events are counted and
//! dropped, and `platform.logsDropped` stands in their place.

use super::{Buffering, Dialect, Event};
use std::collections::VecDeque;
use std::time::Instant;

/// Events as JSON, in order.
#[derive(Debug)]
pub struct Buffer {
    limits: Buffering,
    dialect: Dialect,
    events: VecDeque<String>,
    bytes: usize,
    /// Bytes of the batch that is being sent.
    under_way: Option<usize>,
    /// The moment of the first event of the next batch.
    since: Option<Instant>,
    dropped: (usize, usize),
    is_flushing: bool,
}

/// The events of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The events as JSON.
    pub events: Vec<String>,
    /// Bytes of all events.
    pub bytes: usize,
}

impl Buffer {
    /// An empty buffer.
    #[must_use]
    pub fn new(limits: Buffering, dialect: Dialect) -> Self {
        Self {
            limits,
            dialect,
            events: VecDeque::new(),
            bytes: 0,
            under_way: None,
            since: None,
            dropped: (0, 0),
            is_flushing: false,
        }
    }

    /// Adds an event, or counts it as dropped; events that the dialect does not have are ignored.
    pub fn push(&mut self, event: &Event, now: Instant) {
        let Some(json) = event.json(self.dialect) else { return };
        let waiting = self.bytes + self.under_way.unwrap_or_default();
        let is_full = waiting + json.len() > 2 * self.limits.max_bytes
            || self.events.len() >= 2 * self.limits.max_items;
        if is_full {
            self.drop_events(1, json.len());
            return;
        }
        if let Some(notice) = self.notice() {
            self.add(notice);
        }
        self.add(json);
        self.since.get_or_insert(now);
    }

    fn add(&mut self, json: String) {
        self.bytes += json.len();
        self.events.push_back(json);
    }

    /// `platform.logsDropped` for the events that were dropped since the last notice.
    fn notice(&mut self) -> Option<String> {
        let (records, bytes) = std::mem::take(&mut self.dropped);
        (records > 0).then(|| Event::logs_dropped(records, bytes).json(self.dialect))?
    }

    /// The moment at which the next batch is due; `None` without events.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        let since = self.since?;
        let is_full = self.bytes >= self.limits.max_bytes || self.events.len() >= self.limits.max_items;
        Some(if is_full || self.is_flushing { since } else { since + self.limits.timeout })
    }

    /// Takes a batch, which is under way until [`done`](Self::done).
    pub fn take(&mut self, now: Instant) -> Batch {
        let mut batch = Batch { events: Vec::new(), bytes: 0 };
        while let Some(event) = self.events.front() {
            let is_full = batch.events.len() >= self.limits.max_items
                || batch.bytes + event.len() > self.limits.max_bytes;
            if is_full && !batch.events.is_empty() {
                break;
            }
            batch.bytes += event.len();
            batch.events.extend(self.events.pop_front());
        }
        self.bytes -= batch.bytes;
        self.under_way = Some(batch.bytes);
        if self.events.is_empty() {
            batch.events.extend(self.notice());
        }
        self.since = (!self.events.is_empty()).then_some(now);
        batch
    }

    /// Records the end of a delivery.
    pub fn done(&mut self) {
        self.under_way = None;
    }

    /// Counts events as dropped.
    pub fn drop_events(&mut self, records: usize, bytes: usize) {
        self.dropped.0 += records;
        self.dropped.1 += bytes;
    }

    /// Makes every batch due at once from now on.
    pub fn flush(&mut self) {
        self.is_flushing = true;
    }

    /// True when nothing waits and nothing is under way.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.events.is_empty() && self.under_way.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Category;
    use std::time::Duration;

    const DIALECT: Dialect = Dialect::Telemetry { json_logs: false };

    fn buffer() -> Buffer {
        Buffer::new(Buffering { max_items: 1_000, ..Buffering::default() }, DIALECT)
    }

    fn line(size: usize) -> Event {
        Event::line(Category::Function, &"x".repeat(size))
    }

    #[test]
    fn a_batch_is_due_after_its_timeout_or_when_it_is_full() {
        let now = Instant::now();
        let mut buffer = buffer();
        assert_eq!(buffer.due(), None);
        buffer.push(&line(1), now);
        assert_eq!(buffer.due(), Some(now + Duration::from_millis(1_000)));
        buffer.push(&line(262_144), now);
        assert_eq!(buffer.due(), Some(now), "full");
        assert_eq!(buffer.take(now).events.len(), 1, "the large event does not fit in");
        assert_eq!(buffer.take(now).events.len(), 1, "and is alone");
        assert_eq!(buffer.due(), None);
    }

    #[test]
    fn a_flush_makes_the_next_batch_due() {
        let now = Instant::now();
        let mut buffer = buffer();
        buffer.flush();
        buffer.push(&line(1), now);
        assert_eq!(buffer.due(), Some(now));
        assert!(!buffer.is_drained());
        buffer.take(now);
        assert!(!buffer.is_drained(), "it is under way");
        buffer.done();
        assert!(buffer.is_drained());
    }

    #[test]
    fn what_does_not_fit_is_counted_and_said() {
        let now = Instant::now();
        let mut buffer = buffer();
        for _ in 0..60 {
            buffer.push(&line(10_000), now);
        }
        let mut events = Vec::new();
        while buffer.due().is_some() {
            events.extend(buffer.take(now).events);
            buffer.done();
        }
        let said: Vec<&String> = events.iter().filter(|event| event.contains("logsDropped")).collect();
        let [said] = said[..] else { panic!("{} reports", said.len()) };
        let said: serde_json::Value = serde_json::from_str(said).unwrap();
        let dropped = said["record"]["droppedRecords"].as_u64().unwrap();
        assert_eq!(dropped + events.len() as u64 - 1, 60, "nothing is lost uncounted");
        assert!(said["record"]["droppedBytes"].as_u64().unwrap() > 10_000 * dropped);
    }

    #[test]
    fn a_batch_under_way_counts_towards_the_bound() {
        let now = Instant::now();
        let mut buffer = buffer();
        buffer.push(&line(260_000), now);
        buffer.take(now);
        for _ in 0..30 {
            buffer.push(&line(10_000), now);
        }
        assert_eq!(buffer.dropped.0, 4);
    }

    #[test]
    fn no_batch_has_more_events_than_allowed() {
        let now = Instant::now();
        let mut buffer = buffer();
        (0..1_500).for_each(|_| buffer.push(&line(1), now));
        assert_eq!((buffer.take(now).events.len(), buffer.take(now).events.len()), (1_000, 500));
    }
}
