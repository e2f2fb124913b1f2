//! The Lambda function: `lambda_runtime` around [`pi_spigot::event`].
//!
//! Start-up is what a cold start waits for, so nothing is done before the first
//! request for an invocation but to open the connection that it goes through:
//! one thread, no timer, logging set up by the first invocation.

mod lines;
mod log;
mod payload;

use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, Runtime, service_fn};
use pi_spigot::event::{self, Capacity, Response};
use serde::de::IgnoredAny;
use std::env;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;

/// musl's malloc gives every large block back to the kernel at once, which made
/// the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// What Lambda sets before it starts a function, and the runtime cannot do without.
const ENVIRONMENT: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

fn main() -> ExitCode {
    if let Some(missing) = ENVIRONMENT.into_iter().find(|name| env::var_os(name).is_none()) {
        eprintln!("{}", hint(missing));
        return ExitCode::from(2);
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bootstrap: the runtime API at AWS_LAMBDA_RUNTIME_API failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hint(missing: &str) -> String {
    format!(
        "bootstrap {}: an AWS Lambda function that computes digits of pi.\n\
         {missing} is not set: this program is started by Lambda or by an emulator of it.\n\
         Try `make invoke`, or `lambda-meter invoke --binary bootstrap --event events/digits-10000.json`.",
        env!("CARGO_PKG_VERSION")
    )
}

fn serve() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(Runtime::new(service_fn(handle)).layer(payload::Untouched).run())
}

/// What a memory size in MB grants: Lambda gives a processor for each 1,769 MB.
fn capacity(memory_size: i32) -> Capacity {
    let memory_mb = u64::try_from(memory_size).unwrap_or_default();
    let granted = usize::try_from(memory_mb / 1769).unwrap_or(1).max(1);
    // Asked only where it matters: it reads files.
    let threads =
        if granted == 1 { 1 } else { granted.min(available_parallelism().map_or(1, NonZeroUsize::get)) };
    Capacity { threads, memory_mb: Some(memory_mb) }
}

/// Answers one invocation; its payload comes by [`payload`], not by the event.
async fn handle(event: LambdaEvent<IgnoredAny>) -> Result<Response, Diagnostic> {
    let Context { request_id, env_config, .. } = event.context;
    let answer = event::answer(&payload::current(), &request_id, capacity(env_config.memory));
    log::invocation(&request_id, &answer);
    answer.map(|answer| answer.response).map_err(|error| Diagnostic {
        error_type: error.error_type().to_owned(),
        error_message: error.to_string(),
    })
}
