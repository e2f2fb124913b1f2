//! A function's binary on this machine, started and driven as Lambda would.
//!
//! One process (a sandbox, in Lambda's terms) serves one event after the other: the first event
//! is a cold start, the next events find a warm process. After a crash, a timeout or an exit, a new
//! sandbox takes the place of the old one, with a new cold start, as on Lambda.
//!
//! Lambda gives a function a share of a vCPU in proportion to its memory, kills it beyond that
//! memory, and freezes it between two invocations. [`Limits`] do the same to a sandbox, and
//! [`Confinement`] tells whether they apply. Without limits, durations are wall time of this
//! machine.
//!
//! [`Limits`]: crate::sandbox::Limits

mod args;
mod confinement;
mod diagnose;
pub mod environment;
mod exit;
mod extension;
mod image;
mod layers;
mod memory;
mod outcome;
mod output;
mod process;
mod revision;
mod sandbox;
mod source;
mod tail;
mod worker;

pub use args::FunctionArgs;
pub use confinement::Confinement;
pub use environment::Configuration;
pub use extension::ExtensionFile;
pub use image::{Image, Rooted};
pub use layers::Opt;
pub use memory::resident as resident_memory;
pub(super) use source::LocalSource;
pub use worker::Worker;

use super::{Invocation, Target};
use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::log::Log;
use crate::runtime_api::Work;
use crate::runtime_api::extensions::ShutdownReason;
use hyper::body::Bytes;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, channel};

/// Pieces of a stream that may wait for the caller.
const STREAM_BUFFER: usize = 16;

/// A binary on this machine. Dropping the value ends the binary's processes.
#[derive(Debug)]
pub struct LocalBinary {
    // Declared before `runtime`, which a sandbox needs while it is dropped.
    worker: Worker,
    interrupts: Interrupts,
    runtime: Runtime,
}

impl LocalBinary {
    /// A binary whose first invocation starts it; its log goes to `log`.
    ///
    /// # Errors
    ///
    /// When limits are required and cannot be set, or the operating system is out of resources.
    pub fn new(configuration: Configuration, log: Log) -> Result<Self, Error> {
        // One thread, so that the tool does not compete with the function for the CPU.
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        // Listen before making anything that has to be removed.
        let interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        let confinement = Confinement::prepare(configuration.limits, configuration.memory_size)?;
        Ok(Self { worker: Worker::new(configuration, confinement, log), interrupts, runtime })
    }

    /// The id of the process that serves events, if one runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.worker.process_id()
    }

    /// CPU time of the current sandbox; `None` without a cgroup.
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        self.worker.cpu_time()
    }

    /// Time from the last event's delivery to the first byte of its streamed response.
    #[must_use]
    pub fn first_byte(&self) -> Option<Duration> {
        self.worker.first_byte()
    }

    /// The limits of the sandboxes.
    #[must_use]
    pub fn confinement(&self) -> &Confinement {
        self.worker.confinement()
    }

    /// Invokes the function as `InvokeWithResponseStream` does: `piece` receives a streamed
    /// response as it arrives, at Lambda's pace. The payload is the rest: a response that the
    /// function did not stream, or the error that ended a stream.
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

impl Drop for LocalBinary {
    /// Runs the shutdown phase of extensions, at most 2 s.
    fn drop(&mut self) {
        self.runtime.block_on(self.worker.shut_down(ShutdownReason::Spindown));
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
    Ok(worker.settle().await.unwrap_or(invocation))
}

async fn read_all(mut receiver: Receiver<Bytes>, piece: &mut impl FnMut(&[u8])) {
    while let Some(bytes) = receiver.recv().await {
        piece(&bytes);
    }
}
