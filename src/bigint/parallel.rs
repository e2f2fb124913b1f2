//! Independent pieces of work, side by side.

use super::interrupt;
use crate::fft::{Job, all, with_threads};

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
    let (work, token) = (&work, &interrupt::current());
    let mut results: Vec<Vec<R>> = Vec::new();
    results.resize_with(items.len().div_ceil(per_thread), Vec::new);
    let mut jobs = Vec::new();
    for results in &mut results {
        let part: Vec<T> = items.by_ref().take(per_thread).collect();
        let run = move || *results = part.into_iter().map(work).collect();
        jobs.push(Box::new(move || interrupt::under(token.clone(), || with_threads(inner, run))) as Job<'_>);
    }
    all(jobs);
    results.into_iter().flatten().collect()
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
