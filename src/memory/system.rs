//! System calls for pages of memory, on 64-bit Linux.

/// Bytes of a huge page.
pub(super) const HUGE: usize = 2 << 20;

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod pages {
    use super::HUGE;
    use std::ffi::{c_long, c_void};
    use std::sync::OnceLock;

    unsafe extern "C" {
        fn mmap(addr: *mut c_void, len: usize, prot: i32, flags: i32, fd: i32, offset: i64) -> *mut c_void;
        fn munmap(addr: *mut c_void, len: usize) -> i32;
        fn mprotect(addr: *mut c_void, len: usize, prot: i32) -> i32;
        fn madvise(addr: *mut c_void, len: usize, advice: i32) -> i32;
        fn mremap(old: *mut c_void, old_len: usize, new_len: usize, flags: i32, ...) -> *mut c_void;
        fn sysconf(name: i32) -> c_long;
    }
    const PROT_NONE: i32 = 0;
    const PROT_READ_WRITE: i32 = 1 | 2;
    // The numbers are those of x86, Arm, RISC-V, POWER and s390. Where others hold (MIPS), the system
    // refuses the mapping and all blocks come from the allocator.
    const MAP_PRIVATE_ANONYMOUS: i32 = 0x02 | 0x20;
    const MAP_FIXED: i32 = 0x10;
    const MADV_DONTNEED: i32 = 4;
    const MADV_HUGEPAGE: i32 = 14;
    const MREMAP_MAYMOVE_FIXED_DONTUNMAP: i32 = 1 | 2 | 4;

    const SC_PAGESIZE: i32 = 30;
    const EINVAL: i32 = 22;

    fn pointer(address: usize) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(address)
    }

    /// Bytes of a page: 4, 16 or 64 KiB. Asked once per process.
    ///
    /// `madvise` rounds lengths up to whole pages, so a range that ends inside of a page would take
    /// the start of the next block along.
    pub(in super::super) fn page() -> usize {
        static PAGE: OnceLock<usize> = OnceLock::new();
        *PAGE.get_or_init(|| {
            // SAFETY: the call reads a constant of the system.
            let bytes = unsafe { sysconf(SC_PAGESIZE) };
            usize::try_from(bytes).ok().filter(|bytes| bytes.is_power_of_two()).unwrap_or(HUGE)
        })
    }

    /// Reserves addresses for `bytes` bytes, which cannot be used yet; none if the system refuses.
    pub(in super::super) fn reserve(bytes: usize) -> Option<usize> {
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing of ours.
        let ptr = unsafe { mmap(std::ptr::null_mut(), bytes, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0) };
        // A failure is the address -1.
        (ptr.addr() != usize::MAX).then(|| ptr.expose_provenance())
    }

    /// Gives up addresses of [`reserve`] that were never used.
    pub(in super::super) fn unreserve(address: usize, bytes: usize) {
        // SAFETY: the caller has just reserved them, and nobody else knows them.
        unsafe { munmap(pointer(address), bytes) };
    }

    /// Asks for huge pages in the range.
    pub(in super::super) fn prefer_huge_pages(address: usize, bytes: usize) {
        debug_assert!(address.is_multiple_of(HUGE));
        // SAFETY: the range is a reservation of ours; the advice changes no contents, and its failure
        // (kernels without huge pages) is harmless.
        unsafe { madvise(pointer(address), bytes, MADV_HUGEPAGE) };
    }

    /// Makes reserved addresses usable. They hold zeros and get pages when they are touched.
    #[must_use]
    pub(in super::super) fn commit(address: usize, bytes: usize) -> bool {
        // SAFETY: the range is reserved and not in use, so nobody's access changes.
        unsafe { mprotect(pointer(address), bytes, PROT_READ_WRITE) == 0 }
    }

    /// Returns the pages of a range to the system. The range then holds zeros, without pages.
    pub(in super::super) fn discard(address: usize, bytes: usize) {
        debug_assert!(address.is_multiple_of(page()) && bytes.is_multiple_of(page()));
        // SAFETY: only the heap calls this, for a free range of its own, under its lock.
        unsafe { madvise(pointer(address), bytes, MADV_DONTNEED) };
    }

    /// Moves the pages at a huge page's addresses to other addresses, which have none. Both places
    /// stay usable. False if the kernel cannot (Linux before 5.7) or has no memory for it.
    #[must_use]
    pub(in super::super) fn move_page(from: usize, to: usize) -> bool {
        debug_assert!(from.is_multiple_of(HUGE) && to.is_multiple_of(HUGE) && from != to);
        // SAFETY: only the heap calls this, under its lock, for two places of its own without blocks.
        let moved = unsafe {
            mremap(pointer(from), HUGE, HUGE, MREMAP_MAYMOVE_FIXED_DONTUNMAP, pointer(to)).addr() == to
        };
        if !moved {
            let error = std::io::Error::last_os_error();
            // EINVAL comes before anything is done. After other errors the kernel may have unmapped
            // the target already, and another thread's mapping must not slip into the hole.
            if error.raw_os_error() != Some(EINVAL) {
                map_again(to);
            }
            return false;
        }
        // A no-op for the kernel; qemu's user mode believes that the old place is gone.
        commit(from, HUGE)
    }

    /// Maps the addresses of a huge page again: zeros, without pages.
    ///
    /// Aborts if the system refuses: the heap would hand out addresses that are not mapped.
    fn map_again(address: usize) {
        let flags = MAP_PRIVATE_ANONYMOUS | MAP_FIXED;
        // SAFETY: the addresses belong to the heap, and no block is there.
        let ptr = unsafe { mmap(pointer(address), HUGE, PROT_READ_WRITE, flags, -1, 0) };
        if ptr.addr() != address {
            std::process::abort();
        }
        prefer_huge_pages(address, HUGE);
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_hole_is_mapped_again() {
            let bytes = 3 * HUGE;
            let start = reserve(bytes).unwrap();
            let page = start.next_multiple_of(HUGE);
            assert!(commit(start, bytes));
            let word: *mut u64 = std::ptr::with_exposed_provenance_mut(page);
            // SAFETY: the test owns the reservation.
            unsafe {
                word.write(7);
                assert_eq!(munmap(pointer(page), HUGE), 0);
            }
            map_again(page);
            // SAFETY: as above.
            assert_eq!(unsafe { word.read() }, 0);
            unreserve(start, bytes);
        }

        #[test]
        fn pages_are_those_of_the_kernel() {
            let statistics = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let line = statistics.lines().find(|line| line.starts_with("KernelPageSize:")).unwrap();
            let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            assert_eq!(page(), 1024 * kilobytes);
        }
    }
}

/// On other systems all blocks come from the allocator.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
mod pages {
    pub(in super::super) fn page() -> usize {
        super::HUGE
    }
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

pub(super) use pages::{commit, discard, move_page, page, prefer_huge_pages, reserve, unreserve};

/// Set if large blocks come from [`super::heap`]; else from the allocator, like small ones.
pub(super) const HAS_PAGES: bool = cfg!(all(target_os = "linux", target_pointer_width = "64", not(miri)));
