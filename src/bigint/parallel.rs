//! Independent pieces of work, side by side.

use crate::fft::{Job, all, with_threads};
use std::sync::Mutex;

/// Calls `work` on each of `items`, on up to `threads` threads; returns results in the order of items.
///
/// Neighbours share a thread. All threads work under the caller's [cancellation token](crate::cancel).
///
/// # Panics
/// If `work` does.
pub(crate) fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    // Each slot holds an item first, then its result, so that `share_out` is compiled once for all types.
    let slots: Vec<_> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    share_out(slots.len(), threads, &|k| {
        // No other thread takes this slot, so no panic can have poisoned it.
        if let Ok(mut slot) = slots[k].lock() {
            slot.1 = slot.0.take().map(&work);
        }
    });
    let result = |slot: Mutex<(_, Option<R>)>| slot.into_inner().ok().and_then(|slot| slot.1);
    slots.into_iter().filter_map(result).collect()
}

/// `work(0)`, `work(1)` and so on, neighbours on one thread, under the token of the caller.
fn share_out(count: usize, threads: usize, work: &(dyn Fn(usize) + Sync)) {
    let per_thread = count.div_ceil(threads.max(1)).max(1);
    if count <= per_thread {
        return (0..count).for_each(work);
    }
    // Threads to spare serve the products within the pieces.
    let inner = (threads / count.div_ceil(per_thread)).max(1);
    let job = |first: usize| {
        let part = first..count.min(first + per_thread);
        let run = move || part.for_each(work);
        Box::new(move || with_threads(inner, run)) as Job<'_>
    };
    all((0..count).step_by(per_thread).map(job).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order() {
        for count in 0..20usize {
            for threads in 0..5 {
                let squares = in_parallel((0..count).collect(), threads, |x| x * x);
                assert_eq!(squares, (0..count).map(|x| x * x).collect::<Vec<_>>());
            }
        }
    }
}
