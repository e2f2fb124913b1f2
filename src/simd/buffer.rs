//! Aligned memory, and limbs seen as bytes.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Buffers from this many bytes up come from the kernel, page by page as they are written:
/// the allocator would zero them once more, and keep what is freed for itself.
const MAPPED: usize = 256 << 10;
/// And from this many up they ask for huge pages.
const HUGE: usize = 4 << 20;
/// What a thread may keep for its next products however little it has ever used (doubles).
const KEEP_AT_LEAST: usize = 128 << 10;

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
    fn zeroed(len: usize) -> Self {
        let capacity = size_class(len);
        let layout = Self::layout(capacity);
        let ptr = if layout.size() >= MAPPED {
            map(layout.size())
        } else {
            // SAFETY: the layout is never empty.
            NonNull::new(unsafe { alloc_zeroed(layout) })
        };
        let Some(ptr) = ptr else { handle_alloc_error(layout) };
        let ptr = ptr.cast::<f64>();
        advise_huge_pages(ptr, layout.size());
        Self { ptr, capacity }
    }

    fn layout(capacity: usize) -> Layout {
        let bytes = capacity.max(8).checked_mul(8).expect("buffer length overflows");
        Layout::from_size_align(bytes, if bytes >= MAPPED { 4096 } else { 64 })
            .expect("buffer length overflows")
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let layout = Self::layout(self.capacity);
        if layout.size() >= MAPPED {
            unmap(self.ptr.cast(), layout.size());
        } else {
            // SAFETY: allocated in `zeroed` with the same layout.
            unsafe { dealloc(self.ptr.as_ptr().cast(), layout) }
        }
    }
}

/// `len` rounded up to an eighth of its power of two: buffers of about one size serve each other.
fn size_class(len: usize) -> usize {
    let step = (len.max(1024).next_power_of_two() / 16).max(64);
    len.max(1).div_ceil(step) * step
}

/// What a thread has freed and may use again. Fresh memory costs a page fault per page, a tenth of
/// the time of a product of a million limbs; but what is kept must never make the process larger:
/// with what is in use it is hardly more than was in use at one time before (an eighth, as sizes are rounded up).
struct Pool {
    /// The one that was freed last stands last.
    kept: Vec<Memory>,
    /// Doubles that are kept and that are lent out.
    idle: usize,
    used: usize,
    /// Doubles that were asked for in all that is lent out, and the most that ever were.
    asked: usize,
    most: usize,
}

impl Pool {
    const fn new() -> Self {
        Self { kept: Vec::new(), idle: 0, used: 0, asked: 0, most: KEEP_AT_LEAST }
    }

    /// The smallest that fits; one that is much too large only if there is no room for another.
    fn take(&mut self, len: usize) -> Option<Memory> {
        let room = self.idle + self.used + len <= self.most;
        let fits = |m: &Memory| m.capacity >= len && (!room || m.capacity / 2 <= len.max(2048));
        let (at, _) =
            self.kept.iter().enumerate().filter(|(_, m)| fits(m)).min_by_key(|(_, m)| m.capacity)?;
        let memory = self.kept.remove(at);
        self.idle -= memory.capacity;
        Some(memory)
    }

    /// Before memory goes out of the pool's hands, for `len` doubles.
    fn lend(&mut self, capacity: usize, len: usize) {
        self.used += capacity;
        self.asked += len;
        self.most = self.most.max(self.asked);
        self.trim();
    }

    fn give_back(&mut self, memory: Memory, len: usize) {
        // A buffer may come from another thread, which has counted it.
        self.used = self.used.saturating_sub(memory.capacity);
        self.asked = self.asked.saturating_sub(len);
        self.idle += memory.capacity;
        self.kept.push(memory);
        self.trim();
    }

    /// The oldest go first.
    fn trim(&mut self) {
        while self.idle + self.used > self.most + self.most / 8 && !self.kept.is_empty() {
            self.idle -= self.kept.remove(0).capacity;
        }
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
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
        let found = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.take(len));
        Self::of(found.ok().flatten().unwrap_or_else(|| Memory::zeroed(len)), len)
    }

    /// Gives the buffers kept by this thread back to the system.
    pub fn release_kept() {
        let _ = POOL.try_with(|pool| {
            pool.try_borrow_mut().map(|mut pool| {
                pool.most = pool.asked.max(KEEP_AT_LEAST);
                pool.kept.clear();
                pool.idle = 0;
            })
        });
    }

    fn of(memory: Memory, len: usize) -> Self {
        debug_assert!(len <= memory.capacity);
        let _ = POOL.try_with(|pool| pool.try_borrow_mut().map(|mut pool| pool.lend(memory.capacity, len)));
        Self { ptr: memory.ptr, memory: Some(memory), len }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some(memory) = self.memory.take() else { return };
        // A thread that is ending has no pool any more: then it is freed.
        let _ = POOL.try_with(|pool| pool.try_borrow_mut().map(|mut pool| pool.give_back(memory, self.len)));
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
        let mut copy = Self::dirty(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} doubles)", self.len)
    }
}

