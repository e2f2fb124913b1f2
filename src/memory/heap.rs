//! Large blocks: ranges of one long stretch of addresses, shared by all threads.
//!
//! ```text
//! |  4 KiB pages   | huge pages ...            | reserved, never touched ...
//! ^ base           ^ base + SMALL_PAGES        ^ next
//! ```
//!
//! A block is the smallest free range that fits, or else the end of the stretch moves up. Free
//! neighbours are one range again at once, so memory serves operands and transforms of any size in
//! turn. The first megabyte has ordinary pages: a short computation never pays for zeroing two
//! megabytes. A page fault for each 4 KiB beyond took a fifth of the time of a million digits.
//!
//! **Pages** are asked for only where all that the process has are in use: where a block begins in a part
//! of the stretch without any, idle ones move there. To move a huge page the kernel changes two entries of
//! its tables (`mremap`); a new one has to be cleared, which took up to a sixth of the time of ten million
//! digits. So the process is never larger than what was in use at one time, and the parts of huge pages
//! between.

use super::ranges::Ranges;
use super::system::{self, HUGE};
use std::sync::{Mutex, PoisonError};

/// Blocks are whole granules of this many bytes.
pub(super) const GRANULE: usize = 256;
/// Addresses that are reserved at a time, if the system gives so many.
const RESERVED: usize = 64 << 30;
/// From here on pages are huge.
const SMALL_PAGES: usize = 1 << 20;
/// Steps in which the part with small pages grows.
const STEP: usize = 64 << 10;
/// Up to so many bytes in use pages are moved: each one that was is a mapping of its own to the kernel, which
/// gives a process 65,530 of them.
const MOVABLE: usize = 32 << 30;
/// Bytes of an ordinary page.
const PAGE: usize = 4096;

static HEAP: Mutex<Heap> = Mutex::new(Heap::new());

/// A new block of `bytes` bytes, a multiple of [`GRANULE`]: its address.
#[inline(never)]
pub(super) fn take(bytes: usize) -> Option<usize> {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner).take(bytes)
}

/// Takes back a block, or whole granules of one.
#[inline(never)]
pub(super) fn give_back(address: usize, bytes: usize) {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner).give_back(address, bytes);
}

/// Idle pages of `bytes` bytes go back to the system, if there are so many.
#[inline(never)]
pub(super) fn make_room(bytes: usize) {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner).make_room(bytes);
}

/// All pages of idle ranges go back to the system.
pub(super) fn release() {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner).release();
}

#[derive(Debug)]
struct Heap {
    /// Addresses in no block.
    free: Ranges,
    /// Those of them, whole huge pages, that have no pages.
    bare: Ranges,
    /// Where pages are huge, and the part of the reservation not yet in use: from `next` to `end`.
    huge: usize,
    next: usize,
    end: usize,
    /// Bytes that can be used, in all reservations.
    committed: usize,
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

