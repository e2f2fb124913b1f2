//! Callers of functions as written: routes, queues and schedules, for `lambda-meter serve`.
//!
//! `run` measures the targets of the same file, and reads none of these sections.

use serde::Deserialize;

/// The format of events for a function behind an HTTP API, and of its answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum PayloadFormat {
    /// Format 1.0, that of REST APIs.
    #[serde(rename = "1.0")]
    One,
    /// Format 2.0.
    #[default]
    #[serde(rename = "2.0")]
    Two,
}

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
    /// The format of events and answers.
    #[serde(default)]
    pub payload: PayloadFormat,
}

/// A Lambda authorizer as written.
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
    /// The format of its events; only format 2.0 has simple responses.
    #[serde(default)]
    pub payload: PayloadFormat,
}

/// CORS of an HTTP API, as written; the fields are those of AWS's `CorsConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftCors {
    /// Origins, or `*`, `https://*`, `http://*`.
    pub allow_origins: Vec<String>,
    /// Methods, or `*`.
    pub allow_methods: Vec<String>,
    /// Headers of requests, or `*`.
    pub allow_headers: Vec<String>,
    /// Headers of replies that scripts may read, or `*`.
    pub expose_headers: Vec<String>,
    /// Seconds that a browser keeps the answer to a preflight.
    pub max_age: Option<i64>,
    /// Allow requests with cookies.
    pub allow_credentials: bool,
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
