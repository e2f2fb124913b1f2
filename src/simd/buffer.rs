//! Aligned memory, and limbs seen as bytes.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Buffers from this many bytes up ask the kernel for huge pages.
const HUGE: usize = 4 << 20;

/// Freed buffers are kept for the next products of the thread: at most this many of them,
const KEPT: usize = 12;
/// and this many doubles in all (192 MiB). Fresh memory costs a page fault
/// per page, a tenth of the time of a product of a million limbs.
const KEEP: usize = 24 << 20;

/// Owned memory of `capacity` doubles, zeroed when new.
struct Memory {
    ptr: NonNull<f64>,
    capacity: usize,
}

// SAFETY: it owns its memory alone, like a Box<[f64]>.
unsafe impl Send for Memory {}
// SAFETY: shared access only reads.
unsafe impl Sync for Memory {}

impl Memory {
    fn zeroed(capacity: usize) -> Self {
        let layout = Self::layout(capacity);
        // SAFETY: the layout is never empty.
        let ptr = unsafe { alloc_zeroed(layout) };
        let Some(ptr) = NonNull::new(ptr.cast::<f64>()) else { handle_alloc_error(layout) };
        advise_huge_pages(ptr, layout.size());
        Self { ptr, capacity }
    }

    fn layout(capacity: usize) -> Layout {
        let bytes = capacity.max(8).checked_mul(8).expect("buffer length overflows");
        let align = if bytes >= HUGE { 4096 } else { 64 };
        Layout::from_size_align(bytes, align).expect("buffer length overflows")
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `zeroed` with the same layout.
        unsafe { dealloc(self.ptr.as_ptr().cast(), Self::layout(self.capacity)) }
    }
}

thread_local! {
    static POOL: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// A slice of doubles, aligned for every level.
pub struct Buffer {
    memory: Option<Memory>,
    ptr: NonNull<f64>,
    len: usize,
}

// SAFETY: `ptr` points into the owned `memory`.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// `len` zeros. Pages of large buffers are touched only when written.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        Self::of(Memory::zeroed(len), len)
    }

    /// `len` doubles of any value, if possible from those that the thread has freed.
    #[must_use]
    pub fn dirty(len: usize) -> Self {
        let found = POOL.try_with(|pool| {
            let mut pool = pool.try_borrow_mut().ok()?;
            let at = pool.iter().position(|m| (len..=len + len / 4 + 8192).contains(&m.capacity))?;
            Some(pool.remove(at))
        });
        let memory = found.ok().flatten();
        Self::of(memory.unwrap_or_else(|| Memory::zeroed(len.next_multiple_of(1024))), len)
    }

    /// Gives the buffers kept by this thread back to the system.
    pub fn release_kept() {
        let _ = POOL.try_with(|pool| pool.try_borrow_mut().map(|mut pool| pool.clear()));
    }

    fn of(memory: Memory, len: usize) -> Self {
        debug_assert!(len <= memory.capacity);
        Self { ptr: memory.ptr, memory: Some(memory), len }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let memory = self.memory.take();
        // A thread that is ending has no pool any more: then it is freed.
        let _ = POOL.try_with(|pool| {
            if let Ok(mut pool) = pool.try_borrow_mut() {
                pool.extend(memory);
                let excess = |pool: &[Memory]| {
                    pool.len() > KEPT || pool.iter().map(|m| m.capacity).sum::<usize>() > KEEP
                };
                while excess(&pool) {
                    pool.remove(0); // the oldest
                }
            }
        });
    }
}

impl Deref for Buffer {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        // SAFETY: `memory` has `capacity >= len` initialised doubles.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as in `deref`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.as_ptr(), self.len) }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeroed(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} doubles)", self.len)
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
fn advise_huge_pages(ptr: NonNull<f64>, bytes: usize) {
    unsafe extern "C" {
        fn madvise(addr: *mut std::ffi::c_void, length: usize, advice: i32) -> i32;
    }
    const MADV_HUGEPAGE: i32 = 14;
    if bytes >= HUGE {
        let start = ptr.as_ptr().cast::<u8>();
        let skip = start.align_offset(4096);
        // SAFETY: the range is ours; the advice changes no contents, and its
        // failure (kernels without huge pages) is harmless.
        unsafe { madvise(start.add(skip).cast(), bytes - skip, MADV_HUGEPAGE) };
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
fn advise_huge_pages(_: NonNull<f64>, _: usize) {}

/// Little-endian limbs as bytes.
#[must_use]
pub fn as_bytes(limbs: &[u64]) -> &[u8] {
    // SAFETY: any byte is valid, u8 has no alignment, the length is the same memory.
    unsafe { std::slice::from_raw_parts(limbs.as_ptr().cast(), limbs.len() * 8) }
}

/// Little-endian limbs as bytes, to be written.
pub fn as_bytes_mut(limbs: &mut [u64]) -> &mut [u8] {
    // SAFETY: as in `as_bytes`, and any bytes make valid limbs.
    unsafe { std::slice::from_raw_parts_mut(limbs.as_mut_ptr().cast(), limbs.len() * 8) }
}
