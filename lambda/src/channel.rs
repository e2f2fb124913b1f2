//! Blocks on their way from the thread that computes them to the one that writes them.
//!
//! ```text
//! send       waits for room          receive    waits for a block, for the end, for so long
//! ```
//!
//! Either end closes by being dropped. A lock and a condition, because std's channels are three
//! machines that are compiled for each kind of block: 35 KB of `bootstrap` (measured), to save time
//! where a block takes a thousand times as long.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Blocks that may wait: one is written while the next is computed.
const ROOM: usize = 2;

#[derive(Debug)]
struct Queue<T> {
    blocks: VecDeque<T>,
    /// Whether both ends are there.
    open: bool,
}

/// One end of a queue; its other end is told when it is dropped.
#[derive(Debug)]
struct End<T>(Arc<(Mutex<Queue<T>>, Condvar)>);

/// Where blocks come from.
#[derive(Debug)]
pub(crate) struct Sender<T>(End<T>);

/// Where blocks go to.
#[derive(Debug)]
pub(crate) struct Receiver<T>(End<T>);

/// The time was over before there was a block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Late;

/// Both ends of a queue.
pub(crate) fn queue<T>() -> (Sender<T>, Receiver<T>) {
    let queue = Queue { blocks: VecDeque::with_capacity(ROOM), open: true };
    let shared = Arc::new((Mutex::new(queue), Condvar::new()));
    (Sender(End(Arc::clone(&shared))), Receiver(End(shared)))
}

impl<T> Sender<T> {
    /// Waits for room; returns whether anybody takes the block.
    pub(crate) fn send(&self, block: T) -> bool {
        let mut queue = self.0.queue();
        while queue.open && queue.blocks.len() == ROOM {
            queue = self.0.changed().wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.open {
            queue.blocks.push_back(block);
            self.0.changed().notify_one();
        }
        queue.open
    }
}

impl<T> Receiver<T> {
    /// Waits for the next block, or none after the last; until `end` if there is one.
    pub(crate) fn receive(&self, end: Option<Instant>) -> Result<Option<T>, Late> {
        let mut queue = self.0.queue();
        while queue.open && queue.blocks.is_empty() {
            // A year, where there is no end.
            let left = end.map_or(Duration::from_secs(365 * 86_400), |end| {
                end.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(Late);
            }
            let waited = self.0.changed().wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let block = queue.blocks.pop_front();
        self.0.changed().notify_one();
        Ok(block)
    }
}

impl<T> End<T> {
    /// Nothing panics while it is locked.
    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) -> &Condvar {
        &self.0.1
    }
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        self.queue().open = false;
        self.changed().notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn blocks_keep_their_order_and_have_an_end() {
        let (sender, receiver) = queue();
        let sending = thread::spawn(move || (0..1000).all(|block| sender.send(block)));
        let received: Vec<i32> = std::iter::from_fn(|| receiver.receive(None).unwrap()).collect();
        assert_eq!(received, (0..1000).collect::<Vec<_>>());
        assert!(sending.join().unwrap());
        assert_eq!(receiver.receive(None), Ok(None));
    }

    #[test]
    fn whoever_waits_for_room_hears_that_nobody_listens() {
        let (sender, receiver) = queue();
        let sending = thread::spawn(move || (0_u64..).take_while(|&block| sender.send(block)).count());
        assert_eq!(receiver.receive(None), Ok(Some(0)));
        drop(receiver);
        assert!(sending.join().unwrap() <= 1 + ROOM);
    }

    #[test]
    fn waiting_ends_in_time_and_later_blocks_still_come() {
        let (sender, receiver) = queue();
        let soon = || Some(Instant::now() + Duration::from_millis(5));
        assert_eq!(receiver.receive(soon()), Err(Late));
        sender.send(1);
        assert_eq!(receiver.receive(soon()), Ok(Some(1)));
        drop(sender);
        assert_eq!(receiver.receive(soon()), Ok(None));
    }
}
