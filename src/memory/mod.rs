//! Owned memory for numbers and transforms: aligned, cached, and cleared on request only.
//!
//! | size | from |
//! |---|---|
//! | up to 16 KiB | the thread's cache of freed blocks, else the allocator |
//! | above | the [`heap`]: one stretch of addresses with huge pages, shared by all threads |
//! | above, where the heap is refused memory or the system is not 64-bit Linux | the allocator, cleared |
//!
//! New memory holds any values, unless zeros are asked for. Blocks may be dropped on any thread.
//!
//! **fork.** The lock of the heap may be held by another thread at the moment of a `fork`, and is then
//! held in the child for ever. Such a child must not allocate large blocks before `exec`.

#![allow(unsafe_code)]

mod block;
mod columns;
mod heap;
mod ranges;
mod system;

use block::Block;
pub(crate) use columns::Columns;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

mod sealed {
    /// Types of 8 bytes for which every bit pattern is a value.
    pub trait Plain: Copy + Default + Send + Sync + PartialEq + 'static {}
    impl Plain for u64 {}
    impl Plain for f64 {}
}
use sealed::Plain;

/// Limbs of a number, least significant first: a vector in cached memory.
pub(crate) type Limbs = Words<u64>;

/// Doubles of a transform.
pub(crate) type Buffer = Words<f64>;

/// A growable sequence of `u64` or `f64`, aligned to 64 bytes when new.
pub struct Words<T: Plain> {
    /// The first word, within the block.
    ptr: NonNull<T>,
    len: usize,
    block: Block,
}

// SAFETY: `ptr` points into the owned `block`.
unsafe impl<T: Plain> Send for Words<T> {}
// SAFETY: as above.
unsafe impl<T: Plain> Sync for Words<T> {}

impl<T: Plain> Words<T> {
    /// An empty sequence without memory.
    #[must_use]
    pub(crate) const fn new() -> Self {
        Self { ptr: Block::EMPTY_PTR.cast(), len: 0, block: Block::EMPTY }
    }

    /// An empty sequence with room for `capacity` words.
    #[must_use]
    #[inline]
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let block = Block::new(capacity);
        Self { ptr: block.ptr().cast(), len: 0, block }
    }

    /// `len` words of any value.
    #[must_use]
    #[inline]
    pub(crate) fn dirty(len: usize) -> Self {
        let mut words = Self::with_capacity(len);
        words.len = len;
        words
    }

    /// `len` zeros.
    #[must_use]
    pub(crate) fn zeroed(len: usize) -> Self {
        let mut words = Self::dirty(len);
        words.fill(T::default());
        words
    }

    /// The number of words that fit without moving.
    fn capacity(&self) -> usize {
        self.block.words() - self.start()
    }

    /// The number of words of the block before the first word.
    fn start(&self) -> usize {
        (self.ptr.addr().get() - self.block.ptr().addr().get()) / 8
    }

    /// Makes room for `additional` further words.
    #[inline]
    pub(crate) fn reserve(&mut self, additional: usize) {
        let needed = self.len + additional;
        if needed > self.capacity() {
            self.move_to(needed.max(self.len + self.len / 2));
        }
    }

    #[cold]
    fn move_to(&mut self, capacity: usize) {
        let mut moved = Self::with_capacity(capacity);
        moved.len = self.len;
        moved.copy_from_slice(self);
        *self = moved;
    }

    /// Appends a word.
    #[inline]
    pub(crate) fn push(&mut self, word: T) {
        self.reserve(1);
        let at = self.len;
        self.len += 1;
        self[at] = word;
    }

    /// Appends words.
    pub(crate) fn extend_from_slice(&mut self, words: &[T]) {
        self.reserve(words.len());
        let at = self.len;
        self.len += words.len();
        self[at..].copy_from_slice(words);
    }

    /// Shortens the sequence to `len` words, or extends it by zeros.
    pub(crate) fn resize(&mut self, len: usize) {
        if len <= self.len {
            return self.truncate(len);
        }
        self.reserve(len - self.len);
        let from = std::mem::replace(&mut self.len, len);
        self[from..].fill(T::default());
    }

    /// Drops all words but the first `len`, and frees their memory if it is a large part.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            self.narrow();
        }
    }

    /// Drops the first `count` words, and frees their memory if it is a large part. The others stay
    /// where they are.
    ///
    /// # Panics
    /// If there are fewer words.
    pub(crate) fn cut_front(&mut self, count: usize) {
        assert!(count <= self.len, "there are {} words, not {count}", self.len);
        // SAFETY: at most one past the last word of the block.
        self.ptr = unsafe { self.ptr.add(count) };
        self.len -= count;
        self.narrow();
    }

    /// Inserts `count` zeros before the first word.
    pub(crate) fn insert_zeros(&mut self, count: usize) {
        let mut moved = Self::dirty(count + self.len);
        moved[..count].fill(T::default());
        moved[count..].copy_from_slice(self);
        *self = moved;
    }

    fn narrow(&mut self) {
        let start = self.start();
        self.block.narrow(start, start + self.len);
    }
}

