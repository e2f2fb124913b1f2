//! Several threads in one product.
//!
//! ```text
//! split    columns of all rows, a part for each thread
//! rows     a run of rows for each thread
//! join     columns again; a part carries out at its end, as a row does
//! ```
//! Threads are started for each step: that takes about 15 us, where a sleeping
//! worker takes 70 us to wake, and needs no state that outlives a product.
//! Each part of a result is an integer, so results do not depend on the number of threads. All threads work
//! under the cancellation token of the thread that starts them.

use crate::cancel;
use std::cell::Cell;
use std::panic::resume_unwind;

thread_local! {
    static THREADS: Cell<usize> = const { Cell::new(1) };
}

/// Points from which on a transform uses several threads. Shorter products take less than half a
/// millisecond.
pub(super) const THREADS_FROM: usize = 1 << 16;

/// Runs `work`; each of its products on this thread may use up to `threads` threads.
/// Results are the same for any number. Short products stay on one thread.
///
/// ```
/// use pi_spigot::fft;
/// let a = vec![3; 50_000];
/// let (mut one, mut two) = (vec![0; 100_000], vec![0; 100_000]);
/// fft::square(&mut one, &a);
/// fft::with_threads(2, || fft::square(&mut two, &a));
/// assert!(one == two);
/// ```
pub fn with_threads<R>(threads: usize, work: impl FnOnce() -> R) -> R {
    /// Restores the old number, even if `work` panics.
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            THREADS.set(self.0);
        }
    }
    let _restore = Restore(THREADS.replace(threads.max(1)));
    work()
}

/// The number of threads for a transform of `points` points.
pub(super) fn count(points: usize) -> usize {
    if points < THREADS_FROM { 1 } else { THREADS.get() }
}

/// Does `work` on all items at once, on the first one by this thread.
pub(super) fn each<T: Send>(items: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    let mut items = items.into_iter();
    let Some(first) = items.next() else { return };
    let Some(second) = items.next() else { return work(first) };
    let work = &work;
    let job = |item| Box::new(move || work(item)) as Job<'_>;
    let mut jobs = vec![job(first), job(second)];
    for item in items {
        jobs.push(job(item));
    }
    all(jobs);
}

/// Work for a thread.
pub(crate) type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Unwinds if the computation is cancelled. The kernels of long products call this between rows and between
/// columns: a product of 10^8 digits takes half a second. One copy serves the kernels of all levels.
#[inline(never)]
pub(super) fn check() {
    cancel::check();
}

/// Runs all jobs at once, the first one on this thread, all under this thread's [token](cancel). A panic in a
/// job unwinds as without threads.
///
/// Jobs are boxed, because the code that starts a thread takes 3 KB for each type of job.
pub(crate) fn all(jobs: Vec<Job<'_>>) {
    let mut jobs = jobs.into_iter();
    let first = jobs.next();
    std::thread::scope(|scope| {
        let token = cancel::current();
        let spawn = |job| {
            let token = token.clone();
            scope.spawn(|| cancel::under(token, job))
        };
        let others: Vec<_> = jobs.map(spawn).collect();
        if let Some(job) = first {
            job();
        }
        for other in others {
            other.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}
