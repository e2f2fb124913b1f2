//! The kernel's interface for pages of memory, where it is known: 64-bit Linux.

/// Bytes of a huge page.
pub(super) const HUGE: usize = 2 << 20;

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod pages {
    use super::HUGE;
    use std::ffi::c_void;

    unsafe extern "C" {
        fn mmap(addr: *mut c_void, len: usize, prot: i32, flags: i32, fd: i32, offset: i64) -> *mut c_void;
        fn munmap(addr: *mut c_void, len: usize) -> i32;
        fn mprotect(addr: *mut c_void, len: usize, prot: i32) -> i32;
        fn madvise(addr: *mut c_void, len: usize, advice: i32) -> i32;
        fn mremap(old: *mut c_void, old_len: usize, new_len: usize, flags: i32, ...) -> *mut c_void;
    }
    const PROT_NONE: i32 = 0;
    const PROT_READ_WRITE: i32 = 1 | 2;
    // The same numbers on x86, Arm, RISC-V, POWER, s390.
    const MAP_PRIVATE_ANONYMOUS: i32 = 0x02 | 0x20;
    const MADV_DONTNEED: i32 = 4;
    const MADV_HUGEPAGE: i32 = 14;
    const MREMAP_MAYMOVE_FIXED_DONTUNMAP: i32 = 1 | 2 | 4;

    fn pointer(address: usize) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(address)
    }

    /// Addresses for `bytes` bytes, of which none can be used yet; none on a system that refuses.
    pub(in super::super) fn reserve(bytes: usize) -> Option<usize> {
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing of ours.
        let ptr = unsafe { mmap(std::ptr::null_mut(), bytes, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0) };
        // A failure is the address -1.
        (ptr.addr() != usize::MAX).then(|| ptr.expose_provenance())
    }

    /// Gives up addresses of [`reserve`] of which none was ever used.
    pub(in super::super) fn unreserve(address: usize, bytes: usize) {
        // SAFETY: the caller has just reserved them, and nobody else knows them.
        unsafe { munmap(pointer(address), bytes) };
    }

    /// Asks for huge pages wherever pages will come to be in the range.
    pub(in super::super) fn prefer_huge_pages(address: usize, bytes: usize) {
        debug_assert!(address.is_multiple_of(HUGE));
        // SAFETY: the range is a reservation of ours; the advice changes no contents, and its failure
        // (kernels without huge pages) is harmless.
        unsafe { madvise(pointer(address), bytes, MADV_HUGEPAGE) };
    }

    /// Makes reserved addresses usable: zeros, with pages as they are touched.
    #[must_use]
    pub(in super::super) fn commit(address: usize, bytes: usize) -> bool {
        // SAFETY: the range is reserved and not in use, so nobody's access changes.
        unsafe { mprotect(pointer(address), bytes, PROT_READ_WRITE) == 0 }
    }

    /// Gives the pages of a range back: it then holds zeros, without pages.
    pub(in super::super) fn discard(address: usize, bytes: usize) {
        // SAFETY: only the heap calls this, for a free range of its own, under its lock.
        unsafe { madvise(pointer(address), bytes, MADV_DONTNEED) };
    }

    /// Moves the pages of a huge page's addresses to other ones, which have none; what they were taken
    /// from can be used as before. False on kernels that cannot (Linux before 5.7): then nothing was done.
    #[must_use]
    pub(in super::super) fn move_page(from: usize, to: usize) -> bool {
        debug_assert!(from.is_multiple_of(HUGE) && to.is_multiple_of(HUGE) && from != to);
        // SAFETY: only the heap calls this, under its lock, for two places of its own in which there is no
        // block; it stays mapped at both, so that nobody else is ever given these addresses.
        let moved = unsafe {
            mremap(pointer(from), HUGE, HUGE, MREMAP_MAYMOVE_FIXED_DONTUNMAP, pointer(to)).addr() == to
        };
        // Nothing to the kernel; qemu's user mode believes that the old place is gone.
        moved && commit(from, HUGE)
    }
}

/// Elsewhere everything comes from the allocator.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
mod pages {
    pub(in super::super) fn reserve(_: usize) -> Option<usize> {
        None
    }
    pub(in super::super) fn unreserve(_: usize, _: usize) {}
    pub(in super::super) fn prefer_huge_pages(_: usize, _: usize) {}
    pub(in super::super) fn commit(_: usize, _: usize) -> bool {
        false
    }
    pub(in super::super) fn discard(_: usize, _: usize) {}
    pub(in super::super) fn move_page(_: usize, _: usize) -> bool {
        false
    }
}

pub(super) use pages::{commit, discard, move_page, prefer_huge_pages, reserve, unreserve};

/// Whether large blocks come from [`super::heap`], or from the allocator like the small ones.
pub(super) const HAS_PAGES: bool = cfg!(all(target_os = "linux", target_pointer_width = "64", not(miri)));