/// Returns cached memory to the operating system. The cache never exceeds the peak in use.
///
/// Numbers and transforms are kept for the next products when they are dropped, and never
/// returned before this call. Costs a syscall for each free range, and a page fault for each
/// page that is used again.
pub fn release() {
    block::release_cached();
}

/// Returns `bytes` of cached memory to the operating system, or all if less is cached.
///
/// For a caller that is about to allocate as much elsewhere while numbers shrink, so that the
/// process does not grow.
pub(crate) fn trim(bytes: usize) {
    heap::trim(bytes);
}

impl<T: Plain> Deref for Words<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the block has `len` initialised words from `ptr` on, and any bits are a `T`.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl<T: Plain> DerefMut for Words<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.as_ptr(), self.len) }
    }
}

impl<T: Plain> Default for Words<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Plain> From<&[T]> for Words<T> {
    fn from(words: &[T]) -> Self {
        let mut copy = Self::dirty(words.len());
        copy.copy_from_slice(words);
        copy
    }
}

impl<T: Plain, const N: usize> From<[T; N]> for Words<T> {
    fn from(words: [T; N]) -> Self {
        Self::from(&words[..])
    }
}

impl<T: Plain> From<Vec<T>> for Words<T> {
    fn from(words: Vec<T>) -> Self {
        Self::from(&words[..])
    }
}

impl<T: Plain> Clone for Words<T> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl<T: Plain> PartialEq for Words<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Limbs {}

impl Hash for Limbs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Limbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} doubles)", self.len)
    }
}

/// Little-endian limbs as bytes.
#[must_use]
pub(crate) fn as_bytes(limbs: &[u64]) -> &[u8] {
    // SAFETY: any byte is valid, u8 has no alignment, the length is the same memory.
    unsafe { std::slice::from_raw_parts(limbs.as_ptr().cast(), limbs.len() * 8) }
}

/// Little-endian limbs as bytes, for writing.
pub(crate) fn as_bytes_mut(limbs: &mut [u64]) -> &mut [u8] {
    // SAFETY: as in `as_bytes`, and any bytes make valid limbs.
    unsafe { std::slice::from_raw_parts_mut(limbs.as_mut_ptr().cast(), limbs.len() * 8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_zeros_and_new_memory_is_aligned() {
        for len in [0, 1, 63, 1000, 4096, 4097, 8191, 32 << 10, 600_000] {
            for _ in 0..2 {
                let mut buffer = Buffer::zeroed(len);
                assert!(buffer.len() == len && buffer.iter().all(|&x| x == 0.0));
                assert!(buffer.as_ptr().addr().is_multiple_of(64));
                buffer.fill(1.0);
            }
        }
    }

    /// The same calls to a `Vec` and to limbs.
    #[test]
    fn limbs_do_what_a_vector_does() {
        let (mut limbs, mut vector) = (Limbs::new(), Vec::new());
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for step in 0..3000u64 {
            match random(7) {
                0..3 => {
                    limbs.push(step);
                    vector.push(step);
                }
                3 => {
                    let piece: Vec<u64> = (0..random(3000) as u64).collect();
                    limbs.extend_from_slice(&piece);
                    vector.extend_from_slice(&piece);
                }
                4 => {
                    let count = random(limbs.len() + 1);
                    limbs.cut_front(count);
                    vector.drain(..count);
                }
                5 => {
                    let len = random(limbs.len() + 1);
                    limbs.truncate(len);
                    vector.truncate(len);
                }
                _ => {
                    let len = random(5000);
                    limbs.resize(len);
                    vector.resize(len, 0);
                }
            }
            assert_eq!(*limbs, *vector);
            assert_eq!(limbs.clone(), limbs);
        }
    }

    #[test]
    fn a_buffer_may_end_on_another_thread() {
        let buffer = Buffer::dirty(100_000);
        std::thread::spawn(move || drop(buffer)).join().unwrap();
        release();
    }
}
