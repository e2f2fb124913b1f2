//! Sends batches, and the failed part of each again, with back-off and jitter, until SQS has it.
//!
//! ```text
//! some entries failed         those entries are sent again
//! an entry is at fault        it is dropped, named in the log, and counted
//! the content is refused      its entries are sent one by one, so that only those at fault are dropped
//! anything else               all entries are sent again: throttling, time-outs, a missing permission
//! ```
//!
//! While the environment is shut down the pauses are short: what is not sent by then is lost.

use crate::log;
use crate::message::{Source, body};
use crate::queue::{Numbered, Queue};
use crate::settings::Runtime;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Batches that are sent at one time. More connections would take the function's share of the processor.
pub const SENDERS: usize = 4;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause while the environment shuts down, which takes 2 s in all.
const LONGEST_LAST_PAUSE: Duration = Duration::from_millis(100);

/// Time between two lines in the log about failed attempts.
const SILENCE: Duration = Duration::from_secs(60);

/// A message as the queue's client sends it.
#[derive(Clone, Debug)]
pub struct Message {
    /// The identity of the event.
    pub id: String,
    /// The body: JSON.
    pub body: String,
}

/// An entry of a batch that SQS did not take.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its place in the batch.
    pub index: usize,
    /// SQS's code and message.
    pub reason: String,
    /// Set if the message itself is at fault, so that another attempt is useless.
    pub at_fault: bool,
}

/// A request that failed as a whole.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The error, in words.
    pub reason: String,
    /// Set if SQS refused the content of the request.
    pub is_content: bool,
}

/// The client of a queue.
pub trait Transport: Send + Sync + 'static {
    /// Sends a batch of at most 10 messages; returns the entries that SQS did not take.
    fn send(&self, batch: &[Message]) -> impl Future<Output = Result<Vec<Failure>, Trouble>> + Send;
}

/// A sender of one environment.
#[derive(Debug)]
pub struct Sender<T> {
    queue: Arc<Queue>,
    transport: T,
    runtime: Runtime,
    /// Asked for with the first batch, when the environment has started.
    source: OnceLock<Source>,
    troubles: Mutex<Troubles>,
}

/// Failed attempts that the log has told, or will tell: the log costs money too.
#[derive(Debug, Default)]
struct Troubles {
    told: Option<Instant>,
    untold: u64,
}

/// A message that is being sent, with the room that it takes in the queue.
struct Outgoing {
    message: Message,
    size: usize,
}

impl<T: Transport> Sender<T> {
    /// A sender from a queue to a transport, for the function that `runtime` describes.
    #[must_use]
    pub fn new(queue: Arc<Queue>, transport: T, runtime: Runtime) -> Self {
        Self { queue, transport, runtime, source: OnceLock::new(), troubles: Mutex::default() }
    }

    /// Sends until the queue is closed and empty.
    pub async fn run(&self) {
        while let Some(batch) = self.queue.batch().await {
            let outgoing = self.write(batch);
            self.deliver(outgoing).await;
        }
    }

    fn write(&self, batch: Vec<Numbered>) -> Vec<Outgoing> {
        let source = self.source.get_or_init(|| Source::new(&self.runtime));
        let outgoing = batch.into_iter().map(|Numbered { id, event, size }| {
            let body = body(&id, &event, source);
            Outgoing { message: Message { id, body }, size }
        });
        outgoing.collect()
    }

    async fn deliver(&self, mut batch: Vec<Outgoing>) {
        let mut attempt = 0;
        while !batch.is_empty() {
            batch = self.attempt(batch).await;
            if !batch.is_empty() {
                self.pause(attempt).await;
                attempt += 1;
            }
        }
    }

    /// Sends a batch once; returns the messages that must be sent again.
    async fn attempt(&self, batch: Vec<Outgoing>) -> Vec<Outgoing> {
        match self.send(&batch).await {
            Ok(failures) => self.settle(batch, &failures),
            Err(trouble) if trouble.is_content => self.one_by_one(batch, trouble).await,
            Err(trouble) => {
                self.tell(&trouble.reason);
                batch
            }
        }
    }

    async fn send(&self, batch: &[Outgoing]) -> Result<Vec<Failure>, Trouble> {
        let messages: Vec<Message> = batch.iter().map(|outgoing| outgoing.message.clone()).collect();
        self.transport.send(&messages).await
    }

    /// Counts what SQS has and what it refused for good; returns the rest.
    fn settle(&self, batch: Vec<Outgoing>, failures: &[Failure]) -> Vec<Outgoing> {
        let mut again = Vec::new();
        let mut sent = Vec::new();
        for (index, outgoing) in batch.into_iter().enumerate() {
            match failures.iter().find(|failure| failure.index == index) {
                None => sent.push(outgoing.size),
                Some(failure) if failure.at_fault => self.refuse(&outgoing, &failure.reason),
                Some(failure) => {
                    self.tell(&failure.reason);
                    again.push(outgoing);
                }
            }
        }
        self.queue.sent(sent.into_iter());
        again
    }

    async fn one_by_one(&self, batch: Vec<Outgoing>, trouble: Trouble) -> Vec<Outgoing> {
        if let [outgoing] = batch.as_slice() {
            self.refuse(outgoing, &trouble.reason);
            return Vec::new();
        }
        let mut again = Vec::new();
        for outgoing in batch {
            let single = vec![outgoing];
            match self.send(&single).await {
                Ok(failures) => again.extend(self.settle(single, &failures)),
                Err(trouble) if trouble.is_content => self.refuse(&single[0], &trouble.reason),
                Err(trouble) => {
                    self.tell(&trouble.reason);
                    again.extend(single);
                }
            }
        }
        again
    }

    fn refuse(&self, outgoing: &Outgoing, reason: &str) {
        let Message { id, body } = &outgoing.message;
        log::line(format_args!("dropped event {id} of {} bytes: SQS refused it: {reason}", body.len()));
        self.queue.refused(outgoing.size);
    }

    /// Tells a failed attempt in the log, once in a while.
    fn tell(&self, reason: &str) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.untold += 1;
        if troubles.told.is_none_or(|told| told.elapsed() >= SILENCE) {
            let attempts = troubles.untold;
            log::line(format_args!("{attempts} attempts to send failed, others will follow: {reason}"));
            *troubles = Troubles { told: Some(Instant::now()), untold: 0 };
        }
    }

    /// Waits before another attempt; ends early when the environment shuts down.
    async fn pause(&self, attempt: u32) {
        if self.queue.is_hurried() {
            sleep(jittered(attempt, LONGEST_LAST_PAUSE)).await;
        } else {
            let pause = sleep(jittered(attempt, LONGEST_PAUSE));
            tokio::select! { () = pause => (), () = self.queue.hurried() => () }
        }
    }
}

/// A pause before attempt `attempt` + 1: half of an exponential back-off, and a random part of the other
/// half, so that environments which failed together do not come back together.
fn jittered(attempt: u32, longest: Duration) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(longest);
    whole.mul_f64(0.5 + 0.5 * fastrand::f64())
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

#[cfg(test)]
mod tests;
