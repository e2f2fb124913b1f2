//! Computes within the time that an invocation has: long work on a thread of its own, so that the
//! caller hears of the deadline in time while the work stops at its next check.

use crate::contract::{EventError, of_panic};
use pi_spigot::pi::cancel::Token;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What is kept for telling the caller, when there is so much.
const MARGIN: Duration = Duration::from_millis(100);
/// And the part of the time that is kept for stopping, since what has not stopped when the time is over is
/// killed. Products do not stop halfway: the longest took 0.10 s of the 1.8 s for ten million digits, and
/// 0.83 s of the 30 s for a hundred million.
const STOPPING: u32 = 16;

/// Blocks that may wait: one is written while the next is computed.
const ROOM: usize = 2;

/// The longest wait for a block where there is no deadline: a year.
const FOREVER: Duration = Duration::from_secs(365 * 86_400);

/// Until when an invocation may work.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    begin: Instant,
    end: Option<Instant>,
}

impl Deadline {
    /// None.
    #[must_use]
    pub fn never() -> Self {
        Self { begin: Instant::now(), end: None }
    }

    /// Shortly before `left` from now has passed: a sixteenth of it, but a tenth of a second at least,
    /// and a quarter at most.
    #[must_use]
    pub fn after(left: Duration) -> Self {
        let begin = Instant::now();
        let margin = MARGIN.max(left / STOPPING).min(left / 4);
        Self { begin, end: begin.checked_add(left - margin) }
    }

    /// What is left; none without an end.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// When the invocation began.
    #[must_use]
    pub fn begin(self) -> Instant {
        self.begin
    }

    fn exceeded(self) -> EventError {
        EventError::DeadlineExceeded { after_ms: self.begin.elapsed().as_millis() as u64 }
    }
}

/// Work on its way, block by block. Dropping it stops the work, and returns when it has stopped.
#[derive(Debug)]
pub(crate) struct Work<T> {
    blocks: Option<Receiver<Result<T, EventError>>>,
    token: Token,
    thread: Option<JoinHandle<()>>,
    deadline: Deadline,
}

impl<T: Send + 'static> Work<T> {
    /// Starts `produce` on a thread; it sends blocks until it is done or refused.
    pub(crate) fn start(
        deadline: Deadline,
        produce: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send + 'static,
    ) -> Result<Self, EventError> {
        let (sender, blocks) = sync_channel(ROOM);
        let token = Token::default();
        let own = token.clone();
        // Boxed, so that threads are started by the same code whatever they do.
        let work: Box<dyn FnOnce() + Send> = Box::new(move || own.run(|| run(produce, &sender)));
        let thread = std::thread::Builder::new().spawn(work);
        let thread =
            thread.map_err(|error| EventError::InternalError { message: format!("no thread: {error}") })?;
        Ok(Self { blocks: Some(blocks), token, thread: Some(thread), deadline })
    }

    /// The next block, or none after the last.
    pub(crate) fn next(&mut self) -> Result<Option<T>, EventError> {
        let Some(blocks) = &self.blocks else { return Ok(None) };
        let received = match self.deadline.left() {
            // Also when blocks are waiting: whoever writes them may be the slow one.
            Some(Duration::ZERO) => Err(RecvTimeoutError::Timeout),
            left => blocks.recv_timeout(left.unwrap_or(FOREVER)),
        };
        match received {
            Ok(block) => block.map(Some),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                self.token.cancel();
                Err(self.deadline.exceeded())
            }
        }
    }
}

