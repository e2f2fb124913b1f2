//! Digits in one piece: computed for one invocation, or extended from the cache.

use crate::cache::Kept;
use crate::contract::{Output, Request, Response};
use pi_spigot::pi::{Summary, Text, TextDigest};
use std::time::Instant;

/// Computes a response, with digits of the cache if `reuse` is set.
pub(super) fn response(request: Request, threads: usize, reuse: bool) -> Response {
    let start = Instant::now();
    let (pi, summary, from_memory) = if reuse { kept(&request, threads) } else { once(&request, threads) };
    let reused = request.reuse.then_some(from_memory);
    Response { request, pi, summary, compute: start.elapsed(), reused }
}

/// Digests the text block by block, and stores it only if it is the output.
fn once(request: &Request, threads: usize) -> (Option<String>, Summary, bool) {
    let room = usize::try_from(request.text_len()).unwrap_or(0);
    let mut pi = (request.output == Output::Digits).then(|| String::with_capacity(room));
    let mut digest = TextDigest::default();
    let mut text = Text::range(request.algorithm, request.from, request.digits).with_threads(threads);
    while let Some(block) = text.next_block() {
        digest.update(block);
        if let Some(pi) = &mut pi {
            pi.push_str(block);
        }
    }
    (pi, digest.finish(), false)
}

/// Takes the text from the cached digits, extending them first; true if some of them were there before.
fn kept(request: &Request, threads: usize) -> (Option<String>, Summary, bool) {
    let (before, last) = (request.from.get() as usize - 1, request.last().get() as usize);
    let mut kept = Kept::take(request.algorithm, threads);
    let from_memory = kept.len() > before;
    let digits = std::str::from_utf8(&kept.first(last)[before..]).unwrap_or_default();
    let (first, rest) = if before == 0 && last > 1 { digits.split_at(1) } else { ("", digits) };
    let parts = if first.is_empty() { [rest, "", ""] } else { [first, ".", rest] };
    let mut digest = TextDigest::default();
    parts.into_iter().for_each(|part| digest.update(part));
    let pi = (request.output == Output::Digits).then(|| parts.concat());
    kept.keep();
    (pi, digest.finish(), from_memory)
}
