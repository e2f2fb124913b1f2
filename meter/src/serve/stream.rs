//! `InvokeWithResponseStream`: the pieces as they arrive, then the end.

use super::api_error::ApiError;
use super::event_stream::{invoke_complete, payload_chunk};
use super::invoke::{Wishes, event};
use super::pool::Pool;
use super::reply::{Body, Reply, empty};
use crate::event::MAX_SIZE;
use crate::subject::{Invocation, environment};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::channel::{Channel, Sender};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, channel};

/// The caller's end of a stream.
type Caller = Sender<Bytes, std::io::Error>;
/// Pieces that may wait for the caller.
const BUFFER: usize = 16;
/// The largest piece in one message, in bytes.
const LARGEST_CHUNK: usize = 1024 * 1024;

/// Answers `InvokeWithResponseStream`.
pub(super) async fn invoke(pool: &Arc<Pool>, request: Request<Incoming>) -> Result<Reply, ApiError> {
    let wishes = Wishes::read(request.headers())?;
    let event = event(request, MAX_SIZE).await?;
    if wishes.is_dry_run() {
        return Ok(empty(hyper::StatusCode::NO_CONTENT));
    }
    let mut loan = pool.lend().await?;
    let (mut caller, body) = Channel::new(BUFFER);
    let (pieces, from_function) = channel(BUFFER);
    let work = wishes.apply(loan.worker().work(event, Some(pieces)));
    let request_id = work.request_id.clone();
    tokio::spawn(async move {
        let framing = frame(from_function, &mut caller);
        let (invocation, ()) = tokio::join!(loan.worker().invoke_or_explain(work), framing);
        finish(&invocation, wishes.tail, &mut caller).await;
        drop(caller);
        loan.give_back().await;
    });
    Response::builder()
        .header("content-type", "application/vnd.amazon.eventstream")
        .header("x-amzn-requestid", request_id)
        .header("x-amz-executed-version", environment::VERSION)
        .body(Body::Right(body))
        .map_err(|error| ApiError::internal(error.to_string()))
}

async fn frame(mut pieces: Receiver<Bytes>, caller: &mut Caller) {
    while let Some(piece) = pieces.recv().await {
        send(&piece, caller).await;
    }
}

async fn send(bytes: &[u8], caller: &mut Caller) {
    for chunk in bytes.chunks(LARGEST_CHUNK) {
        // A caller that disconnects does not end the invocation.
        let _ = caller.send_data(payload_chunk(chunk).into()).await;
    }
}

/// Sends a buffered response as one piece, then the end with an error if any.
async fn finish(invocation: &Invocation, tail: bool, caller: &mut Caller) {
    let details = String::from_utf8_lossy(&invocation.payload);
    let error = invocation.function_error.as_ref().map(|error| (error.error_type.as_str(), details.as_ref()));
    if error.is_none() {
        send(&invocation.payload, caller).await;
    }
    let log = tail.then(|| BASE64_STANDARD.encode(&invocation.log_tail));
    let _ = caller.send_data(invoke_complete(error, log.as_deref()).into()).await;
}
