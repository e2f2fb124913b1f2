//! Threads that wait for work: for steps that are shorter than the start of a thread.
//!
//! To start a thread and to join it takes 15 to 70 us, to wake one that sleeps as much, and a step of a
//! product of a million digits takes 100 us. So a thread without work looks for some for a while before
//! it sleeps: it is handed a job in less than a microsecond.
//!
//! ```text
//! caller   hands out jobs, does the first one itself, waits until all are done
//! worker   IDLE -> WORK (caller) -> DONE (worker) -> IDLE (caller);  END when the team is dropped
//! ```

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, Thread, current, park, yield_now};
use std::time::{Duration, Instant};

/// Work for a thread.
pub(crate) type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Time for which a thread looks before it sleeps: longer than most steps between the shared ones, and
/// no longer than a start of a thread takes on a busy machine.
const LOOK: Duration = Duration::from_micros(100);

const IDLE: u8 = 0;
const WORK: u8 = 1;
const DONE: u8 = 2;
const END: u8 = 3;

/// Threads that work for the one that owns the team, which they wake: it cannot move to another.
#[derive(Default)]
pub(crate) struct Team {
    workers: Vec<Worker>,
    /// The process in which the workers run.
    process: u32,
    owner: PhantomData<*const ()>,
}

struct Worker {
    slot: Arc<Slot>,
    thread: Option<JoinHandle<()>>,
}

/// What a worker and its caller share.
struct Slot {
    state: AtomicU8,
    job: Mutex<Option<Job<'static>>>,
    /// The payload of a job that has panicked.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    caller: Thread,
}

impl Team {
    /// Does all jobs at once, the first one on this thread; those for which the system refuses a thread
    /// follow it there. A panic of a job unwinds from here once all jobs have ended.
    pub(crate) fn all(&mut self, jobs: Vec<Job<'_>>) {
        self.leave_behind();
        let mut jobs = jobs.into_iter();
        let first = jobs.next();
        while self.workers.len() < jobs.len() {
            let Some(worker) = Worker::start() else { break };
            self.workers.push(worker);
            self.process = std::process::id();
        }
        let mut busy = Busy { workers: &self.workers, count: 0 };
        for worker in &self.workers {
            let Some(job) = jobs.next() else { break };
            // SAFETY: only the lifetime changes. `busy` waits for the end of the job, also when this function
            // unwinds, and the job does not outlive its call. So it ends within the lifetime of `jobs`.
            let job = unsafe { std::mem::transmute::<Job<'_>, Job<'static>>(job) };
            worker.hand(job);
            busy.count += 1;
        }
        first.into_iter().chain(jobs).for_each(|job| job());
        if let Some(payload) = busy.wait() {
            resume_unwind(payload);
        }
    }

    /// Forgets workers of another process: `fork` copies a team but not its threads, and nobody would end
    /// a job here.
    fn leave_behind(&mut self) {
        // Without workers nothing is asked: wasm32 has neither threads nor processes.
        if !self.workers.is_empty() && self.process != std::process::id() {
            std::mem::forget(std::mem::take(&mut self.workers));
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.leave_behind();
    }
}

/// The first `count` workers have a job. Their jobs have ended when this is dropped.
struct Busy<'a> {
    workers: &'a [Worker],
    count: usize,
}

impl Busy<'_> {
    /// Waits for the jobs; returns the payload of one that has panicked.
    fn wait(self) -> Option<Box<dyn Any + Send>> {
        let workers = &self.workers[..self.count];
        drop(self);
        workers.iter().find_map(|worker| lock(&worker.slot.panic).take())
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        for worker in &self.workers[..self.count] {
            worker.slot.wait_for(|state| state == DONE);
            worker.slot.state.store(IDLE, Ordering::Relaxed);
        }
    }
}

impl Worker {
    fn start() -> Option<Self> {
        let (state, job, panic) = (AtomicU8::new(IDLE), Mutex::default(), Mutex::default());
        let slot = Arc::new(Slot { state, job, panic, caller: current() });
        let of_thread = Arc::clone(&slot);
        let thread = Builder::new().spawn(move || of_thread.work()).ok()?;
        Some(Self { slot, thread: Some(thread) })
    }

