//! From an event to its answer.

use crate::log::{self, Sent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use pi_spigot_lambda::{
    Answered, Capacity, Context, Deadline, EventError, RawValue, Reply, Settings, Stopping, answer,
};
use std::env;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Answers an event, and logs the answer.
pub(crate) async fn handle(
    event: LambdaEvent<Box<RawValue>>,
    workers: Workers,
) -> Result<Box<RawValue>, Failure> {
    let work = move || {
        let context = context(&event.context);
        let Answered { reply, records, stopping } = answer(event.payload.get().as_bytes(), &context);
        finish_later(stopping);
        let answer = match reply {
            Reply::Whole(json) => Ok(json),
            Reply::Error(error) => Err(error),
            Reply::Stream(_) => Err(internal("a stream was not recognised before the handler")),
        };
        let bytes = answer.as_ref().map_or_else(|error| error.to_json().len(), |json| json.get().len());
        log::invocation(&context, &records, &Sent::whole(bytes));
        answer
    };
    workers.run(work).await.and_then(|answer| answer).map_err(Failure)
}

/// An error that Lambda reports by its stable name.
#[derive(Debug)]
pub(crate) struct Failure(EventError);

impl From<Failure> for Diagnostic {
    fn from(Failure(error): Failure) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}

/// The part of an invocation that the contract asks for.
pub(crate) fn context(invocation: &lambda_runtime::Context) -> Context<'_> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_millis(invocation.deadline).saturating_sub(now);
    Context {
        request_id: &invocation.request_id,
        trace_id: invocation.xray_trace_id.as_deref(),
        deadline: Deadline::after(left),
        capacity: Capacity::of_memory(u64::try_from(invocation.env_config.memory).unwrap_or_default()),
        settings: settings(),
    }
}

/// The configuration of the function, read by the first invocation.
pub(crate) fn settings() -> Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let read = || Settings::of(|name| env::var(name).unwrap_or_default());
    *SETTINGS.get_or_init(read)
}

/// Threads for invocations: this one, or one for each where Lambda asks for several at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workers {
    concurrent: bool,
}

impl Workers {
    pub(crate) fn from_env() -> Self {
        let limit = env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok().and_then(|limit| limit.parse::<u32>().ok());
        Self { concurrent: limit.is_some_and(|limit| limit > 1) }
    }

    /// Runs work that takes its time. A panic in it is an error on a thread of its own; on this one it
    /// unwinds to `lambda_runtime`, which reports it.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EventError> {
        if !self.concurrent {
            return Ok(work());
        }
        tokio::task::spawn_blocking(work).await.map_err(|error| internal(&error.to_string()))
    }
}

fn internal(message: &str) -> EventError {
    EventError::InternalError { message: message.to_owned() }
}

/// Computations whose deadline has passed, while they are stopping.
static STOPPING: Mutex<Vec<Stopping>> = Mutex::new(Vec::new());

/// Notes work that has to end between the answer of its invocation and the next invocation.
pub(crate) fn finish_later(stopping: Option<Stopping>) {
    STOPPING.lock().unwrap_or_else(PoisonError::into_inner).extend(stopping);
}

/// Waits for the end of such work.
pub(crate) async fn finish(workers: Workers) -> Result<(), EventError> {
    let stopping = std::mem::take(&mut *STOPPING.lock().unwrap_or_else(PoisonError::into_inner));
    if stopping.is_empty() {
        return Ok(());
    }
    workers.run(|| drop(stopping)).await
}
