//! A layer of `lambda_runtime` that answers invocations from the bytes that were sent.
//!
//! ```text
//! lambda_runtime    waits for an invocation
//! this layer        computes the answer; sends it by itself if it is a stream
//! the handler       hands any other answer on, or throws the panic again
//! lambda_runtime    sends it: a response, a diagnostic, a diagnostic of the panic
//! ```
//!
//! Streams, because `lambda_runtime` 1.5 writes what should be their trailers into the body, where
//! they look like digits, and because its small chunks wait 40 ms for an acknowledgement. The
//! bytes, because it answers by itself what it cannot parse, does not notice what comes behind the
//! JSON value, and at level TRACE ends the process on a payload that is not UTF-8. docs/runtime.md
//! has the reports.

use super::invocation::Invocation;
use super::stream::Written;
use super::{log, stream};
use crate::{Answered, EventError, RawValue, Record, Reply, Stopping};
use lambda_runtime::tower::{self, Layer};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, LambdaInvocation};
use serde::de::IgnoredAny;
use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a panic says.
type Panic = Box<dyn Any + Send>;

/// An answer on its way to the handler; or the panic in its place.
type Handed = Result<Whole, Panic>;

/// An answer in one piece.
type Whole = Result<Box<RawValue>, EventError>;

tokio::task_local! {
    /// The answer to the invocation that this task is working on.
    static ANSWER: Cell<Option<Handed>>;
}

/// The handler: what it returns, `lambda_runtime` sends.
pub(crate) async fn handle(_: LambdaEvent<IgnoredAny>) -> Result<Box<RawValue>, Diagnostic> {
    match ANSWER.with(Cell::take).expect("the layer hands over an answer") {
        Ok(answer) => answer.map_err(|error| Diagnostic {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        }),
        Err(panic) => resume_unwind(panic),
    }
}

/// Answers each invocation, on this thread or on one for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answers {
    /// Whether there may be several at once, so that none may keep the others waiting.
    pub(crate) concurrent: bool,
}

impl<S> Layer<S> for Answers {
    type Service = Service<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Service { inner, answers: *self }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Service<S> {
    inner: S,
    answers: Answers,
}

impl<S> tower::Service<LambdaInvocation> for Service<S>
where
    S: tower::Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let taken = Invocation::take(&mut invocation);
        // It does nothing before it is awaited, which it is not if the answer is a stream.
        let send = self.inner.call(invocation);
        Box::pin(self.answers.answer(taken, send))
    }
}

/// An answer that is computed: sent if it is a stream, to be handed over if it is not.
struct Done {
    invocation: Invocation,
    whole: Option<Whole>,
    records: Vec<Record>,
    written: Written,
    stopping: Option<Stopping>,
}

impl Answers {
    /// Computes and sends an answer, then logs it.
    async fn answer<F>(self, invocation: Invocation, send: F) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>>,
    {
        let work = move || answer(invocation);
        let done = if self.concurrent {
            let done = tokio::task::spawn_blocking(work).await;
            done.unwrap_or_else(|error| resume_unwind(error.into_panic()))
        } else {
            work()
        };
        let done = match done {
            Ok(done) => done?,
            Err(panic) => return hand_over(Err(panic), send).await,
        };
        if let Some(answer) = done.whole {
            hand_over(Ok(answer), send).await?;
        }
        log::invocation(&done.invocation.context(), &done.records, &done.written);
        // What was told of its deadline has to end before there is another invocation.
        drop(done.stopping);
        Ok(())
    }
}

/// Computes an answer, and sends it if it is a stream: what takes its time. An error is one of the
/// connection, a panic one of the computation.
fn answer(invocation: Invocation) -> Result<io::Result<Done>, Panic> {
    let answered = || crate::answer(&invocation.payload, &invocation.context());
    let Answered { reply, mut records, stopping } = catch_unwind(AssertUnwindSafe(answered))?;
    let (whole, written) = match reply {
        Reply::Whole(json) => {
            let written = Written::whole(json.get().len());
            (Some(Ok(json)), written)
        }
        Reply::Error(error) => {
            let written = Written::whole(error.to_json().len());
            (Some(Err(error)), written)
        }
        Reply::Stream(stream) => {
            let sent = match stream::send(&invocation, *stream) {
                Ok(sent) => sent,
                Err(error) => return Ok(Err(error)),
            };
            for record in &mut records {
                record.compute = record.compute.or(sent.compute);
                record.error = record.error.take().or(sent.error.clone());
            }
            (None, sent.written)
        }
    };
    Ok(Ok(Done { invocation, whole, records, written, stopping }))
}

/// Lets `lambda_runtime` send an answer.
async fn hand_over<F: Future>(answer: Handed, send: F) -> F::Output {
    ANSWER.scope(Cell::new(Some(answer)), send).await
}
