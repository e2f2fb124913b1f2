//! `api`, the executable that Lambda starts: `lambda_runtime` around [`pi_observatory_api::serve`].

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use pi_observatory_api::{Request, serve};
use pi_observatory_store::Table;
use serde_json::Value;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let table = Table::from_env()?;
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
