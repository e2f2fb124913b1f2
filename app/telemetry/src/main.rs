//! `pi-telemetry`, the executable that Lambda starts from a layer's folder `extensions`.
#![deny(unsafe_code)]

use pi_telemetry::{Runtime, Settings, extension};
use std::env;
use std::process::ExitCode;

/// musl's malloc returns each large block to the kernel at once.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        eprintln!("{}", hint());
        return ExitCode::from(2);
    }
    let runtime = Runtime::from_env();
    let settings = Settings::from_env();
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match tokio {
        Ok(tokio) => tokio.block_on(extension::run(&runtime, settings)),
        Err(error) => Err(format!("the event loop could not be made: {error}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pi-telemetry: the Extensions API at AWS_LAMBDA_RUNTIME_API failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hint() -> String {
    format!(
        "pi-telemetry {}: a Lambda extension that sends telemetry to an SQS queue.\n\
         AWS_LAMBDA_RUNTIME_API is not set: Lambda or an emulator of it starts this program, from \
         /opt/extensions.\n\
         PI_TELEMETRY_QUEUE_URL is required; app/telemetry/README.md has all settings.",
        env!("CARGO_PKG_VERSION")
    )
}
