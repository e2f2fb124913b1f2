//! Queues as event sources: their messages are delivered to functions in batches.
//!
//! The queue is a real one of SQS, or of a local stand-in (`AWS_ENDPOINT_URL_SQS`): visibility, the number
//! of deliveries and the dead letter queue are the queue's own, as on AWS. [`poll`] does what Lambda's
//! pollers do, [`answer`] reads which messages failed, and [`sqs`] speaks to the queue.

mod answer;
mod poll;
mod sqs;

use super::functions::Functions;
use super::pool::Pool;
use crate::error::Error;
use crate::matrix::{Draft, DraftQueue, MatrixError, within};
use sqs::Queue;
use std::sync::Arc;
use std::time::Duration;

/// Most messages of an event.
const LARGEST_BATCH: u64 = 10_000;
/// Longest time to wait for a full batch, in seconds.
const LONGEST_WINDOW: u64 = 300;
/// Most messages of an event without such a time.
const WITHOUT_WINDOW: u64 = 10;

/// A queue and the function that gets its messages.
#[derive(Debug)]
pub(super) struct EventSource {
    queue: Queue,
    pool: Arc<Pool>,
    plan: Plan,
}

/// The way in which messages become events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Most messages of an event.
    batch_size: usize,
    /// Time to wait for a full batch, from the first message.
    window: Duration,
    /// Read the failed messages from the answer.
    partial: bool,
    /// Events at a time.
    concurrency: u64,
}

impl Plan {
    fn new(draft: &DraftQueue) -> Result<Self, MatrixError> {
        let named = |key: &str| format!("{key} of the queue {}", draft.url);
        let batch_size = within(&named("batch_size"), draft.batch_size, (1, LARGEST_BATCH), "messages")?;
        let window = within(&named("window"), draft.window, (0, LONGEST_WINDOW), "s")?;
        let concurrency = within(&named("concurrency"), draft.concurrency, (1, 1_000), "events")?;
        if batch_size > WITHOUT_WINDOW && window == 0 {
            return Err(MatrixError::missing(
                format!("the queue {} has batch_size = {batch_size} and no window", draft.url),
                "window = 1: SQS hands out 10 messages at a time, and AWS refuses larger batches without it",
            ));
        }
        Ok(Self {
            batch_size: usize::try_from(batch_size).unwrap_or(usize::MAX),
            window: Duration::from_secs(window),
            partial: draft.report_batch_item_failures,
            concurrency,
        })
    }
}

impl EventSource {
    /// The queues of a file, found and checked as AWS does when a mapping is made.
    ///
    /// # Errors
    ///
    /// For a value out of range, an unknown function, or a queue that does not exist or hands a message out
    /// again while its function still runs.
    pub(super) async fn open(file: &Draft, functions: &Functions) -> Result<Vec<Self>, Error> {
        let mut sources = Vec::new();
        let mut client = None;
        for draft in &file.queues {
            let plan = Plan::new(draft)?;
            let pool = functions.named(format!("the queue {}", draft.url), &draft.target)?;
            let client = match &client {
                Some(client) => client,
                None => client.insert(sqs::connect(file.region.as_deref(), file.profile.as_deref()).await?),
            };
            let queue = Queue::open(client, &draft.url).await?;
            check_visibility(draft, queue.visibility(), pool.configuration().timeout)?;
            sources.push(Self { queue, pool, plan });
        }
        Ok(sources)
    }

    /// A line for the announcement.
    pub(super) fn line(&self) -> String {
        let Plan { batch_size, window, concurrency, .. } = self.plan;
        format!(
            "{} -> {} (batches of {batch_size}, window {} s, {concurrency} at a time)",
            self.queue.url(),
            self.pool.configuration().function_name,
            window.as_secs()
        )
    }

    /// Delivers messages until the future is dropped. Messages of a batch that is cut off return when their
    /// visibility timeout is over.
    pub(super) async fn deliver(self) {
        let (queue, plan) = (Arc::new(self.queue), self.plan);
        let mut pollers = tokio::task::JoinSet::new();
        for _ in 0..plan.concurrency {
            pollers.spawn(poll::poll(Arc::clone(&queue), Arc::clone(&self.pool), plan));
        }
        pollers.join_all().await;
    }
}

fn check_visibility(draft: &DraftQueue, visibility: Duration, timeout: Duration) -> Result<(), MatrixError> {
    if visibility >= timeout {
        return Ok(());
    }
    let (visibility, timeout) = (visibility.as_secs(), timeout.as_secs());
    Err(MatrixError::missing(
        format!(
            "the queue {} hands a message out again after {visibility} s, and its function {} may run for \
             {timeout} s",
            draft.url, draft.target
        ),
        format!(
            "timeout = {visibility} in the file, or a VisibilityTimeout of {timeout} or more; AWS refuses \
             such an event source too"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(batch_size: u64, window: u64, concurrency: u64) -> Result<Plan, String> {
        let (url, target) = ("q".to_owned(), "f".to_owned());
        let report_batch_item_failures = true;
        let draft = DraftQueue { url, target, batch_size, window, report_batch_item_failures, concurrency };
        Plan::new(&draft).map_err(|error| error.to_string())
    }

    #[test]
    fn the_ranges_are_those_of_aws() {
        assert!(plan(1, 0, 1).is_ok() && plan(10_000, 300, 1_000).is_ok() && plan(10, 0, 1).is_ok());
        for (found, words) in [
            (plan(0, 0, 1), "batch_size of the queue q is 0 messages; allowed is 1 to 10000 messages"),
            (plan(10_001, 1, 1), "batch_size of the queue q is 10001"),
            (plan(1, 301, 1), "window of the queue q is 301 s; allowed is 0 to 300 s"),
            (plan(1, 0, 0), "concurrency of the queue q is 0 events"),
            (plan(11, 0, 1), "batch_size = 11 and no window\n  hint: window = 1"),
        ] {
            assert!(found.clone().unwrap_err().contains(words), "{found:?}");
        }
    }

    #[test]
    fn a_message_must_stay_hidden_while_its_function_runs() {
        let draft = DraftQueue {
            url: "q".to_owned(),
            target: "f".to_owned(),
            ..toml::from_str("url = ''\ntarget = ''").unwrap()
        };
        let check = |visibility, timeout| {
            check_visibility(&draft, Duration::from_secs(visibility), Duration::from_secs(timeout))
        };
        assert!(check(30, 30).is_ok());
        let problem = check(30, 31).unwrap_err().to_string();
        assert!(problem.contains("its function f may run for 31 s\n  hint: timeout = 30"), "{problem}");
    }
}