/// Runs `produce` on this thread; a panic becomes the last block.
fn run<T>(produce: impl FnOnce(&mut dyn FnMut(T) -> bool), sender: &SyncSender<Result<T, EventError>>) {
    let mut send = |block| sender.send(Ok(block)).is_ok();
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| produce(&mut send))) {
        // Waits for room, as a block does; after a cancellation nobody listens, and this is dropped.
        let _ = sender.send(Err(of_panic(&*panic)));
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.token.cancel();
        // Whoever waits to send wakes up.
        self.blocks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Work that is still stopping. Dropping it waits until it has: after the caller has been told,
/// and before the next invocation.
#[derive(Debug)]
pub struct Stopping {
    _work: Box<dyn std::any::Any + Send>,
}

/// Computes on this thread what takes moments, and on another what may take longer than there is.
pub(crate) fn within<T: Send + 'static>(
    deadline: Deadline,
    brief: bool,
    compute: impl FnOnce() -> T + Send + 'static,
) -> (Result<T, EventError>, Option<Stopping>) {
    if brief || deadline.end.is_none() {
        return (catch_unwind(AssertUnwindSafe(compute)).map_err(|panic| of_panic(&*panic)), None);
    }
    let work = Work::start(deadline, |send| {
        send(compute());
    });
    let mut work = match work {
        Ok(work) => work,
        Err(error) => return (Err(error), None),
    };
    match work.next() {
        Ok(Some(result)) => (Ok(result), None),
        Ok(None) => (Err(deadline.exceeded()), None),
        Err(error) => (Err(error), Some(Stopping { _work: Box::new(work) })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_spigot::pi::cancel::check;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Works until it is interrupted, then says so.
    fn endless(stopped: Arc<AtomicBool>) -> impl FnOnce() + Send {
        struct Says(Arc<AtomicBool>);
        impl Drop for Says {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        move || {
            let _says = Says(stopped);
            loop {
                check();
            }
        }
    }

    #[test]
    fn there_is_time_for_telling_and_for_stopping() {
        for (left, kept) in [(0, 0), (40, 10), (400, 100), (1600, 100), (3200, 200), (900_000, 56_250)] {
            let deadline = Deadline::after(Duration::from_millis(left));
            assert_eq!(deadline.end, Some(deadline.begin + Duration::from_millis(left - kept)), "{left} ms");
        }
    }

    #[test]
    fn what_is_done_in_time_is_returned() {
        for brief in [true, false] {
            assert_eq!(within(Deadline::after(Duration::from_secs(60)), brief, || 7).0, Ok(7));
        }
        assert_eq!(within(Deadline::never(), false, || 7).0, Ok(7));
    }

    #[test]
    fn the_deadline_is_told_first_and_the_work_stops_then() {
        let stopped = Arc::new(AtomicBool::new(false));
        let deadline = Deadline::after(Duration::from_millis(40));
        let (result, stopping) = within(deadline, false, endless(Arc::clone(&stopped)));
        assert_eq!(result.unwrap_err().error_type(), "DeadlineExceeded");
        drop(stopping.expect("it is still stopping"));
        assert!(stopped.load(Ordering::SeqCst), "nothing is left running");
    }

    #[test]
    fn a_panic_keeps_its_words_on_either_thread() {
        for brief in [true, false] {
            let (result, _) =
                within(Deadline::after(Duration::from_secs(60)), brief, || -> u8 { panic!("sum {}", 2) });
            let error = result.unwrap_err();
            assert!(error.to_string().contains("sum 2"), "{error}");
        }
    }

    #[test]
    fn a_panic_behind_blocks_that_wait_is_no_end() {
        let (sent, all_sent) = std::sync::mpsc::channel();
        let produce = move |send: &mut dyn FnMut(u8) -> bool| {
            assert!(send(1) && send(2));
            sent.send(()).unwrap();
            panic!("digit 3");
        };
        let mut work = Work::start(Deadline::never(), produce).unwrap();
        all_sent.recv().unwrap();
        assert_eq!((work.next(), work.next()), (Ok(Some(1)), Ok(Some(2))));
        assert!(work.next().unwrap_err().to_string().contains("digit 3"));
    }

    #[test]
    fn dropped_work_ends_although_nobody_reads_its_blocks() {
        let mut work = Work::start(Deadline::never(), |send| while send(1_u8) {}).unwrap();
        assert_eq!(work.next(), Ok(Some(1)));
        drop(work);
    }
}
