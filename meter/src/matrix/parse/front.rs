//! Callers of functions as written: routes, queues and schedules, for `lambda-meter serve`.
//!
//! `run` measures the targets of the same file, and reads none of these sections.

use serde::Deserialize;

/// A route of an HTTP API as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRoute {
    /// `METHOD /path`, or `$default`.
    pub key: String,
    /// The function behind the route.
    pub target: String,
    /// The authorizer in front of it.
    #[serde(default)]
    pub authorizer: Option<String>,
}

/// A Lambda authorizer of payload format 2.0 as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftAuthorizer {
    /// The name by which routes refer to the authorizer.
    pub name: String,
    /// The function that decides.
    pub target: String,
    /// Expressions such as `$request.header.Authorization`.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Seconds that an answer is kept; 0 for none.
    #[serde(default)]
    pub ttl: u64,
    /// Accept `{"isAuthorized": true}` in place of a policy.
    #[serde(default)]
    pub simple_responses: bool,
}

/// A queue whose messages are delivered to a function, as written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftQueue {
    /// The queue's URL.
    pub url: String,
    /// The function that gets the messages.
    pub target: String,
    /// Most messages of an event.
    #[serde(default = "ten")]
    pub batch_size: u64,
    /// Seconds to wait for a full batch.
    #[serde(default)]
    pub window: u64,
    /// Read the failed messages from the function's answer.
    #[serde(default)]
    pub report_batch_item_failures: bool,
    /// Most events at a time.
    #[serde(default = "five")]
    pub concurrency: u64,
}

/// A schedule as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSchedule {
    /// `rate(...)` or `cron(...)`.
    pub expression: String,
    /// The function that is invoked.
    pub target: String,
    /// The event as JSON; by default that of the Scheduler.
    #[serde(default)]
    pub event: Option<String>,
}

/// The default batch size on AWS.
const fn ten() -> u64 {
    10
}

/// The number of batches with which Lambda begins to read a queue.
const fn five() -> u64 {
    5
}
