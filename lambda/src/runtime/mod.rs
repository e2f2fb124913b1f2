//! The Lambda function: `lambda_runtime` around [`crate::answer`].
//!
//! Start-up is what a cold start waits for, so nothing is done before the first request for an
//! invocation but to open the connection that it goes through: one thread, no timer, logging set
//! up by the first invocation. Answers are computed, and streams sent, in [`layer`]. Invocations that follow
//! each other need no reactor ([`lambda_runtime_api_client::block_on`]); those at once have tokio's.

mod connection;
mod invocation;
mod layer;
mod lines;
mod log;
mod metrics;
mod stream;

use lambda_runtime::{Error, Runtime, service_fn};
use layer::Answers;
use std::env;
use std::ffi::OsStr;
use std::process::ExitCode;

/// What Lambda sets before it starts a function, and the runtime cannot do without.
const ENVIRONMENT: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Serves invocations until the runtime API ends them; says what is missing if it was not Lambda that
/// started it.
#[must_use]
pub fn main() -> ExitCode {
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

/// Serves one invocation after the other, or as many at once as Lambda Managed Instances ask for.
fn serve() -> Result<(), Error> {
    env::var_os("AWS_LAMBDA_MAX_CONCURRENCY").map_or_else(one_after_the_other, |limit| at_once(&limit))
}

fn one_after_the_other() -> Result<(), Error> {
    let runtime = Runtime::new(service_fn(layer::handle)).layer(Answers { concurrent: false });
    lambda_runtime_api_client::block_on(runtime.run())
}

// A function of its own, so that its room on the stack, several pages, is taken only where it is needed.
#[inline(never)]
fn at_once(limit: &OsStr) -> Result<(), Error> {
    let limit = limit.to_str().and_then(|limit| limit.parse::<u32>().ok());
    let answers = Answers { concurrent: limit.is_some_and(|limit| limit > 1) };
    let tokio = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    tokio.block_on(Runtime::new(service_fn(layer::handle)).layer(answers).run_concurrent())
}
