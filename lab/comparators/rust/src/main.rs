//! Digits of pi by the well-known short form of Gibbons' spigot, as a Lambda function.

mod spigot;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Instant;

#[cfg(feature = "dlmalloc")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("FUNCTION").is_ok_and(|function| function == "nothing") {
        run(service_fn(nothing)).await
    } else {
        run(service_fn(pi)).await
    }
}

/// `{"digits": 1000}` or `{"digits": "1_000"}`, answered as pi-spigot does.
async fn pi(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (payload, context) = event.into_parts();
    let digits = digits(&payload["digits"])?;
    let start = Instant::now();
    let text = spigot::text(digits);
    let compute_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok(json!({
        "digits": digits,
        "sha256": hex(&Sha256::digest(&text)),
        "pi": text,
        "algorithm": "short-form",
        "compute_ms": (compute_ms * 1e3).round() / 1e3,
        "request_id": context.request_id,
    }))
}

fn digits(value: &Value) -> Result<usize, Error> {
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('_', ""));
    text.parse().map_err(|_| format!("digits is {value}; expected a count, as in 1000 or \"1_000\"").into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Does nothing: the cost of the framework alone.
async fn nothing(_: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({}))
}
