//! The extension's life: it registers, waits for events of the environment, and flushes at the end.
//!
//! ```text
//! init       register, subscribe, open the endpoint, ask for the first event
//! INVOKE     note the invocation, ask for the next event at once: batches are sent meanwhile
//! SHUTDOWN   send all that is left, within the 2 s that Lambda gives, and end the process
//! ```
//!
//! Lambda freezes the environment when function and extensions ask for their next event, so that a request
//! to SQS may be interrupted. It then fails when the environment thaws, and is sent again: nothing is lost,
//! and the consumer knows a duplicate by its `id`.
//!
//! Without usable settings the extension waits for SHUTDOWN only, and costs nothing.

use crate::endpoint;
use crate::log;
use crate::queue::Queue;
use crate::sender::{SENDERS, Sender};
use crate::settings::{Runtime, Settings, SettingsError};
use crate::sqs::Sqs;
use crate::telemetry::{self, Deliveries};
use lambda_extension::{Error, Extension, LambdaEvent, NextEvent, ShutdownEvent, service_fn};
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

/// Time from the end of the flush to SIGKILL: the process ends in much less.
const MARGIN: Duration = Duration::from_millis(150);
/// Part of that time in which the report of the last invocation, which comes at shutdown, is awaited: a
/// quarter of the 2 s.
const LAST_REPORT: u32 = 4;

/// Runs the extension until the environment is shut down.
///
/// # Errors
///
/// An Extensions API that refuses the registration or breaks off.
pub async fn run(runtime: &Runtime, settings: Result<Settings, SettingsError>) -> Result<(), Error> {
    match settings {
        Ok(settings) => forward(runtime, settings).await,
        Err(error) => {
            log::line(format_args!("sends nothing, the function runs as without it: {error}"));
            idle().await
        }
    }
}

/// Waits for the end of the environment and takes no part in invocations.
async fn idle() -> Result<(), Error> {
    let ended = Arc::new(Notify::new());
    let extension = Extension::new().with_events(&["SHUTDOWN"]).with_events_processor(service_fn(|_| {
        let ended = ended.clone();
        async move {
            ended.notify_one();
            pending::<Result<(), Error>>().await
        }
    }));
    until(&ended, extension.run()).await
}

async fn forward(runtime: &Runtime, settings: Settings) -> Result<(), Error> {
    let environment = format!("{:032x}", fastrand::u128(..));
    let queue = Arc::new(Queue::new(settings.limits, environment));
    let deliveries = Arc::new(Deliveries::new(queue.clone(), settings.events.clone()));
    let life = Arc::new(Life::new(queue.clone(), deliveries.clone()));
    let sqs = Sqs::new(settings.queue_url.clone(), settings.timeout);
    let sender = Sender::new(queue.clone(), sqs, runtime.clone());
    tokio::spawn(send(Arc::new(sender), life.clone()));

    let extension = Extension::new().with_events_processor(service_fn(|event: LambdaEvent| {
        let life = life.clone();
        async move { life.event(event.next).await }
    }));
    let extension = extension.register().await?;
    match telemetry::subscribe(&extension.extension_id, &settings, deliveries).await {
        Ok(true) => (),
        Ok(false) => log::line("there is no Telemetry API here: only events of the function are sent"),
        Err(error) => log::line(format_args!(
            "the Telemetry API refused the subscription, only events of the function are sent: {error}"
        )),
    }
    if let Err(error) = endpoint::start(settings.port, queue).await {
        let port = settings.port;
        log::line(format_args!(
            "no endpoint for events of the function: 127.0.0.1:{port} cannot be opened ({error}); set \
             PI_TELEMETRY_PORT to a free port"
        ));
    }
    until(&life.ended, extension.run()).await
}

/// Sends until the queue is closed and empty.
async fn send(sender: Arc<Sender<Sqs>>, life: Arc<Life>) {
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        let sender = sender.clone();
        senders.spawn(async move { sender.run().await });
    }
    senders.join_all().await;
    life.drained.notify_one();
}

/// Waits for the end that the environment's shutdown brings, or for the failure of the Extensions API.
async fn until(ended: &Notify, api: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    tokio::select! { () = ended.notified() => Ok(()), outcome = api => outcome }
}

/// State that events of the environment change.
#[derive(Debug)]
struct Life {
    queue: Arc<Queue>,
    deliveries: Arc<Deliveries>,
    /// Set when the senders have ended.
    drained: Notify,
    /// Set when the process may end.
    ended: Notify,
}

impl Life {
    fn new(queue: Arc<Queue>, deliveries: Arc<Deliveries>) -> Self {
        Self { queue, deliveries, drained: Notify::new(), ended: Notify::new() }
    }

    /// Handles an event. Returns at once after INVOKE, never after SHUTDOWN: the client of the Extensions
    /// API would ask for another event, and live until Lambda kills it.
    async fn event(&self, event: NextEvent) -> Result<(), Error> {
        match event {
            NextEvent::Invoke(invoke) => self.deliveries.expect(invoke.request_id),
            NextEvent::Shutdown(shutdown) => {
                self.shut_down(&shutdown).await;
                self.ended.notify_one();
                pending::<()>().await;
            }
        }
        Ok(())
    }

    async fn shut_down(&self, shutdown: &ShutdownEvent) {
        let budget = budget(shutdown.deadline_ms, SystemTime::now());
        let end = Instant::now() + budget;
        self.queue.hurry();
        let _ = timeout(budget / LAST_REPORT, self.deliveries.report()).await;
        self.queue.close();
        let drained = timeout_at(end, self.drained.notified()).await;
        let counts = self.queue.counts();
        if drained.is_err() || counts.dropped > 0 {
            log::line(format_args!(
                "{} events lost at shutdown ({}), {} dropped before, {} sent",
                counts.waiting, shutdown.shutdown_reason, counts.dropped, counts.sent
            ));
        }
    }
}

/// Time for the flush, of the time until a deadline in milliseconds since 1970.
fn budget(deadline_ms: u64, now: SystemTime) -> Duration {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline_ms).saturating_sub(now).saturating_sub(MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flush_ends_before_the_deadline() {
        let now = UNIX_EPOCH + Duration::from_millis(1_000_000);
        assert_eq!(budget(1_002_000, now), Duration::from_millis(1850));
        assert_eq!(budget(1_000_300, now), Duration::from_millis(150));
        assert_eq!(budget(1_000_100, now), Duration::ZERO);
        assert_eq!(budget(999_000, now), Duration::ZERO);
    }
}
