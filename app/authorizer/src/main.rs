//! `authorizer`, the executable that Lambda starts: `lambda_runtime` around
//! [`pi_observatory_authorizer::authorize()`].

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use pi_observatory_authorizer::{Decision, Grants, GrantsError, Request, answer, authorize};
use pi_observatory_store::connect;
use serde_json::{Value, json};
use std::env;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let table = env::var("TOKENS").map_err(|_| "the variable TOKENS must name the table of tokens")?;
        // One client for the life of the sandbox, with its connection.
        let grants = Grants::new(connect()?, table);
        lambda_runtime::run(service_fn(async |event| handle(event, &grants).await)).await
    })
}

async fn handle(event: LambdaEvent<Value>, grants: &Grants) -> Result<Value, Unavailable> {
    let request = Request::read(&event.payload);
    let decision = authorize(&request, grants, Timestamp::now()).await?;
    let log = match &decision {
        Decision::Allowed { id, name, .. } => json!({ "decision": "allowed", "id": id, "name": name }),
        Decision::Denied(reason) => json!({ "decision": "denied", "reason": reason }),
    };
    eprintln!("{log}");
    Ok(answer(&request, &decision))
}

/// A failing table: API Gateway answers 500, and caches nothing.
#[derive(Debug)]
struct Unavailable(GrantsError);

impl From<GrantsError> for Unavailable {
    fn from(error: GrantsError) -> Self {
        Self(error)
    }
}

impl From<Unavailable> for Diagnostic {
    fn from(Unavailable(error): Unavailable) -> Self {
        Self { error_type: "TokensUnavailable".to_owned(), error_message: error.to_string() }
    }
}
