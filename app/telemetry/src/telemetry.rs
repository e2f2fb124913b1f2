//! Lambda's Telemetry API: the subscription, and the deliveries to a port of this process.
//!
//! Records are passed on as they are, unknown fields and all: a new kind of record, or a new value in a
//! known one, spoils no delivery.

use crate::endpoint::http::{self, Answer};
use crate::log;
use crate::message::Event;
use crate::queue::Queue;
use crate::settings::Settings;
use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, PooledClient};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Most bytes of a delivery: what the subscription asks for, and room for its last record.
const DELIVERY_BYTES: usize = 4 << 20;

/// Deliveries of one environment, and the report that it still waits for.
#[derive(Debug)]
pub struct Deliveries {
    queue: Arc<Queue>,
    events: BTreeSet<String>,
    /// Set if Lambda delivers.
    subscribed: AtomicBool,
    /// The invocation whose report has not come yet.
    awaited: Mutex<Option<String>>,
    reported: Notify,
}

/// A record of the Telemetry API.
#[derive(Deserialize)]
struct Record {
    time: String,
    r#type: String,
    record: Box<RawValue>,
}

impl Deliveries {
    /// Deliveries that go to a queue, if their kind is among `events`.
    #[must_use]
    pub const fn new(queue: Arc<Queue>, events: BTreeSet<String>) -> Self {
        Self {
            queue,
            events,
            subscribed: AtomicBool::new(false),
            awaited: Mutex::new(None),
            reported: Notify::const_new(),
        }
    }

    /// Notes that an invocation began, whose report will be delivered if anything is.
    pub fn expect(&self, request_id: String) {
        if self.subscribed.load(Ordering::Relaxed) {
            *self.awaited() = Some(request_id);
        }
    }

    /// Waits for the report of the last invocation, or not at all if it has come.
    pub async fn report(&self) {
        loop {
            let mut reported = pin!(self.reported.notified());
            reported.as_mut().enable();
            if self.awaited().is_none() {
                return;
            }
            reported.await;
        }
    }

    /// Takes a delivery: a JSON array of records.
    fn take(&self, body: &[u8]) -> Result<(), serde_json::Error> {
        let records: Vec<Record> = serde_json::from_slice(body)?;
        for Record { time, r#type, record } in records {
            let is_report = r#type == "platform.report";
            let ended = if is_report { request_id(&record) } else { None };
            if self.events.contains(&r#type) {
                // A full queue counts the drop.
                let _ = self.queue.push(Event { kind: r#type, time, record });
            }
            let mut awaited = self.awaited();
            if ended.is_some() && *awaited == ended {
                *awaited = None;
                self.reported.notify_waiters();
            }
        }
        Ok(())
    }

    fn awaited(&self) -> MutexGuard<'_, Option<String>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if request.method() != Method::POST && request.method() != Method::PUT {
            return http::error(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                None,
                "deliveries are POST",
            );
        }
        let Some(body) = http::body(request, DELIVERY_BYTES).await else {
            return http::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "TooLarge",
                None,
                "a delivery has 4 MB at most",
            );
        };
        match self.take(&body) {
            Ok(()) => http::empty(StatusCode::OK),
            Err(error) => {
                log::line(format_args!("a delivery of the Telemetry API is lost: {error}"));
                http::error(StatusCode::BAD_REQUEST, "InvalidJson", None, &error.to_string())
            }
        }
    }
}

fn request_id(record: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Report {
        request_id: String,
    }
    serde_json::from_str(record.get()).ok().map(|Report { request_id }| request_id)
}

