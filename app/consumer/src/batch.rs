//! A batch of messages: stored side by side, answered with the messages that failed.

use crate::message::{Stored, read};
use crate::sqs::{ItemFailure, SqsBatch, SqsRecord, SqsResponse};
use futures_util::StreamExt;
use futures_util::stream;
use pi_observatory_store::{Put, Table};
use std::future::Future;
use tokio::time::{Instant, timeout_at};

/// Writes at one time: each waits for the network most of the time.
const WRITES: usize = 16;

/// A place for items.
pub trait Sink {
    /// Stores an item unless its key exists.
    fn store(&self, item: &Stored) -> impl Future<Output = Result<Put, String>>;
}

impl Sink for Table {
    async fn store(&self, item: &Stored) -> Result<Put, String> {
        let put = match item {
            Stored::Measurement(measurement) => self.put(measurement).await,
            Stored::Event(event) => self.put_event(event).await,
        };
        put.map_err(|error| error.to_string())
    }
}

/// Counts of a batch, for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Messages whose items are new.
    pub stored: usize,
    /// Messages whose items were there already.
    pub known: usize,
    /// The other messages, each with its reason.
    pub failures: Vec<(String, String)>,
}

impl Outcome {
    /// The answer to SQS: messages that it shall deliver again.
    #[must_use]
    pub fn response(&self) -> SqsResponse {
        let failure = |(id, _): &(String, String)| ItemFailure { item_identifier: id.clone() };
        SqsResponse { batch_item_failures: self.failures.iter().map(failure).collect() }
    }
}

/// Stores the messages of a batch. A message that is not stored by `deadline` counts as failed: SQS
/// delivers it again, and a write that was on its way is then known.
pub async fn consume(batch: SqsBatch, sink: &impl Sink, deadline: Instant) -> Outcome {
    let results = stream::iter(batch.records).map(async |SqsRecord { message_id, body }| {
        let put = match timeout_at(deadline, store(&body, sink)).await {
            Ok(put) => put,
            Err(_) => Err("the invocation has no time left; SQS delivers the message again".to_owned()),
        };
        (message_id, put)
    });
    let results: Vec<_> = results.buffer_unordered(WRITES).collect().await;
    let mut outcome = Outcome::default();
    for (id, put) in results {
        match put {
            Ok(Put::Stored) => outcome.stored += 1,
            Ok(Put::Same) => outcome.known += 1,
            Ok(Put::Other) => {
                outcome.failures.push((id, "the table has another item with the same key".to_owned()));
            }
            Err(reason) => outcome.failures.push((id, reason)),
        }
    }
    outcome
}

async fn store(body: &str, sink: &impl Sink) -> Result<Put, String> {
    let item = read(body).map_err(|poison| poison.to_string())?;
    sink.store(&item).await
}
