//! An invocation as the function needs it.

use crate::{Capacity, Context, Deadline, Settings};
use bytes::Bytes;
use lambda_runtime::LambdaInvocation;
use std::env;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is to be answered, and until when.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    /// Goes back with the answer, so that one which comes too late is not taken for another's.
    pub(crate) invocation_id: Option<String>,
    pub(crate) payload: Bytes,
    trace_id: Option<String>,
    deadline: Deadline,
    capacity: Capacity,
}

impl Invocation {
    /// Takes the payload out of an invocation, and leaves an empty event in its place:
    /// `lambda_runtime` parses what it finds there and has its own words for what is wrong.
    pub(crate) fn take(invocation: &mut LambdaInvocation) -> Self {
        let context = &invocation.context;
        let invocation_id = invocation.parts.headers.get("lambda-runtime-invocation-id");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = Duration::from_millis(context.deadline).saturating_sub(now);
        Self {
            request_id: context.request_id.clone(),
            invocation_id: invocation_id.and_then(|id| id.to_str().ok()).map(str::to_owned),
            trace_id: context.xray_trace_id.clone(),
            deadline: Deadline::after(left),
            capacity: Capacity::of_memory(u64::try_from(context.env_config.memory).unwrap_or_default()),
            payload: std::mem::replace(&mut invocation.body, Bytes::from_static(b"null")),
        }
    }

    /// What is known of it beside the payload.
    pub(crate) fn context(&self) -> Context<'_> {
        /// How the function is configured: read when the first invocation is there.
        static SETTINGS: OnceLock<Settings> = OnceLock::new();
        Context {
            request_id: &self.request_id,
            trace_id: self.trace_id.as_deref(),
            deadline: self.deadline,
            capacity: self.capacity,
            settings: *SETTINGS.get_or_init(settings),
        }
    }
}

fn settings() -> Settings {
    Settings::of(|name| env::var(name).unwrap_or_default())
}
