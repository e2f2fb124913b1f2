//! `consumer`, the executable that Lambda starts: `lambda_runtime` around
//! [`pi_observatory_consumer::consume`].

#![forbid(unsafe_code)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use pi_observatory_consumer::{Outcome, SqsBatch, SqsResponse, consume};
use pi_observatory_store::{Table, connect};
use serde_json::json;
use std::env;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Days that items are kept unless `RETENTION_DAYS` says another number.
const RETENTION_DAYS: u32 = 400;
/// Time for the answer, of the time that the invocation has.
const ANSWER: Duration = Duration::from_millis(500);

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let table = table()?;
        lambda_runtime::run(service_fn(async |event| handle(event, &table).await)).await
    })
}

fn table() -> Result<Table, Error> {
    let name = env::var("TABLE").map_err(|_| "the variable TABLE must name the table of measurements")?;
    let days = match env::var("RETENTION_DAYS") {
        Ok(days) => days.parse().map_err(|_| "the variable RETENTION_DAYS must be a number of days")?,
        Err(_) => RETENTION_DAYS,
    };
    Ok(Table::new(connect()?, name, days))
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
