//! Computations within the time of an invocation. Long work has its own thread, so that the caller hears
//! of the deadline in time while the work stops at its next check.

use crate::contract::{EventError, of_panic};
use pi_spigot::pi::cancel::Token;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time reserved for delivering the error; at most a quarter of the time left.
const MARGIN: Duration = Duration::from_millis(100);
/// The part of the time reserved for stopping, as a divisor: Lambda kills work that has not stopped in
/// time. Products do not stop halfway: the longest took 0.10 s of the 1.8 s for ten million digits, and
/// 0.83 s of the 30 s for a hundred million.
const STOPPING: u32 = 16;

/// Blocks that may wait: one is written while the next is computed.
const ROOM: usize = 2;

/// The longest wait for a block where there is no deadline: a year.
const FOREVER: Duration = Duration::from_secs(365 * 86_400);

/// The end of the time to work.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    begin: Instant,
    end: Option<Instant>,
}

impl Deadline {
    /// No deadline.
    #[must_use]
    pub fn never() -> Self {
        Self { begin: Instant::now(), end: None }
    }

    /// A deadline shortly before `left` has passed: the reserve is a sixteenth of it, at least a tenth of a
    /// second and at most a quarter.
    #[must_use]
    pub fn after(left: Duration) -> Self {
        let begin = Instant::now();
        let margin = MARGIN.max(left / STOPPING).min(left / 4);
        Self { begin, end: begin.checked_add(left - margin) }
    }

    /// The time left; none without a deadline.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// The begin of the invocation.
    #[must_use]
    pub fn begin(self) -> Instant {
        self.begin
    }

    fn exceeded(self) -> EventError {
        EventError::DeadlineExceeded { after_ms: self.begin.elapsed().as_millis() as u64 }
    }
}

/// Work in progress, block by block. Dropping it stops the work and waits until it has stopped.
#[derive(Debug)]
pub(crate) struct Work<T> {
    blocks: Option<Receiver<Result<T, EventError>>>,
    token: Token,
    thread: Option<JoinHandle<()>>,
    deadline: Deadline,
}

impl<T: Send + 'static> Work<T> {
    /// Starts `produce` on a thread; it sends blocks until it is done or `send` returns false.
    pub(crate) fn start(
        deadline: Deadline,
        produce: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send + 'static,
    ) -> Result<Self, EventError> {
        let (sender, blocks) = sync_channel(ROOM);
        let token = Token::default();
        let own = token.clone();
        // Box the closure: one instance of the code that starts threads is enough.
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
            // The deadline ends the stream even if blocks are waiting: their writer may be slow.
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
        // Waits for room as a block does; after a cancellation nobody listens.
        let _ = sender.send(Err(of_panic(&*panic)));
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.token.cancel();
        // Wake a sender that waits for room.
        self.blocks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Work that is still stopping. Dropping it waits until the work has stopped: drop it after the caller
/// has the reply, and before the next invocation.
#[derive(Debug)]
pub struct Stopping {
    _work: Box<dyn std::any::Any + Send>,
}

/// Computes brief work on this thread, and longer work on another with the deadline.
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

    /// Works until it is cancelled, then sets a flag.
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
