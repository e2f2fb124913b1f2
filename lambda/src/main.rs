//! `bootstrap`, the executable that Lambda starts: `lambda_runtime` around [`pi_spigot_lambda::answer`].
//!
//! ```text
//! lambda_runtime      waits for an invocation
//! stream_response     serves it if its answer is a stream, or if its payload is not JSON
//! handler             answers all others: an event goes in, and its answer comes out
//! lambda_runtime      sends the answer
//! ```
//!
//! A cold start waits for what happens before the first request for an invocation, so there is one
//! thread, no timer, and no logging set up by then.
#![deny(unsafe_code)]

mod handler;
mod log;
mod metrics;
mod stream_response;

use handler::Workers;
use lambda_runtime::{Error, Runtime, service_fn};
use std::env;
use std::process::ExitCode;
use stream_response::StreamResponses;

/// musl's malloc returns each large block to the kernel at once, which made the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Variables that Lambda sets before it starts a function, and that `lambda_runtime` needs.
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

/// Serves one invocation after the other, or as many at once as Lambda Managed Instances ask for.
fn serve() -> Result<(), Error> {
    let workers = Workers::from_env();
    let handler = service_fn(move |event| handler::handle(event, workers));
    let runtime = Runtime::new(handler).layer(StreamResponses::new(workers));
    let tokio = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    tokio.block_on(runtime.run_concurrent())
}

fn hint(missing: &str) -> String {
    format!(
        "bootstrap {}: an AWS Lambda function that computes digits of pi.\n\
         {missing} is not set: this program is started by Lambda or by an emulator of it.\n\
         Try `make invoke`, or `lambda-meter invoke --binary bootstrap --event events/digits-10000.json`.",
        env!("CARGO_PKG_VERSION")
    )
}
