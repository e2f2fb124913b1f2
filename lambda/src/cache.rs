//! Digits kept between invocations, for requests that ask for it.
//!
//! One stream without end is kept with the digits that it has given so far: fewer digits come
//! from memory, more extend it. It is taken out while somebody uses it, so that a computation
//! that fails or is interrupted leaves nothing half done behind.

use pi_spigot::pi::{Algorithm, Digits};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is kept, and the bytes that it has at most.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// Bytes for each digit that is asked for: the peak while a stream without end computes them, and
/// what stays. A stream doubles its digits, so that the worst case is just behind a power of two:
/// `VmHWM` and `VmRSS` of a function after 1,100,000 to 5,000,000 digits on one and two threads. The
/// peaks were measured with an engine that needed more, and are left on the safe side.
const fn bytes_per_digit(algorithm: Algorithm) -> (u64, u64) {
    match algorithm {
        Algorithm::Chudnovsky => (48, 26),
        Algorithm::Gosper => (176, 104),
        // Nothing is kept but numbers that it computes with anyway, some 25 bytes a digit.
        Algorithm::Gibbons => (40, 40),
    }
}

/// A stream and its digits as ASCII characters.
#[derive(Debug)]
pub(crate) struct Kept {
    algorithm: Algorithm,
    stream: Digits,
    digits: Vec<u8>,
}

impl Kept {
    /// What was kept of this algorithm, or a new beginning; to be extended on up to `threads` threads.
    pub(crate) fn take(algorithm: Algorithm, threads: usize) -> Self {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
        BYTES.store(0, Ordering::Relaxed);
        let new = || Self { algorithm, stream: Digits::new(algorithm), digits: Vec::new() };
        let kept = kept.filter(|kept| kept.algorithm == algorithm).unwrap_or_else(new);
        Self { stream: kept.stream.with_threads(threads), ..kept }
    }

    /// How many digits are there already.
    pub(crate) fn len(&self) -> usize {
        self.digits.len()
    }

    /// Makes room for the first `count` digits.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.digits.reserve_exact(count.saturating_sub(self.digits.len()));
    }

    /// The first `count` digits, computing those that are missing.
    pub(crate) fn first(&mut self, count: usize) -> &[u8] {
        let old = self.digits.len();
        if count > old {
            self.reserve(count);
            self.digits.resize(count, b'0');
            self.stream.fill_ascii(&mut self.digits[old..]);
        }
        &self.digits[..count]
    }

    /// Leaves it for the next invocation.
    pub(crate) fn keep(self) {
        let bytes = (self.digits.len() as u64).saturating_mul(bytes_per_digit(self.algorithm).1);
        BYTES.store(bytes, Ordering::Relaxed);
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }
}

/// Whether the first `count` digits are kept.
pub(crate) fn has(algorithm: Algorithm, count: u64) -> bool {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.as_ref().is_some_and(|kept| kept.algorithm == algorithm && kept.digits.len() as u64 >= count)
}

/// Bytes that are kept, at most.
pub(crate) fn bytes() -> u64 {
    BYTES.load(Ordering::Relaxed)
}

/// Bytes that computing so many digits for keeping takes, at most.
pub(crate) fn peak(algorithm: Algorithm, digits: u64) -> u64 {
    const PROCESS: u64 = 4_000_000;
    digits.saturating_mul(bytes_per_digit(algorithm).0).saturating_add(PROCESS)
}

/// Gives the memory back.
pub(crate) fn forget() {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = None;
    BYTES.store(0, Ordering::Relaxed);
}
