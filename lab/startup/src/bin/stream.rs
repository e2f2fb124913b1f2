//! Ten small pieces by `lambda_runtime`'s stream, as its documentation shows it: all are there at
//! once, and leave when its client lets them.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}

async fn handler(_: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        for _ in 0..10 {
            if sender.send_data("3.14159265358979323846264338327950288\n".into()).await.is_err() {
                return;
            }
        }
    });
    Ok(Response::from(body))
}
