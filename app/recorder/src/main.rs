//! `recorder`, the executable that Lambda starts: `lambda_runtime` around
//! [`pi_observatory_recorder::record()`].

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use pi_observatory_recorder::{Failed, Outcome, Plan, PlanError, record};
use pi_observatory_store::Table;
use serde_json::Value;
use std::env;
use std::time::Instant;

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

async fn handle(event: LambdaEvent<Value>, table: &Table) -> Result<Outcome, Refused> {
    let plan = Plan::read(&event.payload, |name| env::var(name).ok(), Timestamp::now())?;
    let deadline = Instant::now()
        + event.context.deadline().duration_since(std::time::SystemTime::now()).unwrap_or_default();
    Ok(record(&plan, table, deadline).await?)
}

/// An event that failed, with a stable name for Lambda.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Failed(#[from] Failed),
}

impl From<Refused> for Diagnostic {
    fn from(error: Refused) -> Self {
        let error_type = match error {
            Refused::Plan(_) => "InvalidPlan",
            Refused::Failed(_) => "Incomplete",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}