/// Where the kernel's interface for memory is known: 64-bit Linux.
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod system {
    use super::HUGE;
    use std::ffi::c_void;
    use std::ptr::NonNull;

    unsafe extern "C" {
        fn mmap(addr: *mut c_void, len: usize, prot: i32, flags: i32, fd: i32, offset: i64) -> *mut c_void;
        fn munmap(addr: *mut c_void, len: usize) -> i32;
        fn madvise(addr: *mut c_void, len: usize, advice: i32) -> i32;
    }
    const PROT_READ_WRITE: i32 = 1 | 2;
    // The same numbers on x86, Arm, RISC-V, POWER, s390.
    const MAP_PRIVATE_ANONYMOUS: i32 = 0x02 | 0x20;
    const MADV_HUGEPAGE: i32 = 14;

    /// Whole pages of zeros.
    pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing of ours.
        let ptr = unsafe { mmap(std::ptr::null_mut(), bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0) };
        // A failure is the address -1.
        if ptr.addr() == usize::MAX { None } else { NonNull::new(ptr.cast()) }
    }

    /// Takes back what [`map`] gave, with the same length.
    pub(super) fn unmap(ptr: NonNull<u8>, bytes: usize) {
        // SAFETY: only `Memory::drop` calls this, with its own mapping, which nobody else knows.
        unsafe { munmap(ptr.as_ptr().cast(), bytes) };
    }

    pub(super) fn advise_huge_pages(ptr: NonNull<f64>, bytes: usize) {
        if bytes >= HUGE {
            // SAFETY: the range is a mapping of ours; the advice changes no contents, and its
            // failure (kernels without huge pages) is harmless.
            unsafe { madvise(ptr.as_ptr().cast(), bytes, MADV_HUGEPAGE) };
        }
    }
}

/// Elsewhere everything comes from the allocator.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
mod system {
    use std::alloc::{Layout, alloc_zeroed, dealloc};
    use std::ptr::NonNull;

    fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes, 4096).expect("the length was valid for a layout before")
    }

    pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
        // SAFETY: never empty.
        NonNull::new(unsafe { alloc_zeroed(layout(bytes)) })
    }

    pub(super) fn unmap(ptr: NonNull<u8>, bytes: usize) {
        // SAFETY: allocated in `map` with the same layout.
        unsafe { dealloc(ptr.as_ptr(), layout(bytes)) }
    }

    pub(super) fn advise_huge_pages(_: NonNull<f64>, _: usize) {}
}

use system::{advise_huge_pages, map, unmap};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn totals() -> (usize, usize, usize) {
        POOL.with_borrow(|pool| {
            assert_eq!(pool.idle, pool.kept.iter().map(|m| m.capacity).sum::<usize>());
            (pool.idle, pool.used, pool.most)
        })
    }

    #[test]
    fn new_memory_is_zero_and_aligned_in_every_class() {
        for len in [0, 1, 63, 1000, 8191, 32 << 10, (32 << 10) + 1, 600_000] {
            let mut buffer = Buffer::zeroed(len);
            assert!(buffer.iter().all(|&x| x == 0.0) && buffer.as_ptr().addr().is_multiple_of(64));
            buffer.fill(1.0);
            assert!(size_class(len) >= len && size_class(len) <= len + len / 8 + 64);
        }
    }

    #[test]
    fn what_is_kept_never_exceeds_what_was_in_use() {
        std::thread::spawn(|| {
            for round in 0..50usize {
                let lens = [300_000, 1000, 77_777 * (round % 5), 50_000 * (round % 7)];
                let buffers: Vec<_> = lens.iter().map(|&len| Buffer::dirty(len)).collect();
                drop(buffers);
                let (idle, used, most) = totals();
                assert!(used == 0 && idle <= most + most / 8 && most < 1_000_000, "{idle} {most}");
            }
            Buffer::release_kept();
            let first = Buffer::dirty(300_000).as_ptr();
            assert_eq!(Buffer::dirty(299_000).as_ptr(), first, "used again");
            Buffer::release_kept();
            assert_eq!(totals().0, 0);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_buffer_may_end_on_another_thread() {
        let buffer = Buffer::dirty(100_000);
        std::thread::spawn(move || drop(buffer)).join().unwrap();
    }
}
