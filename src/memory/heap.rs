//! Large blocks: ranges of one long stretch of addresses, shared by all threads.
//!
//! ```text
//! |  4 KiB pages   | huge pages ...            | reserved, never touched ...
//! ^ base           ^ base + SMALL_PAGES        ^ next
//! ```
//!
//! **Blocks.** A block is the start of the shortest free range that fits; from a megabyte on it is that of
//! the lowest, which leaves fewer gaps between large blocks. Without one the end of the stretch moves up.
//! Adjacent free ranges are joined at once, so memory serves operands and transforms of any size in turn.
//! Finding and joining ranges takes logarithmic time, and for a large block the time of the ranges that
//! would do.
//!
//! **Huge pages.** A page fault for each 4 KiB took a fifth of the time of a million digits. The first
//! megabyte has ordinary pages, so that a short computation does not clear two megabytes.
//!
//! **Moved pages.** The system is asked for pages only if all pages of the process are in use. A block in
//! a part of the stretch without pages gets idle ones: to move a huge page the kernel changes two
//! entries of its tables (`mremap`), whereas a new page has to be cleared, which took up to a sixth of the
//! time of ten million digits. So the process is never larger than the peak in use and the parts of huge
//! pages between blocks.

use super::ranges::Ranges;
use super::system::{self, HUGE};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks are whole granules of this many bytes.
pub(super) const GRANULE: usize = 256;
/// Addresses to reserve at a time; fewer if the system refuses.
const RESERVED: usize = 64 << 30;
/// Bytes before the huge pages.
const SMALL_PAGES: usize = 1 << 20;
/// Bytes of the large blocks.
const LARGE: usize = 1 << 20;
/// Bytes by which the part with small pages grows.
const STEP: usize = 64 << 10;
/// Bytes of the stretch up to which pages are moved. Each moved page is a mapping of its own, and the
/// kernel gives a process 65,530 of them.
const MOVABLE: usize = 32 << 30;

static HEAP: Mutex<Heap> = Mutex::new(Heap::new());

fn heap() -> MutexGuard<'static, Heap> {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of a new block of `bytes` bytes, a multiple of [`GRANULE`]; none if the system refuses.
pub(super) fn allocate(bytes: usize) -> Option<usize> {
    heap().allocate(bytes)
}

/// Takes back a block, or whole granules of one.
pub(super) fn free(address: usize, bytes: usize) {
    heap().free(address, bytes);
}

/// Returns idle pages of `bytes` bytes to the system, or all if there are fewer.
pub(super) fn trim(bytes: usize) {
    heap().trim(bytes);
}

/// Returns the pages of all free ranges to the system.
pub(super) fn release() {
    heap().release();
}

#[derive(Debug)]
struct Heap {
    /// Addresses outside of blocks.
    free: Ranges,
    /// The huge-page ranges within `free` that have no memory behind them.
    bare: Ranges,
    /// The start of the huge pages; `next..end` is the unused part of the reservation.
    huge: usize,
    next: usize,
    end: usize,
    /// Usable bytes of all reservations.
    committed: usize,
    /// Bytes in blocks, and their peak since the last release.
    used: usize,
    most: usize,
}

impl Heap {
    const fn new() -> Self {
        Self {
            free: Ranges::new(),
            bare: Ranges::new(),
            huge: 0,
            next: 0,
            end: 0,
            committed: 0,
            used: 0,
            most: 0,
        }
    }

    fn allocate(&mut self, bytes: usize) -> Option<usize> {
        debug_assert!(bytes > 0 && bytes.is_multiple_of(GRANULE));
        let fit = if bytes < LARGE { self.free.best_fit(bytes) } else { self.free.lowest_fit(bytes) };
        let address = match fit {
            Some(address) => address,
            None => self.grow(bytes)?,
        };
        self.free.remove(address, address + bytes);
        self.used += bytes;
        self.most = self.most.max(self.used);
        let (from, to) = (address / HUGE * HUGE, (address + bytes).next_multiple_of(HUGE));
        let bare: Vec<_> = self.bare.parts(from, to).collect();
        if !bare.is_empty() {
            self.bare.remove(from, to);
            self.move_pages(&bare);
        }
        Some(address)
    }

    fn free(&mut self, address: usize, bytes: usize) {
        self.used -= bytes;
        self.free.insert(address, address + bytes);
    }

