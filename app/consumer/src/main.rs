//! `consumer`, the executable that Lambda starts: `lambda_runtime` around
//! [`pi_observatory_consumer::consume`].

#![forbid(unsafe_code)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use pi_observatory_consumer::{Outcome, SqsBatch, SqsResponse, consume};
use pi_observatory_store::Table;
use serde_json::json;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Time for the answer, of the time that the invocation has.
const ANSWER: Duration = Duration::from_millis(500);

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let table = Table::from_env()?;
        lambda_runtime::run(service_fn(async |event| handle(event, &table).await)).await
    })
}

async fn handle(event: LambdaEvent<SqsBatch>, table: &Table) -> Result<SqsResponse, Error> {
    let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    let deadline = Instant::now() + left.saturating_sub(ANSWER);
    let outcome = consume(event.payload, table, deadline).await;
    log(&event.context.request_id, &outcome);
    Ok(outcome.response())
}

/// One line for the batch, and one for each message that failed.
fn log(request_id: &str, outcome: &Outcome) {
    for (message_id, reason) in &outcome.failures {
        let line = json!({"level": "ERROR", "message": "not stored", "requestId": request_id,
            "messageId": message_id, "reason": reason});
        println!("{line}");
    }
    let line = json!({"level": "INFO", "message": "consumed", "requestId": request_id,
        "stored": outcome.stored, "known": outcome.known, "failed": outcome.failures.len()});
    println!("{line}");
}
