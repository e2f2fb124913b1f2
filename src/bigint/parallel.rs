//! Independent pieces of work, side by side.

use super::interrupt;
use crate::fft::with_threads;
use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

/// `work` on each of `items`, on up to `threads` threads, neighbours on one; results in the order of items.
/// All work under the [`interrupt`] token of the caller.
///
/// # Panics
/// If `work` does.
pub(crate) fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let per_thread = items.len().div_ceil(threads.max(1)).max(1);
    if items.len() <= per_thread {
        return items.into_iter().map(work).collect();
    }
    // What threads are left over serve the products within the pieces.
    let inner = (threads / items.len().div_ceil(per_thread)).max(1);
    let mut items = items.into_iter();
    let own: Vec<T> = items.by_ref().take(per_thread).collect();
    let token = interrupt::current();
    let run = |part: Vec<T>| with_threads(inner, || part.into_iter().map(&work).collect::<Vec<R>>());
    std::thread::scope(|scope| {
        let mut others = Vec::new();
        while items.len() > 0 {
            let part: Vec<T> = items.by_ref().take(per_thread).collect();
            let token = token.clone();
            let run = &run;
            others.push(scope.spawn(move || interrupt::under(token, || run(part))));
        }
        let mut results = run(own);
        // What is interrupted, or fails, unwinds as it would without threads of its own.
        let joined =
            |other: ScopedJoinHandle<'_, Vec<R>>| other.join().unwrap_or_else(|panic| resume_unwind(panic));
        results.extend(others.into_iter().flat_map(joined));
        results
    })
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
