//! A function's binary on this machine, started and driven as Lambda would.
//!
//! One process (a sandbox, in Lambda's terms) serves one event after the other: the first
//! one finds a cold start, the next ones a warm process. A sandbox that crashed, timed out or
//! ended on its own is replaced by a new one, with a new cold start, as on Lambda.
//!
//! Lambda gives a function a share of a CPU that is proportional to its memory, kills it when it
//! uses more than that, and freezes it between two invocations. With [`Limits`] a sandbox is held
//! in the same way; [`Confinement`] says whether it is. Without, durations are wall time of this
//! machine.
//!
//! [`Limits`]: crate::sandbox::Limits

mod args;
mod confinement;
mod diagnose;
pub mod environment;
mod exit;
mod image;
mod memory;
mod outcome;
mod output;
mod revision;
mod sandbox;
mod source;
mod tail;
mod worker;

pub use args::FunctionArgs;
pub use confinement::Confinement;
pub use environment::Configuration;
pub use image::{Image, Rooted};
pub use memory::resident as resident_memory;
pub(super) use source::LocalSource;
pub use worker::Worker;

use super::{Invocation, Target};
use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::log::Log;
use crate::runtime_api::Work;
use hyper::body::Bytes;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, channel};

/// How many pieces of a stream may wait for the caller.
const STREAM_BUFFER: usize = 16;

/// A binary that is invoked on this machine. Dropping it kills its processes.
#[derive(Debug)]
pub struct LocalBinary {
    // Before `runtime`: a sandbox needs it while it is dropped.
    worker: Worker,
    interrupts: Interrupts,
    runtime: Runtime,
}

impl LocalBinary {
    /// A binary that is started at the first invocation; its log goes to `log`.
    ///
    /// # Errors
    ///
    /// When limits are required and cannot be had, or the operating system has no resources left.
    pub fn new(configuration: Configuration, log: Log) -> Result<Self, Error> {
        // One thread, so that nothing competes with the function for the CPU.
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        // Before anything is made that has to be removed.
        let interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        let confinement = Confinement::prepare(configuration.limits, configuration.memory_size)?;
        Ok(Self { worker: Worker::new(configuration, confinement, log), interrupts, runtime })
    }

    /// The process that serves the events, while there is one.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.worker.process_id()
    }

    /// The CPU time that the current sandbox has used; `None` when nothing counts it.
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        self.worker.cpu_time()
    }

    /// From the last event's delivery to the first byte of its response, when that was streamed.
    #[must_use]
    pub fn first_byte(&self) -> Option<Duration> {
        self.worker.first_byte()
    }

    /// Whether figures are scaled.
    #[must_use]
    pub fn confinement(&self) -> &Confinement {
        self.worker.confinement()
    }

    /// Invokes it as `InvokeWithResponseStream` does: `piece` gets a streamed response as it
    /// comes, at Lambda's pace. The payload is what was not streamed: all of a response that the
    /// function puts together itself, or the error after which a stream ended.
    ///
    /// # Errors
    ///
    /// As for [`Target::invoke`].
    pub fn invoke_streaming(
        &mut self,
        event: &[u8],
        mut piece: impl FnMut(&[u8]),
    ) -> Result<Invocation, Error> {
        let (sender, receiver) = channel(STREAM_BUFFER);
        let work = self.worker.work(event.to_vec().into(), Some(sender));
        let (worker, interrupts) = (&mut self.worker, &mut self.interrupts);
        let result = self.runtime.block_on(async {
            let reading = read_all(receiver, &mut piece);
            let both = async { tokio::join!(invoke_and_settle(worker, work), reading).0 };
            tokio::select! { result = both => result, () = interrupts.next() => Err(Error::Interrupted) }
        });
        result.inspect_err(|_| self.worker.discard())
    }
}

impl Target for LocalBinary {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        let work = self.worker.work(event.to_vec().into(), None);
        let (worker, interrupts) = (&mut self.worker, &mut self.interrupts);
        let result = self.runtime.block_on(async {
            tokio::select! {
                result = invoke_and_settle(worker, work) => result,
                () = interrupts.next() => Err(Error::Interrupted),
            }
        });
        result.inspect_err(|_| self.worker.discard())
    }
}

async fn invoke_and_settle(worker: &mut Worker, work: Work) -> Result<Invocation, Error> {
    let invocation = worker.invoke(work).await?;
    worker.settle().await;
    Ok(invocation)
}

async fn read_all(mut receiver: Receiver<Bytes>, piece: &mut impl FnMut(&[u8])) {
    while let Some(bytes) = receiver.recv().await {
        piece(&bytes);
    }
}