/// Listens for deliveries and subscribes to them. `false` where there is no Telemetry API, as in AWS's own
/// emulator.
///
/// # Errors
///
/// A port that cannot be opened, or a Telemetry API that refuses.
pub async fn subscribe(
    extension_id: &str,
    settings: &Settings,
    deliveries: Arc<Deliveries>,
) -> Result<bool, BoxError> {
    let listener = TcpListener::bind((settings.address, 0)).await?;
    let port = listener.local_addr()?.port();
    let taker = deliveries.clone();
    tokio::spawn(http::serve(listener, move |request| {
        let taker = taker.clone();
        async move { taker.answer(request).await }
    }));
    let request = Request::put("/2022-07-01/telemetry")
        .header("Lambda-Extension-Identifier", extension_id)
        .header("Content-Type", "application/json")
        .body(Body::from(subscription(port).to_string()))?;
    let response = PooledClient::builder().build().call(request).await?;
    match response.status() {
        StatusCode::OK => {
            deliveries.subscribed.store(true, Ordering::Relaxed);
            Ok(true)
        }
        StatusCode::ACCEPTED => Ok(false),
        status => {
            let text = http::collect(response.into_body(), 4096).await.unwrap_or_default();
            Err(format!("{status}: {}", String::from_utf8_lossy(&text)).into())
        }
    }
}

/// Records of the platform, delivered as soon as Lambda allows, to a path of its own.
fn subscription(port: u16) -> serde_json::Value {
    json!({
        "schemaVersion": "2022-12-13",
        "types": ["platform"],
        "buffering": {"maxItems": 1000, "maxBytes": 262_144, "timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": format!("http://sandbox.localdomain:{port}/telemetry")}
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Limits, PLATFORM_EVENTS};
    use tokio::time::{Duration, timeout};

    fn deliveries() -> Deliveries {
        let queue = Arc::new(Queue::new(Limits::default(), "e".to_owned()));
        let deliveries = Deliveries::new(queue, PLATFORM_EVENTS.map(str::to_owned).into());
        deliveries.subscribed.store(true, Ordering::Relaxed);
        deliveries
    }

    const DELIVERY: &str = r#"[
        {"time": "2026-11-29T12:00:00.000Z", "type": "platform.start", "record": {"requestId": "r1"}},
        {"time": "2026-11-29T12:00:00.001Z", "type": "platform.novelty", "record": [1, {"a": null}]},
        {"time": "2026-11-29T12:00:00.002Z", "type": "platform.report", "record": {"requestId": "r1",
         "status": "a new one", "metrics": {"durationMs": 1.0, "billedDurationMs": 2.5}}}]"#;

    #[tokio::test(start_paused = true)]
    async fn known_kinds_are_queued_as_they_are_and_unknown_ones_spoil_nothing() {
        let deliveries = deliveries();
        deliveries.take(DELIVERY.as_bytes()).unwrap();
        deliveries.queue.hurry();
        let batch = deliveries.queue.batch().await.unwrap();
        let kinds: Vec<_> = batch.iter().map(|numbered| numbered.event.kind.as_str()).collect();
        assert_eq!(kinds, ["platform.start", "platform.report"]);
        assert!(batch[1].event.record.get().contains("\"billedDurationMs\": 2.5"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_report_of_the_last_invocation_is_awaited() {
        let deliveries = deliveries();
        deliveries.report().await;
        deliveries.expect("r2".to_owned());
        deliveries.take(DELIVERY.as_bytes()).unwrap();
        assert!(timeout(Duration::from_secs(1), deliveries.report()).await.is_err(), "r1 is not r2");
        deliveries.expect("r1".to_owned());
        deliveries.take(DELIVERY.as_bytes()).unwrap();
        deliveries.report().await;
    }

    #[test]
    fn a_delivery_that_is_no_array_of_records_is_an_error() {
        for body in ["", "{}", "[{}]", "[{\"time\": 1}]"] {
            assert!(deliveries().take(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn the_subscription_stays_within_the_limits_of_the_api() {
        let value = subscription(4000);
        assert_eq!(value["destination"]["URI"], "http://sandbox.localdomain:4000/telemetry");
        assert!((25..=30_000).contains(&value["buffering"]["timeoutMs"].as_u64().unwrap()));
        assert!((1000..=10_000).contains(&value["buffering"]["maxItems"].as_u64().unwrap()));
        assert!((262_144..=1_048_576).contains(&value["buffering"]["maxBytes"].as_u64().unwrap()));
    }
}
