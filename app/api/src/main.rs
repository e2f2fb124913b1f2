//! `api`, the executable that Lambda starts: `lambda_runtime` around [`pi_observatory_api::serve`].

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use pi_observatory_api::{Request, serve};
use pi_observatory_store::{Table, connect};
use serde_json::Value;
use std::env;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Days that measurements are kept unless `RETENTION_DAYS` says another number.
const RETENTION_DAYS: u32 = 400;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let name = env::var("TABLE").map_err(|_| "the variable TABLE must name the table of measurements")?;
        let days = match env::var("RETENTION_DAYS") {
            Ok(days) => days.parse().map_err(|_| "the variable RETENTION_DAYS must be a number of days")?,
            Err(_) => RETENTION_DAYS,
        };
        let table = Table::new(connect()?, name, days);
        lambda_runtime::run(service_fn(async |event| handle(event, &table).await)).await
    })
}

async fn handle(event: LambdaEvent<Value>, table: &Table) -> Result<Value, NoRequest> {
    let request = Request::read(&event.payload).ok_or(NoRequest)?;
    Ok(serve(&request, table, Timestamp::now()).await.to_event())
}

/// An event of another service.
#[derive(Debug)]
struct NoRequest;

impl From<NoRequest> for Diagnostic {
    fn from(_: NoRequest) -> Self {
        let error_message = "the event is no HTTP request of an HTTP API with payload format 2.0".to_owned();
        Self { error_type: "NoRequest".to_owned(), error_message }
    }
}
