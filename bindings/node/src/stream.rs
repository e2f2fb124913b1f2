//! An open stream of digits. One block is read at a time; nothing is computed ahead of a reader.

use crate::engine::threads_or;
use crate::jobs::Length;
use napi::bindgen_prelude::ObjectFinalize;
use napi::{Env, Error, Result, Status};
use napi_derive::napi;
use pi_spigot::pi::{Algorithm, DigitCount, Digits, Text};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Streams that hold memory.
pub(crate) fn open_streams() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// The digits to come.
enum Source {
    Finite(Text),
    Endless { digits: Digits, skip: u64, point: bool },
}

/// A source that is counted while it lives.
struct Held(Source);

impl Drop for Held {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Source {
    /// The next block; after an unwinding the next call gives the digits that this one would have given.
    fn next(&mut self, most: usize) -> Option<String> {
        match self {
            Self::Finite(text) => text.next_block_of(most).map(str::to_owned),
            Self::Endless { digits, skip, point } => {
                let mut passed = vec![0; most.min(usize::try_from(*skip).unwrap_or(most))];
                while *skip > 0 {
                    let now = passed.len().min(usize::try_from(*skip).unwrap_or(most));
                    digits.fill_ascii(&mut passed[..now]);
                    *skip -= now as u64;
                }
                let mut block = vec![0; most];
                digits.fill_ascii(&mut block);
                if std::mem::take(point) {
                    block.insert(1, b'.');
                }
                String::from_utf8(block).ok()
            }
        }
    }
}

/// The state that a job shares with JavaScript.
struct Shared {
    /// None after the end.
    source: Mutex<Option<Held>>,
    /// Digits that were read, those before the first position included.
    read: AtomicI64,
    /// Bytes that V8 was told of.
    told: AtomicI64,
    algorithm: Algorithm,
    /// The object of JavaScript is gone.
    abandoned: AtomicBool,
}

impl Shared {
    fn source(&self) -> MutexGuard<'_, Option<Held>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells V8 how much memory the stream holds: its collector cannot see the memory of Rust, and would
    /// let abandoned streams live on.
    fn tell(&self, env: &Env) -> Result<()> {
        let digits = u64::try_from(self.read.load(Ordering::Relaxed)).unwrap_or(0);
        let open = !self.abandoned.load(Ordering::Relaxed) && self.source().is_some();
        let kept = DigitCount::new(digits).map_or(0, |digits| self.algorithm.unbounded_kept(digits));
        let bytes = if open { i64::try_from(kept).unwrap_or(i64::MAX) } else { 0 };
        env.adjust_external_memory(bytes - self.told.swap(bytes, Ordering::Relaxed))?;
        Ok(())
    }
}

/// A stream; `Engine::read` reads it.
#[napi(custom_finalize)]
pub struct Stream {
    shared: Arc<Shared>,
}

/// The computation of a block.
type Compute = Box<dyn FnOnce() -> Option<String> + Send>;
/// The account for V8, on its thread.
type Account = Box<dyn FnOnce(&Env) -> Result<()> + Send>;

impl Stream {
    pub(crate) fn new(algorithm: Algorithm, from: DigitCount, n: Option<DigitCount>, threads: u32) -> Self {
        let skip = from.get() - 1;
        let threads = threads_or(threads, Length::Long);
        let source = match n {
            Some(n) => Source::Finite(Text::range(algorithm, from, n).early().with_threads(threads)),
            None => {
                let digits = Digits::new(algorithm).with_threads(threads);
                Source::Endless { digits, skip, point: skip == 0 }
            }
        };
        OPEN.fetch_add(1, Ordering::Relaxed);
        let shared = Shared {
            source: Mutex::new(Some(Held(source))),
            read: AtomicI64::new(i64::try_from(skip).unwrap_or(i64::MAX)),
            told: AtomicI64::new(0),
            algorithm,
            abandoned: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The job of reading a block.
    pub(crate) fn reading(&self, most: u32) -> Result<(Length, Compute, Account)> {
        self.not_busy()?;
        let shared = self.shared.clone();
        let compute = move || {
            let mut held = shared.source();
            let source = held.as_mut()?;
            let block = source.0.next(most.max(1) as usize);
            match &block {
                Some(block) => {
                    shared.read.fetch_add(block.len() as i64, Ordering::Relaxed);
                }
                None => *held = None,
            }
            block
        };
        let shared = self.shared.clone();
        Ok((Length::Long, Box::new(compute), Box::new(move |env| shared.tell(env))))
    }

    fn not_busy(&self) -> Result<()> {
        match self.shared.source.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(Status::GenericFailure, "the stream is being read: wait for the block"))
            }
            _ => Ok(()),
        }
    }
}

#[napi]
impl Stream {
    /// Frees the memory of the stream, which ends here.
    ///
    /// # Errors
    /// If a block is being read.
    #[napi]
    pub fn close(&self, env: &Env) -> Result<()> {
        self.not_busy()?;
        *self.shared.source() = None;
        self.shared.tell(env)
    }
}

impl ObjectFinalize for Stream {
    /// The digits go with the last job that reads them.
    fn finalize(self, env: Env) -> Result<()> {
        self.shared.abandoned.store(true, Ordering::Relaxed);
        self.shared.tell(&env)
    }
}
