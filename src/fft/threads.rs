//! Several threads in one product.
//!
//! ```text
//! split    columns of all rows, a part for each thread
//! rows     a run of rows for each thread
//! join     columns again; a part carries out at its end, as a row does
//! ```
//! A [`Team`] of threads serves all steps within a call of [`with_threads`], and ends with it.
//! Each part of a result is an integer, so results do not depend on the number of threads. All threads work
//! under the cancellation token of the thread that starts them.

use crate::cancel;
use crate::cpu::Team;
use std::cell::Cell;

pub(crate) use crate::cpu::Job;

thread_local! {
    static THREADS: Cell<usize> = const { Cell::new(1) };
    /// The threads that wait for work from this one. The team is taken out while it works.
    static TEAM: Cell<Team> = Cell::default();
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
    /// Restores the old number and the old team, even if `work` panics.
    struct Restore(usize, Team);
    impl Drop for Restore {
        fn drop(&mut self) {
            THREADS.set(self.0);
            TEAM.set(std::mem::take(&mut self.1));
        }
    }
    let _restore = Restore(THREADS.replace(threads.max(1)), TEAM.take());
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
    let token = cancel::current();
    let under = |job| {
        let token = token.clone();
        Box::new(move || cancel::under(token, job)) as Job<'_>
    };
    // A job that shares its own work finds no team, and gets another.
    let mut team = TEAM.take();
    team.all(jobs.into_iter().map(under).collect());
    if THREADS.get() > 1 {
        // `with_threads` ends it.
        TEAM.set(team);
    }
}
