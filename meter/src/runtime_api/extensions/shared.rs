//! The registry behind a lock, with the queue of events of each extension.

use super::{Denied, Failure, FailureKind, Kind, Lifecycle, Registry};
use crate::runtime_api::Work;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;
use uuid::Uuid;

/// The function in the answer to `register`.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Name of the function.
    pub function_name: String,
    /// Version of the function.
    pub version: String,
    /// Handler of the function.
    pub handler: String,
    /// Account of the function, for extensions that ask for it.
    pub account: String,
    /// True when the function logs JSON.
    pub logs_json: bool,
}

/// The reason in a SHUTDOWN event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownReason {
    /// The sandbox is no longer needed.
    Spindown,
    /// An invocation exceeded its timeout.
    Timeout,
    /// A process of the sandbox failed.
    Failure,
}

impl ShutdownReason {
    /// The name in the event.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

/// The extensions of one sandbox, shared by the server and its owner.
#[derive(Debug, Default)]
pub struct Extensions {
    about: About,
    registry: Mutex<Registry>,
    queues: Mutex<HashMap<Uuid, Arc<Queue>>>,
}

/// Events that wait for an extension's `event/next`.
#[derive(Debug, Default)]
struct Queue {
    events: Mutex<VecDeque<String>>,
    filled: Notify,
}

impl Extensions {
    /// The extensions of a function, of which external ones with the names `started` are expected.
    #[must_use]
    pub fn new(about: About, started: Vec<String>) -> Self {
        Self { about, registry: Mutex::new(Registry::new(started)), queues: Mutex::default() }
    }

    /// The function.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The state of all extensions.
    pub fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self, id: Uuid) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(id).or_default())
    }

    /// Registers an extension; returns its identifier and the answer's body.
    ///
    /// # Errors
    ///
    /// As for [`Registry::register`], and for a body that is no registration.
    pub fn register(&self, name: &str, features: &str, body: &[u8]) -> Result<(Uuid, Value), Denied> {
        let events = events(body)?;
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let id = self.registry().register(name, &events)?;
        let About { function_name, version, handler, account, .. } = &self.about;
        let mut answer =
            json!({"functionName": function_name, "functionVersion": version, "handler": handler});
        if features.split(',').any(|feature| feature.trim() == "accountId") {
            answer["accountId"] = json!(account);
        }
        Ok((id, answer))
    }

    /// Handles the arrival of `event/next`; true when the call ends a phase.
    ///
    /// # Errors
    ///
    /// As for [`Registry::ask`].
    pub fn ask(&self, id: Uuid, now: Instant) -> Result<bool, Denied> {
        self.registry().ask(id, now)
    }

    /// The next event for an extension. A cancelled call loses no event.
    pub async fn next(&self, id: Uuid) -> String {
        let queue = self.queue(id);
        loop {
            let event = queue.events.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            if let Some(event) = event {
                self.registry().take(id);
                return event;
            }
            queue.filled.notified().await;
        }
    }

    /// Handles `init/error` and `exit/error`.
    ///
    /// # Errors
    ///
    /// As for [`Registry::fail`], and without the header that names the error.
    pub fn fail(
        &self,
        id: Uuid,
        kind: FailureKind,
        error_type: Option<&str>,
        body: &[u8],
    ) -> Result<(), Denied> {
        let error_type = error_type.filter(|text| !text.is_empty()).ok_or_else(|| {
            Denied::new("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
        })?;
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let message = body.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
        self.registry().fail(id, kind, error_type, message.to_owned())
    }

    /// Sends INVOKE to the extensions that registered for it.
    pub fn invoke(&self, work: &Work) {
        let event = json!({
            "eventType": "INVOKE",
            "deadlineMs": u64::try_from(work.deadline_ms).unwrap_or(u64::MAX),
            "requestId": work.request_id,
            "invokedFunctionArn": work.function_arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": work.trace_id},
        });
        self.send(Lifecycle::Invoke, &event);
    }

    /// Sends SHUTDOWN to the extensions that registered for it.
    pub fn shut_down(&self, reason: ShutdownReason, deadline_ms: u128) {
        let event = json!({
            "eventType": "SHUTDOWN",
            "shutdownReason": reason.name(),
            "deadlineMs": u64::try_from(deadline_ms).unwrap_or(u64::MAX),
        });
        self.send(Lifecycle::Shutdown, &event);
    }

    fn send(&self, lifecycle: Lifecycle, event: &Value) {
        let ids = self.registry().send(lifecycle);
        for id in ids {
            let queue = self.queue(id);
            queue.events.lock().unwrap_or_else(PoisonError::into_inner).push_back(event.to_string());
            queue.filled.notify_one();
        }
    }

    /// True when an extension of this kind has registered.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.registry().has(kind)
    }

    /// The first reported failure.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.registry().failure().cloned()
    }
}

/// The events in the body of `register`; none without a body.
fn events(body: &[u8]) -> Result<Vec<String>, Denied> {
    let invalid = |why: String| Denied::new("InvalidRequestFormat", why);
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
    match body.get("events") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(events) => serde_json::from_value(events.clone())
            .map_err(|_| invalid("events must be an array of strings: INVOKE, SHUTDOWN".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_names_the_function_and_on_demand_the_account() {
        let about = About {
            function_name: "pi".to_owned(),
            version: "$LATEST".to_owned(),
            handler: "bootstrap".to_owned(),
            account: "123456789012".to_owned(),
            logs_json: false,
        };
        let extensions = Extensions::new(about, vec!["one".to_owned(), "two".to_owned()]);
        let (_, answer) = extensions.register("one", "", b"{\"events\":[\"INVOKE\"]}").unwrap();
        assert_eq!(answer["functionName"], "pi");
        assert!(answer.get("accountId").is_none());
        let (_, answer) = extensions.register("two", "x, accountId", b"").unwrap();
        assert_eq!(answer["accountId"], "123456789012");
        for body in [&b"{"[..], b"{\"events\":\"INVOKE\"}", b"{\"events\":[1]}"] {
            assert_eq!(extensions.register("x", "", body).unwrap_err().error_type, "InvalidRequestFormat");
        }
    }

    #[test]
    fn an_event_waits_for_its_extension_and_survives_a_lost_call() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let extensions = Extensions::new(About::default(), vec!["one".to_owned()]);
        let (id, _) = extensions.register("one", "", b"{\"events\":[\"SHUTDOWN\"]}").unwrap();
        extensions.ask(id, Instant::now()).unwrap();
        runtime.block_on(async {
            let lost = tokio::select! { biased; _ = extensions.next(id) => false, () = async {} => true };
            assert!(lost, "there is no event yet");
            extensions.shut_down(ShutdownReason::Spindown, 7);
            let event: Value = serde_json::from_str(&extensions.next(id).await).unwrap();
            let expected = json!({"eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": 7});
            assert_eq!(event, expected);
        });
    }
}
