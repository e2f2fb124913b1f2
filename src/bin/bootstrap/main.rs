//! The Lambda function: a client of the runtime API around [`pi_spigot::event`].
//!
//! Start-up is what a cold start waits for, so nothing is done before the first request for an
//! invocation but to open the connection that it goes through. Why there is a client of our own
//! and not `lambda_runtime` is told in [`runtime`] and, with figures, in docs/runtime.md.

mod lines;
mod log;
mod metrics;
mod runtime;

use pi_spigot::event::{self, Capacity, Context, Settings};
use runtime::{Api, Invocation};
use std::env;
use std::io;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread::available_parallelism;

/// musl's malloc gives every large block back to the kernel at once, which made
/// the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let Ok(address) = env::var("AWS_LAMBDA_RUNTIME_API") else {
        eprintln!("{}", hint());
        return ExitCode::from(2);
    };
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bootstrap: the runtime API at AWS_LAMBDA_RUNTIME_API={address} failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hint() -> String {
    format!(
        "bootstrap {}: an AWS Lambda function that computes digits of pi.\n\
         AWS_LAMBDA_RUNTIME_API is not set: this program is started by Lambda or by an emulator of it.\n\
         Try `make invoke`, or `lambda-meter invoke --binary bootstrap --event events/digits-10000.json`.",
        env!("CARGO_PKG_VERSION")
    )
}

/// Serves on this thread; where Lambda Managed Instances ask for more at once, on further ones.
fn serve(address: &str) -> io::Result<()> {
    let workers = number("AWS_LAMBDA_MAX_CONCURRENCY").unwrap_or(1).clamp(1, 1000);
    if workers == 1 {
        return work(address);
    }
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(|| work(address))).collect();
        let mut result = work(address);
        for other in others {
            result = result.and(other.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())));
        }
        result
    })
}

/// One invocation after the other, until the runtime API goes away.
fn work(address: &str) -> io::Result<()> {
    let mut api = Api::connect(address)?;
    loop {
        let invocation = api.next()?;
        handle(&mut api, &invocation)?;
    }
}

fn handle(api: &mut Api, invocation: &Invocation) -> io::Result<()> {
    let (capacity, settings) = *CONFIGURED.get_or_init(|| (capacity(), settings()));
    let context = Context {
        request_id: &invocation.request_id,
        trace_id: invocation.trace_id.as_deref(),
        deadline: invocation.deadline(),
        capacity,
        settings,
    };
    let answered = event::answer(&invocation.payload, &context);
    let mut records = answered.records;
    let sent = api.reply(invocation, answered.reply)?;
    if let Some(error) = sent.error {
        records.iter_mut().for_each(|record| record.error = Some(error.clone()));
    }
    log::invocation(&context, &records, &sent.written);
    // What was told of its deadline has to end before there is another invocation.
    drop(answered.stopping);
    Ok(())
}

/// How the function is configured: read when the first invocation is there.
static CONFIGURED: OnceLock<(Capacity, Settings)> = OnceLock::new();

/// What the memory size grants: Lambda gives a processor for each 1,769 MB.
fn capacity() -> Capacity {
    let memory_mb = number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").unwrap_or(128);
    let granted = usize::try_from(memory_mb / 1769).unwrap_or(1).max(1);
    // Asked only where it matters: it reads files.
    let threads =
        if granted == 1 { 1 } else { granted.min(available_parallelism().map_or(1, NonZeroUsize::get)) };
    Capacity { threads, memory_mb: Some(memory_mb) }
}

fn settings() -> Settings {
    Settings { stream: is_set("PI_STREAM"), reuse: is_set("PI_REUSE"), metrics: is_set("PI_METRICS") }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.trim().parse().ok()
}

fn is_set(name: &str) -> bool {
    env::var(name).is_ok_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}