    fn hand(&self, job: Job<'static>) {
        *lock(&self.slot.job) = Some(job);
        self.set(WORK);
    }

    fn set(&self, state: u8) {
        self.slot.state.store(state, Ordering::Release);
        if let Some(thread) = &self.thread {
            // A system call only if the thread sleeps.
            thread.thread().unpark();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.set(END);
        if let Some(thread) = self.thread.take() {
            // Its jobs cannot unwind out of it.
            let _ = thread.join();
        }
    }
}

impl Slot {
    /// The life of a worker.
    fn work(&self) {
        loop {
            if self.wait_for(|state| state == WORK || state == END) == END {
                return;
            }
            if let Some(job) = lock(&self.job).take() {
                *lock(&self.panic) = catch_unwind(AssertUnwindSafe(job)).err();
            }
            self.state.store(DONE, Ordering::Release);
            self.caller.unpark();
        }
    }

    /// Looks for a while, then sleeps. Who sets the state wakes the thread that waits.
    fn wait_for(&self, ready: impl Fn(u8) -> bool) -> u8 {
        let look = || Some(self.state.load(Ordering::Acquire)).filter(|&state| ready(state));
        let mut start = None;
        loop {
            for _ in 0..32 {
                if let Some(state) = look() {
                    return state;
                }
                std::hint::spin_loop();
            }
            if start.get_or_insert_with(Instant::now).elapsed() > LOOK {
                park();
            } else {
                // The other thread may wait for this processor.
                yield_now();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::thread::sleep;

    /// Jobs that count, as many as there are `of`.
    fn count(team: &mut Team, of: usize) -> usize {
        let counter = AtomicUsize::new(0);
        let job = || {
            Box::new(|| {
                counter.fetch_add(1, Ordering::Relaxed);
            }) as Job<'_>
        };
        team.all((0..of).map(|_| job()).collect());
        counter.into_inner()
    }

    #[test]
    fn all_jobs_are_done_time_and_again() {
        let mut team = Team::default();
        for round in 0..200 {
            let of = round % 7;
            assert_eq!(count(&mut team, of), of);
            if round % 50 == 49 {
                // Until all workers sleep.
                sleep(20 * LOOK);
            }
        }
        assert_eq!(team.workers.len(), 5, "as many workers as were needed at one time");
    }

    #[test]
    fn jobs_borrow_and_write_what_the_caller_owns() {
        let mut team = Team::default();
        let mut numbers = vec![0; 30];
        for round in 1..100 {
            let add = |part: &mut [i32]| part.iter_mut().for_each(|number| *number += 1);
            team.all(numbers.chunks_mut(10).map(|part| Box::new(move || add(part)) as Job<'_>).collect());
            assert_eq!(numbers, [round; 30]);
        }
    }

    /// A process that was forked has the team, but not its threads.
    #[test]
    fn threads_of_another_process_are_not_waited_for() {
        let mut team = Team::default();
        assert_eq!(count(&mut team, 4), 4);
        team.process ^= 1;
        assert_eq!(count(&mut team, 3), 3);
        assert_eq!(team.workers.len(), 2, "workers of this process");
        team.process ^= 1;
        // Drop would wait for ever for a thread that is not there.
        drop(team);
    }

    /// A panic here or there: the others end first, and the team goes on.
    #[test]
    fn a_panic_waits_for_the_other_jobs() {
        let mut team = Team::default();
        for guilty in 0..3 {
            let ended = AtomicUsize::new(0);
            let job = |k: usize| {
                let ended = &ended;
                Box::new(move || {
                    if k == guilty {
                        std::panic::panic_any(k);
                    }
                    sleep(3 * LOOK);
                    ended.fetch_add(1, Ordering::Relaxed);
                }) as Job<'_>
            };
            let jobs = (0..3).map(job).collect();
            let payload = catch_unwind(AssertUnwindSafe(|| team.all(jobs))).unwrap_err();
            assert_eq!(payload.downcast_ref(), Some(&guilty));
            assert_eq!(ended.load(Ordering::Relaxed), 2, "job {guilty} panicked");
            assert_eq!(count(&mut team, 3), 3);
        }
    }
}
