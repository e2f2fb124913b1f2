//! A pool of sandboxes, one for each concurrent invocation, up to a limit.

use super::api_error::ApiError;
use crate::log::Log;
use crate::runtime_api::extensions::ShutdownReason;
use crate::subject::{Configuration, Confinement, Invocation, Worker};
use hyper::body::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

/// Wait for a sandbox that has answered and is about to ask for its next event, so that a client
/// that calls again at once is not refused.
const SETTLING: Duration = Duration::from_millis(100);

/// Lends sandboxes, the last used first, as on Lambda.
#[derive(Debug)]
pub struct Pool {
    configuration: Configuration,
    confinement: Confinement,
    concurrency: usize,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Worker>>,
    /// Number of sandboxes that have answered, but not yet asked for the next event.
    settling: AtomicUsize,
    settled: Notify,
}

/// A sandbox on loan from its pool.
#[derive(Debug)]
pub struct Loan {
    pool: Arc<Pool>,
    /// The sandbox, until it is given back.
    worker: Option<Worker>,
    /// Declared last, so that the permit is released after the worker.
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool of at most `concurrency` sandboxes, which start on demand.
    #[must_use]
    pub fn new(configuration: Configuration, confinement: Confinement, concurrency: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(concurrency));
        Arc::new(Self {
            configuration,
            confinement,
            concurrency,
            free,
            idle: Mutex::default(),
            settling: AtomicUsize::new(0),
            settled: Notify::new(),
        })
    }

    /// The function.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The limits of the sandboxes.
    #[must_use]
    pub fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// Lends a sandbox for a synchronous call, refused with 429 when all are busy.
    ///
    /// # Errors
    ///
    /// When all sandboxes are busy, or the server is stopping.
    pub async fn lend(self: &Arc<Self>) -> Result<Loan, ApiError> {
        let permit = timeout(SETTLING, self.permit()).await;
        let permit = permit.unwrap_or_else(|_| Err(ApiError::busy(self.concurrency)))?;
        // A warm sandbox in a moment is better than a cold one now.
        let _ = timeout(SETTLING, self.one_settled()).await;
        Ok(self.loan(permit))
    }

    /// Waits for a sandbox for an asynchronous event.
    ///
    /// # Errors
    ///
    /// When the server is stopping.
    pub async fn lend_later(self: &Arc<Self>) -> Result<Loan, ApiError> {
        let permit = self.permit().await?;
        Ok(self.loan(permit))
    }

    /// Invokes the function, and waits for its answer; refused when all sandboxes are busy.
    ///
    /// # Errors
    ///
    /// When all sandboxes are busy, or the server is stopping.
    pub(super) async fn call(self: &Arc<Self>, event: Bytes) -> Result<Invocation, ApiError> {
        self.lend().await?.run(event).await
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map_err(|_| ApiError::internal("lambda-meter is stopping".to_owned()))
    }

    /// Returns when a sandbox is idle, or none is about to become idle.
    async fn one_settled(&self) {
        while self.idle().is_empty() && self.settling.load(Ordering::Acquire) > 0 {
            self.settled.notified().await;
        }
    }

    fn loan(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Loan {
        let worker = self.idle().pop().unwrap_or_else(|| {
            Worker::new(self.configuration.clone(), self.confinement.clone(), Log::to_stderr())
        });
        Loan { pool: Arc::clone(self), worker: Some(worker), _permit: permit }
    }

    /// Refuses further loans, and ends idle sandboxes with the shutdown phase of their extensions.
    pub async fn close(&self) {
        self.free.close();
        let idle = std::mem::take(&mut *self.idle());
        let ends = idle
            .into_iter()
            .map(|mut worker| tokio::spawn(async move { worker.shut_down(ShutdownReason::Spindown).await }));
        for end in ends.collect::<Vec<_>>() {
            // A failed end has killed its sandbox.
            let _ = end.await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loan {
    /// The sandbox.
    pub fn worker(&mut self) -> &mut Worker {
        let Some(worker) = &mut self.worker else { unreachable!("it is there until it goes back") };
        worker
    }

    /// Invokes the function, and waits for its answer. As on Lambda, a caller that disconnects does not end
    /// the invocation.
    ///
    /// # Errors
    ///
    /// When the server is stopping.
    pub(super) async fn run(mut self, event: Bytes) -> Result<Invocation, ApiError> {
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let work = self.worker().work(event, None);
            let _ = sender.send(self.worker().invoke_or_explain(work).await);
            self.give_back().await;
        });
        receiver.await.map_err(|_| ApiError::internal("the invocation was lost".to_owned()))
    }

    /// Waits until the sandbox is ready for another event, and returns it to the pool.
    pub async fn give_back(mut self) {
        self.pool.settling.fetch_add(1, Ordering::AcqRel);
        self.worker().settle().await;
        if !self.pool.free.is_closed() {
            let worker = self.worker.take();
            self.pool.idle().extend(worker);
        }
        self.pool.settling.fetch_sub(1, Ordering::AcqRel);
        self.pool.settled.notify_one();
    }
}
