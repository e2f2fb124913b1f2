//! `Invoke`: synchronous (`RequestResponse`), asynchronous (`Event`), or a check (`DryRun`).

use super::api_error::ApiError;
use super::pool::Pool;
use super::reply::{Reply, empty, read, whole};
use crate::event::MAX_SIZE;
use crate::runtime_api::Work;
use crate::say::say;
use crate::subject::{Invocation, environment};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Request, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// The largest asynchronous event, in bytes.
const MAX_ASYNCHRONOUS_SIZE: usize = 1024 * 1024;

/// `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

/// Further attempts at an asynchronous event that failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retries {
    /// The number of further attempts.
    pub(super) count: u32,
    /// The wait before the first of them; the second waits twice as long.
    pub(super) wait: Duration,
}

impl Retries {
    /// The wait before an attempt, from 1.
    fn wait_before(self, attempt: u32) -> Option<Duration> {
        attempt.checked_sub(1).filter(|earlier| *earlier > 0).map(|earlier| self.wait * earlier)
    }
}

/// Options in the headers of a call.
#[derive(Debug, Clone)]
pub(super) struct Wishes {
    invocation_type: InvocationType,
    pub(super) tail: bool,
    client_context: Option<String>,
}

impl Wishes {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let invocation_type = match text("x-amz-invocation-type") {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(other) => {
                let expected = "RequestResponse, Event or DryRun";
                return Err(ApiError::invalid_parameter("InvocationType", other, expected));
            }
        };
        let tail = match text("x-amz-log-type") {
            None | Some("None") => false,
            Some("Tail") => true,
            Some(other) => return Err(ApiError::invalid_parameter("LogType", other, "None or Tail")),
        };
        let context = text("x-amz-client-context").map(|text| BASE64_STANDARD.decode(text));
        let client_context = match context.map(|bytes| bytes.map(String::from_utf8)) {
            None => None,
            Some(Ok(Ok(json))) => Some(json),
            Some(_) => {
                return Err(ApiError::invalid_parameter("ClientContext", "unreadable", "JSON in base64"));
            }
        };
        Ok(Self { invocation_type, tail, client_context })
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.invocation_type == InvocationType::DryRun
    }

    /// Adds the caller's context to an event.
    pub(super) fn apply(&self, work: Work) -> Work {
        Work { client_context: self.client_context.clone(), ..work }
    }
}

/// Answers `Invoke`.
pub(super) async fn invoke(
    pool: &Arc<Pool>,
    retries: Retries,
    request: Request<Incoming>,
) -> Result<Reply, ApiError> {
    let wishes = Wishes::read(request.headers())?;
    let limit =
        if wishes.invocation_type == InvocationType::Event { MAX_ASYNCHRONOUS_SIZE } else { MAX_SIZE };
    let event = event(request, limit).await?;
    match wishes.invocation_type {
        InvocationType::DryRun => Ok(empty(StatusCode::NO_CONTENT)),
        InvocationType::Event => {
            tokio::spawn(run_later(Arc::clone(pool), wishes.client_context, event, retries));
            Ok(empty(StatusCode::ACCEPTED))
        }
        InvocationType::RequestResponse => {
            let loan = pool.lend().await?;
            let (sender, receiver) = tokio::sync::oneshot::channel();
            // As on Lambda, a caller that disconnects does not end the invocation.
            tokio::spawn(async move {
                let mut loan = loan;
                let work = wishes.apply(loan.worker().work(event, None));
                let mut invocation = loan.worker().invoke_or_explain(work).await;
                if wishes.tail && loan.worker().is_pending() {
                    // The tail ends with REPORT, which waits for extensions; the answer does not.
                    let settled = loan.worker().settle().await;
                    invocation.log_tail = settled.map_or(invocation.log_tail, |settled| settled.log_tail);
                }
                let _ = sender.send(reply(&invocation, wishes.tail));
                loan.give_back().await;
            });
            receiver.await.map_err(|_| ApiError::internal("the invocation was lost".to_owned()))
        }
    }
}

/// Invokes the function with an asynchronous event, again after a failure.
pub(super) async fn run_later(pool: Arc<Pool>, context: Option<String>, event: Bytes, retries: Retries) {
    let mut request_id = None;
    for attempt in 1..=retries.count + 1 {
        if let Some(wait) = retries.wait_before(attempt) {
            tokio::time::sleep(wait).await;
        }
        // The server is stopping.
        let Ok(mut loan) = pool.lend_later().await else { return };
        let work = Work { client_context: context.clone(), ..loan.worker().work(event.clone(), None) };
        // Every attempt has the id of the first.
        let id = request_id.get_or_insert(work.request_id.clone()).clone();
        let invocation = loan.worker().invoke_or_explain(Work { request_id: id, ..work }).await;
        let settled = loan.worker().settle().await.unwrap_or(invocation);
        loan.give_back().await;
        if settled.function_error.is_none() {
            return;
        }
    }
    let attempts =
        if retries.count == 0 { "1 attempt".to_owned() } else { format!("{} attempts", retries.count + 1) };
    let id = request_id.unwrap_or_default();
    say(&format!("the asynchronous event {id} was dropped after {attempts}"));
}

/// The event, which must be JSON; an empty body counts as `{}`.
pub(super) async fn event(request: Request<Incoming>, limit: usize) -> Result<Bytes, ApiError> {
    let event = read(request, limit).await?;
    if event.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde_json::Value>(&event) {
        Ok(_) => Ok(event),
        Err(error) => Err(ApiError::not_json(&error)),
    }
}

fn reply(invocation: &Invocation, tail: bool) -> Reply {
    let mut reply = whole(invocation.payload.clone());
    let mut header = |name: &'static str, value: &str| {
        // Every value is ASCII.
        if let Ok(value) = value.parse() {
            reply.headers_mut().insert(name, value);
        }
    };
    header("content-type", "application/json");
    header("x-amzn-requestid", &invocation.request_id);
    header("x-amz-executed-version", environment::VERSION);
    if invocation.function_error.is_some() {
        header("x-amz-function-error", "Unhandled");
    }
    if tail {
        header("x-amz-log-result", &BASE64_STANDARD.encode(&invocation.log_tail));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(name: &'static str, value: &'static str) -> Result<Wishes, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        Wishes::read(&headers)
    }

    #[test]
    fn the_second_retry_waits_twice_as_long() {
        let retries = Retries { count: 2, wait: Duration::from_secs(60) };
        let waits = [1, 2, 3].map(|attempt| retries.wait_before(attempt).map(|wait| wait.as_secs()));
        assert_eq!(waits, [None, Some(60), Some(120)]);
    }

    #[test]
    fn headers_are_read_and_wrong_ones_refused() {
        let plain = Wishes::read(&HeaderMap::new()).unwrap();
        assert_eq!(plain.invocation_type, InvocationType::RequestResponse);
        assert!(!plain.tail && plain.client_context.is_none());
        let event = wishes("x-amz-invocation-type", "Event").unwrap();
        assert_eq!(event.invocation_type, InvocationType::Event);
        assert!(wishes("x-amz-log-type", "Tail").unwrap().tail);
        let context = wishes("x-amz-client-context", "eyJhIjoxfQ==").unwrap().client_context;
        assert_eq!(context.as_deref(), Some("{\"a\":1}"));
        for (name, value) in
            [("x-amz-invocation-type", "event"), ("x-amz-log-type", "All"), ("x-amz-client-context", "{}")]
        {
            assert_eq!(wishes(name, value).unwrap_err().error_type, "InvalidParameterValueException");
        }
    }
}