    fn take(&mut self, bytes: usize) -> Option<usize> {
        debug_assert!(bytes > 0 && bytes.is_multiple_of(GRANULE));
        let fit = self.free.iter().filter(|(from, to)| to - from >= bytes).min_by_key(|(from, to)| to - from);
        let address = match fit {
            Some((from, _)) => from,
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

    fn give_back(&mut self, address: usize, bytes: usize) {
        self.used -= bytes;
        self.free.insert(address, address + bytes);
    }

    /// Bytes that have pages, or will when they are touched.
    fn backed(&self) -> usize {
        self.committed - self.bare.bytes()
    }

    /// Brings idle pages to ranges without any, as far as there are idle ones.
    fn move_pages(&mut self, bare: &[(usize, usize)]) {
        let targets: Vec<_> = bare.iter().flat_map(|&(from, to)| (from..to).step_by(HUGE)).collect();
        for (page, target) in self.idle_pages(targets.len()).into_iter().zip(targets) {
            let moved = self.committed <= MOVABLE && system::move_page(page, target);
            if !moved {
                // A new page, and this one is cleared when it is used again: rather a little too much memory.
                if self.backed() <= self.most + self.most / 16 {
                    return;
                }
                system::discard(page, HUGE);
            }
            self.bare.insert(page, page + HUGE);
        }
    }

    /// Gives `bytes` of idle pages back to the system, if there are so many.
    fn make_room(&mut self, bytes: usize) {
        for page in self.idle_pages(bytes.div_ceil(HUGE)) {
            system::discard(page, HUGE);
            self.bare.insert(page, page + HUGE);
        }
    }

    /// Up to `count` huge pages in no block: from the upper ends of the largest ranges, where blocks come last.
    fn idle_pages(&self, count: usize) -> Vec<usize> {
        let mut free: Vec<_> = self.free.iter().map(|(from, to)| (to - from, from, to)).collect();
        free.sort_unstable();
        let pages = free
            .into_iter()
            .rev()
            .flat_map(|(_, from, to)| (from.next_multiple_of(HUGE)..to / HUGE * HUGE).step_by(HUGE).rev());
        pages.filter(|&page| self.bare.parts(page, page + HUGE).next().is_none()).take(count).collect()
    }

    /// Makes a free range of `bytes` bytes at least, at the end: its address.
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

    /// Moves on to a new stretch of addresses.
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
            let (low, high) = (from.next_multiple_of(PAGE), to / PAGE * PAGE);
            if low < high {
                system::discard(low, high - low);
            }
            let (low, high) = (from.next_multiple_of(HUGE), to / HUGE * HUGE);
            if low < high {
                // Some of them may have been before.
                self.bare.remove(low, high);
                self.bare.insert(low, high);
            }
        }
        self.most = self.used;
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::*;

    /// Everything that must hold between two calls.
    fn check(heap: &Heap) {
        let mut end = 0;
        for (from, to) in heap.free.iter() {
            assert!(from > end && to > from, "neighbours are one");
            end = to;
        }
        assert!(end <= heap.next);
        for (from, to) in heap.bare.iter() {
            assert!(from.is_multiple_of(HUGE) && to.is_multiple_of(HUGE));
            assert_eq!(heap.free.parts(from, to).collect::<Vec<_>>(), [(from, to)], "what is bare is free");
        }
        assert_eq!(heap.committed - heap.free.bytes(), heap.used);
    }

    fn words(address: usize, bytes: usize) -> &'static mut [u64] {
        // SAFETY: the tests ask for blocks of their heap only, one slice at a time.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(address), bytes / 8) }
    }

    /// What stands in a block: no other has the same.
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
                let at = heap.take(bytes).unwrap();
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
                        heap.give_back(at, bytes);
                    }
                }
            }
            check(&heap);
            assert_eq!(heap.used, blocks.iter().map(|b| b.1).sum::<usize>());
        }
        for (at, bytes) in blocks.drain(..) {
            heap.give_back(at, bytes);
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
        let long = heap.take(64 << 20).unwrap();
        mark(long, 64 << 20);
        let middle = long + (32 << 20);
        heap.give_back(long, 32 << 20);
        heap.give_back(middle + GRANULE, (32 << 20) - GRANULE);
        assert_eq!(heap.backed(), heap.committed, "all of it is kept");
        let next = heap.take(40 << 20).unwrap();
        check(&heap);
        assert!(heap.backed() <= heap.most.next_multiple_of(HUGE) + HUGE, "{heap:?}");
        assert!(is_marked(middle, GRANULE));
        // It begins with the upper half, and ends with pages of the lower one and all that was in them.
        let page = words((next + (40 << 20)) / HUGE * HUGE - HUGE, HUGE);
        assert!((long as u64..middle as u64).contains(&page[0]), "moved and not cleared");
        mark(next, 40 << 20);
        // And what they left can be used.
        heap.give_back(next, 40 << 20);
        let again = heap.take(24 << 20).unwrap();
        mark(again, 24 << 20);
        assert!(is_marked(again, 24 << 20) && is_marked(middle, GRANULE));
    }

    #[test]
    fn room_is_made_of_what_is_idle() {
        let mut heap = Heap::new();
        let (kept, idle) = (heap.take(8 << 20).unwrap(), heap.take(32 << 20).unwrap());
        mark(kept, 8 << 20);
        heap.give_back(idle, 32 << 20);
        let before = heap.backed();
        heap.make_room(10 << 20);
        assert_eq!(before - heap.backed(), 10 << 20);
        heap.make_room(1 << 40);
        assert!(heap.backed() <= heap.used + 2 * HUGE && is_marked(kept, 8 << 20));
        check(&heap);
    }
}
