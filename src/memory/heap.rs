//! Large blocks: ranges of one long stretch of addresses, shared by all threads.
//!
//! ```text
//! |  4 KiB pages   | huge pages ...            | reserved, never touched ...
//! ^ base           ^ base + SMALL_PAGES        ^ next
//! ```
//!
//! **Blocks.** A block is the shortest free range that fits; without one the end of the stretch moves
//! up. Adjacent free ranges are joined at once, so memory serves operands and transforms of any size in
//! turn. Finding and joining ranges takes logarithmic time.
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
        let address = match self.free.best_fit(bytes) {
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
mod tests {
    use super::*;

    /// Checks the invariants of the heap.
    fn check(heap: &Heap) {
        let mut end = 0;
        for (from, to) in heap.free.iter() {
            assert!(from > end && to > from, "adjacent ranges are joined");
            end = to;
        }
        assert!(end <= heap.next);
        for (from, to) in heap.bare.iter() {
            assert!(from.is_multiple_of(HUGE) && to.is_multiple_of(HUGE));
            assert_eq!(heap.free.parts(from, to).collect::<Vec<_>>(), [(from, to)], "bare ranges are free");
        }
        assert_eq!(heap.committed - heap.free.bytes(), heap.used);
    }

    fn words(address: usize, bytes: usize) -> &'static mut [u64] {
        // SAFETY: the tests ask for blocks of their heap only, one slice at a time.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(address), bytes / 8) }
    }

    /// Fills a block with contents of its own.
    fn mark(address: usize, bytes: usize) {
        for (k, word) in words(address, bytes).iter_mut().enumerate().step_by(32) {
            *word = address as u64 + 8 * k as u64;
        }
    }

    fn is_marked(address: usize, bytes: usize) -> bool {
        words(address, bytes)
            .iter()
            .enumerate()
            .step_by(32)
            .all(|(k, &word)| word == address as u64 + 8 * k as u64)
    }

    #[test]
    fn blocks_of_all_sizes_come_and_go_and_make_one_range_again() {
        let mut heap = Heap::new();
        let mut seed = 1u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        let mut blocks: Vec<(usize, usize)> = Vec::new();
        for _ in 0..3000 {
            if blocks.len() < 30 && random(2) == 0 {
                let magnitude = random(11);
                let bytes = GRANULE * (1 + random(16 << magnitude));
                let before = heap.backed();
                let at = heap.allocate(bytes).unwrap();
                assert!(
                    heap.backed() <= before || heap.idle_pages(1).is_empty(),
                    "new pages beside idle ones"
                );
                assert!(blocks.iter().all(|&(a, len)| at + bytes <= a || a + len <= at), "overlap");
                mark(at, bytes);
                blocks.push((at, bytes));
            } else if !blocks.is_empty() {
                let (at, bytes) = blocks.swap_remove(random(blocks.len()));
                assert!(is_marked(at, bytes), "pages were taken from a block");
                let front = GRANULE * random(bytes / GRANULE + 1);
                for (at, bytes) in [(at, front), (at + front, bytes - front)] {
                    if bytes > 0 {
                        heap.free(at, bytes);
                    }
                }
            }
            check(&heap);
            assert_eq!(heap.used, blocks.iter().map(|b| b.1).sum::<usize>());
        }
        for (at, bytes) in blocks.drain(..) {
            heap.free(at, bytes);
        }
        check(&heap);
        assert_eq!((heap.free.iter().count(), heap.used), (1, 0));
        heap.release();
        assert!(heap.backed() <= SMALL_PAGES, "all huge pages have gone");
    }

    #[test]
    fn what_lies_idle_gives_its_pages_to_a_new_peak() {
        let mut heap = Heap::new();
        // A long block, split by a short one that stays: neither half fits the next long one.
        let long = heap.allocate(64 << 20).unwrap();
        mark(long, 64 << 20);
        let middle = long + (32 << 20);
        heap.free(long, 32 << 20);
        heap.free(middle + GRANULE, (32 << 20) - GRANULE);
        assert_eq!(heap.backed(), heap.committed, "all of it is kept");
        let next = heap.allocate(40 << 20).unwrap();
        check(&heap);
        assert!(heap.backed() <= heap.most.next_multiple_of(HUGE) + HUGE, "{heap:?}");
        assert!(is_marked(middle, GRANULE));
        // It begins with the upper half, and ends with pages of the lower one and all that was in them.
        let page = words((next + (40 << 20)) / HUGE * HUGE - HUGE, HUGE);
        assert!((long as u64..middle as u64).contains(&page[0]), "moved and not cleared");
        mark(next, 40 << 20);
        // And what they left can be used.
        heap.free(next, 40 << 20);
        let again = heap.allocate(24 << 20).unwrap();
        mark(again, 24 << 20);
        assert!(is_marked(again, 24 << 20) && is_marked(middle, GRANULE));
    }

    #[test]
    fn room_is_made_of_what_is_idle() {
        let mut heap = Heap::new();
        let (kept, idle) = (heap.allocate(8 << 20).unwrap(), heap.allocate(32 << 20).unwrap());
        mark(kept, 8 << 20);
        heap.free(idle, 32 << 20);
        let before = heap.backed();
        heap.trim(10 << 20);
        assert_eq!(before - heap.backed(), 10 << 20);
        heap.trim(1 << 40);
        assert!(heap.backed() <= heap.used + 2 * HUGE && is_marked(kept, 8 << 20));
        check(&heap);
    }
    /// Free ranges between live blocks begin and end anywhere in pages of 16 and 64 KiB.
    #[test]
    fn only_whole_pages_are_discarded() {
        for page in [4 << 10, 16 << 10, 64 << 10, HUGE] {
            for (from, to) in
                [(GRANULE, 3 * page + GRANULE), (page, 2 * page), (page - GRANULE, page + GRANULE)]
            {
                if let Some((low, high)) = whole(from, to, page) {
                    assert!(low.is_multiple_of(page) && high.is_multiple_of(page));
                    assert!(from <= low && low < high && high <= to, "a neighbour's page");
                }
            }
        }
        assert_eq!(whole(4096, 12_288, 16_384), None);
        assert_eq!(whole(4096, 40_960, 16_384), Some((16_384, 32_768)));
    }

    #[test]
    fn live_blocks_survive_a_release() {
        let mut heap = Heap::new();
        let blocks: Vec<_> = (1..400).map(|k| (heap.allocate(GRANULE * k).unwrap(), GRANULE * k)).collect();
        for &(at, bytes) in &blocks {
            mark(at, bytes);
        }
        for &(at, bytes) in blocks.iter().step_by(2) {
            heap.free(at, bytes);
        }
        heap.release();
        check(&heap);
        assert!(blocks.iter().skip(1).step_by(2).all(|&(at, bytes)| is_marked(at, bytes)));
    }

    #[test]
    fn many_free_ranges_are_searched_in_order_of_their_length() {
        let mut heap = Heap::new();
        let blocks: Vec<_> = (0..8000)
            .map(|k| (heap.allocate(GRANULE * (36 + k % 3)).unwrap(), GRANULE * (36 + k % 3)))
            .collect();
        for &(at, bytes) in blocks.iter().step_by(2) {
            heap.free(at, bytes);
        }
        // The shortest range that fits, the lowest of them.
        let fits = blocks.iter().step_by(2).find(|block| block.1 == 37 * GRANULE).unwrap();
        assert_eq!(heap.allocate(37 * GRANULE), Some(fits.0));
        let end = heap.next;
        assert!(heap.allocate(41 * GRANULE).unwrap() >= blocks.last().unwrap().0, "no range fits");
        assert!(heap.next >= end);
        check(&heap);
    }
}
