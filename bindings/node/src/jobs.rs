//! Computations off the JavaScript thread.
//!
//! ```text
//! long jobs    as many at a time as the process has CPUs, first come first served
//! short jobs   before all long ones, and on one more thread that takes no other
//! ```
//!
//! Threads start when there is work, and end with the process. A job that is cancelled in the queue
//! leaves the queue at once; a running one unwinds at its next check.

use napi::{Error, Status};
use pi_spigot::cancel::{Cancelled, Token};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// The expected length of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// Milliseconds.
    Short,
    /// Anything else.
    Long,
}

/// The end of a job: it settles the promise.
pub(crate) type Settle = Box<dyn FnOnce() + Send>;

/// A job in the queue. One whose token is cancelled does nothing but settle.
struct Job {
    id: u64,
    run: Box<dyn FnOnce() -> Settle + Send>,
}

/// Waiting jobs, and the threads that take them.
struct Queue {
    short: VecDeque<Job>,
    long: VecDeque<Job>,
    /// Threads that take every job.
    workers: usize,
    idle: usize,
    /// The thread for short jobs has been started.
    short_worker: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    short: VecDeque::new(),
    long: VecDeque::new(),
    workers: 0,
    idle: 0,
    short_worker: false,
});
static WORK: Condvar = Condvar::new();
static NEXT_ID: AtomicU64 = AtomicU64::new(0);
static RUNNING: AtomicUsize = AtomicUsize::new(0);

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of CPUs that the process may use. Asking costs tens of microseconds, so ask once.
pub(crate) fn cpus() -> usize {
    static CPUS: OnceLock<usize> = OnceLock::new();
    *CPUS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// The threads of a job whose caller named none: an even share of the CPUs among the running jobs.
pub(crate) fn fair_threads() -> usize {
    (cpus() / RUNNING.load(Ordering::Relaxed).max(1)).max(1)
}

/// The number of jobs that wait or run.
pub(crate) fn pending() -> usize {
    let queue = queue();
    queue.short.len() + queue.long.len() + RUNNING.load(Ordering::Relaxed)
}

/// Puts a job into the queue, and returns its number for [`withdraw`].
pub(crate) fn submit(length: Length, run: impl FnOnce() -> Settle + Send + 'static) -> u64 {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let job = Job { id, run: Box::new(run) };
    let mut queue = queue();
    match length {
        Length::Short => queue.short.push_back(job),
        Length::Long => queue.long.push_back(job),
    }
    if queue.short.len() + queue.long.len() > queue.idle {
        if queue.workers < cpus() {
            queue.workers += usize::from(start(Length::Long));
        } else if length == Length::Short && !queue.short_worker {
            queue.short_worker = start(Length::Short);
        }
    }
    if queue.workers == 0 {
        // The system refuses threads. Compute here: late, but every promise is settled.
        drop(queue);
        withdraw(id);
        return id;
    }
    drop(queue);
    WORK.notify_all();
    id
}

/// Starts a thread that takes jobs up to a length, unless the system refuses.
fn start(longest: Length) -> bool {
    thread::Builder::new().name("pi-spigot".to_owned()).spawn(move || work(longest)).is_ok()
}

/// Takes a job out of the queue and runs it here, which settles it at once if its token is cancelled. Without
/// effect on a job that runs or has ended.
pub(crate) fn withdraw(id: u64) {
    let mut queue = queue();
    let taken = take(&mut queue.short, id).or_else(|| take(&mut queue.long, id));
    drop(queue);
    if let Some(job) = taken {
        (job.run)()();
    }
}

fn take(jobs: &mut VecDeque<Job>, id: u64) -> Option<Job> {
    let at = jobs.iter().position(|job| job.id == id)?;
    jobs.remove(at)
}

/// The loop of a thread that takes jobs up to a length. It has no end: jobs catch what unwinds.
fn work(longest: Length) {
    loop {
        let job = next(longest);
        let settle = (job.run)();
        // Before the promise is settled: its owner may count the jobs.
        RUNNING.fetch_sub(1, Ordering::Relaxed);
        settle();
    }
}

/// Waits for a job.
fn next(longest: Length) -> Job {
    let mut queue = queue();
    loop {
        let mut job = queue.short.pop_front();
        if longest == Length::Long && job.is_none() {
            job = queue.long.pop_front();
        }
        if let Some(job) = job {
            // While the queue is locked: `pending` must not miss a job on its way.
            RUNNING.fetch_add(1, Ordering::Relaxed);
            return job;
        }
        let any = usize::from(longest == Length::Long);
        queue.idle += any;
        queue = WORK.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= any;
    }
}

/// Runs `compute` under the token. An error says that it was cancelled, or with which words it
/// panicked.
pub(crate) fn caught<T>(token: &Token, compute: impl FnOnce() -> T) -> Result<T, Error> {
    let cancelled = || Error::new(Status::Cancelled, "the computation was cancelled");
    if token.is_cancelled() {
        return Err(cancelled());
    }
    catch_unwind(AssertUnwindSafe(|| token.run(compute))).map_err(|payload| match words(&*payload) {
        None => cancelled(),
        Some(words) => Error::new(Status::GenericFailure, words),
    })
}

/// The message of a panic; none if the payload is that of a cancelled computation.
fn words(payload: &(dyn Any + Send)) -> Option<String> {
    if payload.is::<Cancelled>() {
        return None;
    }
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .or_else(|| Some("the computation stopped without a message: please report it".to_owned()))
}
