//! A layer of `lambda_runtime` for the invocations that it cannot serve itself.
//!
//! | invocation | fault of `lambda_runtime` 1.5 that it waits for (docs/runtime.md has the reports) |
//! |---|---|
//! | its answer is a stream | error trailers are written into the body, where they look like digits |
//! | | Nagle's algorithm is on, so that each small chunk waits 40 ms for an acknowledgement |
//! | | every stream begins with an HTTP prelude, which direct callers do not expect |
//! | its payload is not JSON | the handler is not called, and the words of the error are fixed |
//! | | bytes after the JSON value are not noticed |
//! | | bytes that are not UTF-8 end the process at log level TRACE |
//!
//! The layer answers these two kinds over a connection of its own. All other invocations go to the
//! handler, untouched.

mod connection;
mod post;

use crate::handler::{self, Workers};
use crate::log;
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Error, LambdaInvocation};
use pi_spigot_lambda::{Answered, EventError, answer, is_streamed};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamResponses {
    workers: Workers,
}

impl StreamResponses {
    pub(crate) const fn new(workers: Workers) -> Self {
        Self { workers }
    }
}

impl<S> Layer<S> for StreamResponses {
    type Service = Streaming<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Streaming { inner, workers: self.workers }
    }
}

/// The layer around `lambda_runtime`'s own service.
#[derive(Clone, Debug)]
pub(crate) struct Streaming<S> {
    inner: S,
    workers: Workers,
}

impl<S> Service<LambdaInvocation> for Streaming<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let workers = self.workers;
        if is_served_by_runtime(&invocation.body) {
            let served = self.inner.call(invocation);
            return Box::pin(async move {
                served.await?;
                Ok(handler::finish(workers).await?)
            });
        }
        Box::pin(async move {
            workers.run(move || serve(&invocation)).await??;
            Ok(handler::finish(workers).await?)
        })
    }
}

/// Tells whether the handler can be called and sends one piece of JSON.
fn is_served_by_runtime(payload: &[u8]) -> bool {
    use EventError::{EmptyPayload, InvalidJson, InvalidUtf8};
    match is_streamed(payload, handler::settings()) {
        Ok(streamed) => !streamed,
        Err(error) => !matches!(error, EmptyPayload { .. } | InvalidUtf8 { .. } | InvalidJson { .. }),
    }
}

/// Answers an invocation, and logs the answer. An error is that no connection could be opened.
fn serve(invocation: &LambdaInvocation) -> io::Result<()> {
    let context = handler::context(&invocation.context);
    let Answered { reply, mut records, stopping } = answer(&invocation.body, &context);
    handler::finish_later(stopping);
    let sent = post::send(invocation, reply)?;
    for record in &mut records {
        record.compute = record.compute.or(sent.compute);
        record.error = record.error.take().or(sent.error.clone());
    }
    log::invocation(&context, &records, &sent);
    Ok(())
}
