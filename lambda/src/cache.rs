//! Cache of digits between invocations, for requests that allow reuse.
//!
//! The cache holds one unbounded stream with the digits that it has given: a request for fewer digits
//! is served from memory, a request for more extends the stream. The user of the cache takes the stream
//! out, so that a computation that fails or is cancelled leaves nothing half done behind.

use pi_spigot::pi::{Algorithm, DigitCount, Digits};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The cached stream, and an upper bound of its bytes.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// A stream and its digits as ASCII characters.
#[derive(Debug)]
pub(crate) struct Kept {
    algorithm: Algorithm,
    stream: Digits,
    digits: Vec<u8>,
}

impl Kept {
    /// Takes the cached stream of this algorithm, or a new one, to extend it on up to `threads` threads.
    pub(crate) fn take(algorithm: Algorithm, threads: usize) -> Self {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
        BYTES.store(0, Ordering::Relaxed);
        let new = || Self { algorithm, stream: Digits::new(algorithm), digits: Vec::new() };
        let kept = kept.filter(|kept| kept.algorithm == algorithm).unwrap_or_else(new);
        Self { stream: kept.stream.with_threads(threads), ..kept }
    }

    /// The number of digits at hand.
    pub(crate) fn len(&self) -> usize {
        self.digits.len()
    }

    /// Allocates room for the first `count` digits.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.digits.reserve_exact(count.saturating_sub(self.digits.len()));
    }

    /// The first `count` digits; computes the missing ones.
    pub(crate) fn first(&mut self, count: usize) -> &[u8] {
        let old = self.digits.len();
        if count > old {
            self.reserve(count);
            self.digits.resize(count, b'0');
            self.stream.fill_ascii(&mut self.digits[old..]);
        }
        &self.digits[..count]
    }

    /// Puts the stream into the cache.
    pub(crate) fn keep(self) {
        let bytes = self.algorithm.unbounded_kept(clamped(self.digits.len() as u64));
        BYTES.store(bytes, Ordering::Relaxed);
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }
}

/// Tells if the first `count` digits are cached.
pub(crate) fn has(algorithm: Algorithm, count: u64) -> bool {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.as_ref().is_some_and(|kept| kept.algorithm == algorithm && kept.digits.len() as u64 >= count)
}

/// An upper bound of the cached bytes.
pub(crate) fn bytes() -> u64 {
    BYTES.load(Ordering::Relaxed)
}

/// An upper bound of the memory for `digits` digits of a stream that stays in the cache.
pub(crate) fn peak(algorithm: Algorithm, digits: u64) -> u64 {
    const PROCESS: u64 = 4_000_000;
    algorithm.unbounded_peak(clamped(digits)).saturating_add(PROCESS)
}

/// Empties the cache.
pub(crate) fn forget() {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = None;
    BYTES.store(0, Ordering::Relaxed);
}

/// The nearest number of digits that a stream can have.
fn clamped(digits: u64) -> DigitCount {
    DigitCount::new(digits.max(1)).unwrap_or(DigitCount::MAX)
}
