//! Sandboxes, as many as there are invocations at once, up to a limit.

use super::api_error::ApiError;
use crate::log::Log;
use crate::subject::{Configuration, Confinement, Worker};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long an invocation waits for a sandbox that has answered, and is about to ask for the
/// next event: a client that calls again at once is not refused.
const SETTLING: Duration = Duration::from_millis(100);

/// Lends sandboxes; the one that was used last is lent first, as on Lambda.
#[derive(Debug)]
pub struct Pool {
    configuration: Configuration,
    confinement: Confinement,
    concurrency: usize,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Worker>>,
    /// How many have answered, but not yet asked for the next event.
    settling: AtomicUsize,
    settled: Notify,
}

/// A sandbox on loan, to be given back to its pool.
#[derive(Debug)]
pub struct Loan {
    pool: Arc<Pool>,
    /// Taken when it goes back.
    worker: Option<Worker>,
    /// Given back after the worker.
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool of at most so many sandboxes; none is started yet.
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

    /// A sandbox for a caller who waits: 429 when all are busy.
    ///
    /// # Errors
    ///
    /// When all are busy, or the server ends.
    pub async fn lend(self: &Arc<Self>) -> Result<Loan, ApiError> {
        let permit = timeout(SETTLING, self.permit()).await;
        let permit = permit.unwrap_or_else(|_| Err(ApiError::busy(self.concurrency)))?;
        // Rather a warm sandbox in a moment than a cold one now.
        let _ = timeout(SETTLING, self.one_settled()).await;
        Ok(self.loan(permit))
    }

    /// A sandbox for an event that can wait.
    ///
    /// # Errors
    ///
    /// When the server ends.
    pub async fn lend_later(self: &Arc<Self>) -> Result<Loan, ApiError> {
        let permit = self.permit().await?;
        Ok(self.loan(permit))
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map_err(|_| ApiError::internal("lambda-meter is stopping".to_owned()))
    }

    /// Returns when a sandbox is idle, or none is about to be.
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

    /// Lends nothing any more, and kills what is idle.
    pub fn close(&self) {
        self.free.close();
        self.idle().clear();
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

    /// Waits until the sandbox is ready for another event, and gives it back.
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
