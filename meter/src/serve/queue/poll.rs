//! The loop that Lambda runs for a queue: receive, invoke, delete what succeeded.

use super::Plan;
use super::answer::failures;
use crate::event::MAX_SIZE;
use crate::say::say;
use crate::serve::pool::Pool;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Messages that SQS hands out at a time.
const HANDFUL: usize = 10;
/// Wait for a message in a call, the longest of SQS.
const LONG_POLL: Duration = Duration::from_secs(20);
/// Wait between calls within the last second of a window.
const SHORT_POLL: Duration = Duration::from_millis(100);
/// Waits after a failed call, the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));
/// Bytes of an event around its records.
const FRAME: usize = 16;

/// A message as Lambda's event has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) id: String,
    /// The handle by which the message is deleted.
    pub(super) handle: String,
    pub(super) json: Value,
}

/// A queue.
pub(super) trait Source: Send + Sync + 'static {
    /// Name for messages to the user.
    fn name(&self) -> &str;

    /// Receives at most `most` messages, 1 to 10, and waits for the first of them.
    fn receive(
        &self,
        most: usize,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Record>, String>> + Send;

    /// Deletes at most ten messages.
    fn delete(&self, records: &[Record]) -> impl Future<Output = Result<(), String>> + Send;
}

/// A function that takes batches.
pub(super) trait Consumer: Send + Sync + 'static {
    /// Invokes the function; the error is the reason of its failure.
    fn consume(&self, event: Value) -> impl Future<Output = Result<Vec<u8>, String>> + Send;
}

impl Consumer for Arc<Pool> {
    async fn consume(&self, event: Value) -> Result<Vec<u8>, String> {
        // A batch waits for a sandbox, where a caller would be refused.
        let loan = self.lend_later().await.map_err(|error| error.message)?;
        let invocation = loan.run(event.to_string().into()).await.map_err(|error| error.message)?;
        match invocation.function_error {
            Some(_) => Err("the function failed".to_owned()),
            None => Ok(invocation.payload),
        }
    }
}

/// Delivers messages until the future is dropped.
pub(super) async fn poll<S: Source>(source: Arc<S>, consumer: impl Consumer, plan: Plan) {
    let mut pause = None;
    loop {
        match gather(&*source, plan).await {
            Ok(batch) => {
                if pause.take().is_some() {
                    say(&format!("the queue {} answers again", source.name()));
                }
                for part in parts(batch) {
                    deliver(&*source, &consumer, plan, part).await;
                }
            }
            Err(problem) => {
                if pause.is_none() {
                    say(&format!("the queue {} cannot be read: {problem}", source.name()));
                }
                let next = pause.map_or(PAUSES.0, |last: Duration| PAUSES.1.min(last * 2));
                pause = Some(next);
                sleep(next).await;
            }
        }
    }
}

/// Receives a batch: at once as many messages as one call gives, or until the window of the plan is over.
async fn gather(source: &impl Source, plan: Plan) -> Result<Vec<Record>, String> {
    let mut batch = source.receive(plan.batch_size.min(HANDFUL), LONG_POLL).await?;
    let end = Instant::now() + plan.window;
    while !batch.is_empty() && batch.len() < plan.batch_size {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        // SQS waits for whole seconds: poll in between.
        let wait = Duration::from_secs(left.as_secs()).min(LONG_POLL);
        let most = (plan.batch_size - batch.len()).min(HANDFUL);
        match source.receive(most, wait).await {
            Ok(more) if more.is_empty() && wait.is_zero() => sleep(left.min(SHORT_POLL)).await,
            Ok(more) => batch.extend(more),
            // The messages that are here are not lost for it.
            Err(_) => break,
        }
    }
    Ok(batch)
}

/// Cuts a batch, so that no event is larger than Lambda accepts.
fn parts(batch: Vec<Record>) -> Vec<Vec<Record>> {
    let mut parts: Vec<Vec<Record>> = Vec::new();
    let mut size = usize::MAX;
    for record in batch {
        let own = record.json.to_string().len() + 1;
        size = size.saturating_add(own);
        match parts.last_mut().filter(|_| size <= MAX_SIZE) {
            Some(part) => part.push(record),
            None => {
                parts.push(vec![record]);
                size = FRAME + own;
            }
        }
    }
    parts
}

/// Invokes the function with a batch, and deletes the messages that did not fail. The others come again when
/// their visibility timeout is over, until the queue moves them to its dead letter queue.
async fn deliver(source: &impl Source, consumer: &impl Consumer, plan: Plan, batch: Vec<Record>) {
    let ids: BTreeSet<String> = batch.iter().map(|record| record.id.clone()).collect();
    let records: Vec<&Value> = batch.iter().map(|record| &record.json).collect();
    let answer = consumer.consume(json!({"Records": records})).await;
    let failed =
        answer.and_then(|payload| if plan.partial { failures(&payload, &ids) } else { Ok(BTreeSet::new()) });
    let failed = failed.unwrap_or_else(|reason| {
        let count = batch.len();
        say(&format!("{reason}: {count} messages of {} will come again", source.name()));
        ids
    });
    let done: Vec<Record> = batch.into_iter().filter(|record| !failed.contains(&record.id)).collect();
    for chunk in done.chunks(HANDFUL) {
        if let Err(problem) = source.delete(chunk).await {
            say(&format!("messages of {} were not deleted: {problem}", source.name()));
        }
    }
}

#[cfg(test)]
mod tests;
