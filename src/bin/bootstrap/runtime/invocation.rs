//! An invocation as the runtime API hands it over.

use super::http::Message;
use pi_spigot::event::Deadline;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is to be answered.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    /// The trace that it belongs to, of AWS X-Ray.
    pub(crate) trace_id: Option<String>,
    /// Goes back with the answer, so that one which comes too late is not taken for another's.
    pub(super) invocation_id: Option<String>,
    /// Milliseconds since 1970.
    deadline_ms: Option<u64>,
    pub(crate) payload: Vec<u8>,
}

impl Invocation {
    pub(super) fn of(mut message: Message) -> io::Result<Self> {
        let header = |name| message.header(name).map(str::to_owned);
        let request_id = header("lambda-runtime-aws-request-id").filter(|_| message.status == 200);
        let request_id = request_id.ok_or_else(|| {
            io::Error::other(format!("status {} in the place of an invocation", message.status))
        })?;
        Ok(Self {
            request_id,
            trace_id: header("lambda-runtime-trace-id"),
            invocation_id: header("lambda-runtime-invocation-id"),
            deadline_ms: header("lambda-runtime-deadline-ms").and_then(|text| text.parse().ok()),
            payload: std::mem::take(&mut message.body),
        })
    }

    /// Until when it may work, counted from now.
    pub(crate) fn deadline(&self) -> Deadline {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.deadline_ms.map_or_else(Deadline::never, |end| {
            Deadline::after(Duration::from_millis(end).saturating_sub(now))
        })
    }
}