    /// Bytes that have pages, or get them when touched.
    fn backed(&self) -> usize {
        self.committed - self.bare.bytes()
    }

    /// Moves idle pages to ranges without pages, as long as there are idle ones.
    fn move_pages(&mut self, bare: &[(usize, usize)]) {
        let targets: Vec<_> = bare.iter().flat_map(|&(from, to)| (from..to).step_by(HUGE)).collect();
        for (page, target) in self.idle_pages(targets.len()).into_iter().zip(targets) {
            let moved = self.committed <= MOVABLE && system::move_page(page, target);
            if !moved {
                // The target gets a new page, and this one would be cleared when it is used again: a
                // little more memory costs less.
                if self.backed() <= self.most + self.most / 16 {
                    return;
                }
                system::discard(page, HUGE);
            }
            self.bare.insert(page, page + HUGE);
        }
    }

    fn trim(&mut self, bytes: usize) {
        for page in self.idle_pages(bytes.div_ceil(HUGE)) {
            system::discard(page, HUGE);
            self.bare.insert(page, page + HUGE);
        }
    }

    /// Up to `count` huge pages outside of blocks, from the upper ends of the longest ranges, where
    /// blocks come last.
    fn idle_pages(&self, count: usize) -> Vec<usize> {
        let pages = self
            .free
            .longest(HUGE)
            .flat_map(|(from, to)| (from.next_multiple_of(HUGE)..to / HUGE * HUGE).step_by(HUGE).rev());
        pages.filter(|&page| self.bare.parts(page, page + HUGE).next().is_none()).take(count).collect()
    }

    /// Makes a free range of at least `bytes` bytes at the end of the stretch; returns its address.
    fn grow(&mut self, bytes: usize) -> Option<usize> {
        let last = self.free.iter().next_back().filter(|&(_, to)| to == self.next);
        let start = last.map_or(self.next, |(from, _)| from);
        let wanted = start.checked_add(bytes)?;
        if self.next == 0 || wanted > self.end {
            self.reserve(bytes)?;
            return self.grow(bytes);
        }
        debug_assert!(self.next < wanted);
        let next = if wanted <= self.huge {
            self.huge.min(self.next + (wanted - self.next).next_multiple_of(STEP))
        } else {
            self.huge + (wanted - self.huge).next_multiple_of(HUGE)
        };
        if !system::commit(self.next, next - self.next) {
            return None;
        }
        self.committed += next - self.next;
        self.free.insert(self.next, next);
        let bare = self.next.max(self.huge);
        if bare < next {
            self.bare.insert(bare, next);
        }
        self.next = next;
        Some(start)
    }

    /// Reserves a new stretch of addresses.
    fn reserve(&mut self, bytes: usize) -> Option<()> {
        let least = bytes.checked_add(4 * HUGE)?.next_multiple_of(HUGE);
        let mut size = RESERVED.max(least);
        let address = loop {
            match system::reserve(size) {
                Some(address) => break address,
                None if size == least => return None,
                None => size = (size / 2).next_multiple_of(HUGE).max(least),
            }
        };
        if size < RESERVED {
            // Addresses are limited (`ulimit -v`): leave some to the allocator and to stacks.
            let kept = (size / 4 * 3).next_multiple_of(HUGE).max(least);
            system::unreserve(address + kept, size - kept);
            size = kept;
        }
        // The part with small pages ends where a huge page can begin.
        self.huge = (address + SMALL_PAGES).next_multiple_of(HUGE);
        self.next = self.huge - SMALL_PAGES;
        self.end = (address + size) / HUGE * HUGE;
        if self.next > address {
            system::unreserve(address, self.next - address);
        }
        system::prefer_huge_pages(self.huge, self.end - self.huge);
        Some(())
    }

    fn release(&mut self) {
        for (from, to) in self.free.iter() {
            if let Some((low, high)) = whole(from, to, system::page()) {
                system::discard(low, high - low);
            }
            if let Some((low, high)) = whole(from, to, HUGE) {
                // Some of them may be in the set already.
                self.bare.remove(low, high);
                self.bare.insert(low, high);
            }
        }
        self.most = self.used;
    }
}

/// The whole pages of `page` bytes within a range.
fn whole(from: usize, to: usize, page: usize) -> Option<(usize, usize)> {
    let (low, high) = (from.next_multiple_of(page), to / page * page);
    (low < high).then_some((low, high))
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests;
