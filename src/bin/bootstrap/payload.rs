//! The payload as the bytes that were sent.
//!
//! `lambda_runtime` parses each payload into the handler's event type and
//! answers what it cannot parse by itself, with a type name of its own for
//! `errorType`; bytes after the JSON value go unnoticed, and at log level TRACE
//! a payload that is not UTF-8 ends the process. Our contract has words for all
//! of these, so this layer shows the runtime an empty event and hands the bytes
//! to the handler beside it.

use bytes::Bytes;
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Error, LambdaInvocation};
use std::task::{Context, Poll};
use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    /// The payload of the invocation that this task is working on.
    static PAYLOAD: Bytes;
}

/// The payload of the current invocation. Shares the bytes, does not copy them.
pub(crate) fn current() -> Bytes {
    PAYLOAD.get()
}

/// Takes the payload out of each invocation and keeps it for [`current`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Untouched;

impl<S> Layer<S> for Untouched {
    type Service = UntouchedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        UntouchedService { inner }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct UntouchedService<S> {
    inner: S,
}

impl<S> Service<LambdaInvocation> for UntouchedService<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    type Response = ();
    type Error = Error;
    type Future = TaskLocalFuture<Bytes, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let payload = std::mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        PAYLOAD.scope(payload, self.inner.call(invocation))
    }
}
