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
//! **What is kept** never makes the process larger than it had to be once: what is in use and what is
//! idle but has pages stay together within a sixteenth of the most that ever was in use at one
//! time; else the largest idle ranges give their pages back.

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
/// Idle memory below this is never given back by itself.
const SLACK: usize = 4 << 20;

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

/// All pages of idle ranges go back to the system.
pub(super) fn release() {
    HEAP.lock().unwrap_or_else(PoisonError::into_inner).release();
}

/// Bytes in use now, and the most that were since the last [`release`].
pub(super) fn in_use() -> (usize, usize) {
    let heap = HEAP.lock().unwrap_or_else(PoisonError::into_inner);
    (heap.used, heap.most)
}

/// A free range's length, and how many bytes of it have pages (an estimate where ranges were split).
#[derive(Clone, Copy, Debug)]
struct Free {
    len: usize,
    pages: usize,
}

/// Free ranges are some dozens: to search sorted lists of them takes no longer than trees do, and a tenth of the code.
#[derive(Debug)]
struct Heap {
    /// By address, no two of them neighbours.
    free: Vec<(usize, Free)>,
    /// The same as (length, address), sorted.
    by_len: Vec<(usize, usize)>,
    /// Where pages are huge, and the part of the reservation not yet in use: from `next` to `end`.
    huge: usize,
    next: usize,
    end: usize,
    used: usize,
    most: usize,
    /// Bytes with pages in free ranges.
    idle: usize,
}

impl Heap {
    const fn new() -> Self {
        Self { free: Vec::new(), by_len: Vec::new(), huge: 0, next: 0, end: 0, used: 0, most: 0, idle: 0 }
    }

    fn take(&mut self, bytes: usize) -> Option<usize> {
        debug_assert!(bytes > 0 && bytes.is_multiple_of(GRANULE));
        let fit = self.by_len.partition_point(|&(len, _)| len < bytes);
        let address = match self.by_len.get(fit) {
            Some(&(_, address)) => address,
            None => self.grow(bytes)?,
        };
        let Free { len, pages } = self.remove(self.place_of(address));
        if len > bytes {
            let rest = (pages as u128 * (len - bytes) as u128 / len as u128) as usize;
            self.insert(address + bytes, Free { len: len - bytes, pages: rest });
        }
        self.used += bytes;
        self.most = self.most.max(self.used);
        self.trim();
        Some(address)
    }

    fn give_back(&mut self, address: usize, bytes: usize) {
        self.used -= bytes;
        self.insert(address, Free { len: bytes, pages: bytes });
    }

    /// Where the ranges from `address` on begin.
    fn place_of(&self, address: usize) -> usize {
        self.free.partition_point(|&(at, _)| at < address)
    }

    fn remove(&mut self, place: usize) -> Free {
        let (address, range) = self.free.remove(place);
        self.by_len.remove(self.by_len.partition_point(|&entry| entry < (range.len, address)));
        self.idle -= range.pages;
        range
    }

    /// Adds a free range, one with its neighbours.
    fn insert(&mut self, mut address: usize, mut range: Free) {
        let mut place = self.place_of(address);
        if self.free.get(place).is_some_and(|&(at, _)| at == address + range.len) {
            let above = self.remove(place);
            range = Free { len: range.len + above.len, pages: range.pages + above.pages };
        }
        let below = place.checked_sub(1).map(|below| self.free[below]);
        if let Some((at, _)) = below.filter(|(at, free)| at + free.len == address) {
            place -= 1;
            let below = self.remove(place);
            range = Free { len: below.len + range.len, pages: below.pages + range.pages };
            address = at;
        }
        self.idle += range.pages;
        let entry = (range.len, address);
        self.by_len.insert(self.by_len.partition_point(|&other| other < entry), entry);
        self.free.insert(place, (address, range));
    }

    /// Makes a free range of `bytes` bytes at least, at the end: its address.
    fn grow(&mut self, bytes: usize) -> Option<usize> {
        let last = self.free.last().map(|(at, free)| (*at, free.len));
        let (start, there) = last.filter(|&(at, len)| at + len == self.next).unwrap_or((self.next, 0));
        let wanted = start.checked_add(bytes)?;
        if self.next == 0 || wanted > self.end {
            self.reserve(bytes)?;
            return self.grow(bytes);
        }
        debug_assert!(there < bytes);
        let next = if wanted <= self.huge {
            self.huge.min(self.next + (wanted - self.next).next_multiple_of(STEP))
        } else {
            self.huge + (wanted - self.huge).next_multiple_of(HUGE)
        };
        if !system::commit(self.next, next - self.next) {
            return None;
        }
        let fresh = Free { len: next - self.next, pages: 0 };
        let at = std::mem::replace(&mut self.next, next);
        self.insert(at, fresh);
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

    /// The rule of what is kept.
    fn trim(&mut self) {
        let limit = self.most + (self.most / 16).max(SLACK);
        if self.used + self.idle <= limit {
            return;
        }
        let largest: Vec<_> = self.by_len.iter().rev().map(|&(_, at)| at).collect();
        for address in largest {
            if self.used + self.idle <= limit {
                return;
            }
            self.discard(address, HUGE);
        }
    }

    /// Gives back the whole pages of a free range.
    fn discard(&mut self, address: usize, page: usize) {
        let place = self.place_of(address);
        let range = self.free[place].1;
        let (from, to) = (address.next_multiple_of(page), (address + range.len) / page * page);
        if from >= to || range.pages == 0 {
            return;
        }
        system::discard(from, to - from);
        let pages = range.pages.min(range.len - (to - from));
        self.idle -= range.pages - pages;
        self.free[place].1.pages = pages;
    }

    fn release(&mut self) {
        let ranges: Vec<_> = self.free.iter().map(|&(at, _)| at).collect();
        for address in ranges {
            self.discard(address, 4096);
        }
        self.most = self.used;
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::*;

    /// Everything that must hold between two calls.
    fn check(heap: &Heap) {
        assert_eq!(heap.free.len(), heap.by_len.len());
        assert_eq!(heap.idle, heap.free.iter().map(|(_, free)| free.pages).sum::<usize>());
        let mut end = 0;
        for &(at, free) in &heap.free {
            assert!(at > end || end == 0, "neighbours are one");
            assert!(free.pages <= free.len && heap.by_len.contains(&(free.len, at)));
            end = at + free.len;
        }
        assert!(end <= heap.next);
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
                let at = heap.take(bytes).unwrap();
                assert!(blocks.iter().all(|&(a, len)| at + bytes <= a || a + len <= at), "overlap");
                blocks.push((at, bytes));
            } else if !blocks.is_empty() {
                let (at, bytes) = blocks.swap_remove(random(blocks.len()));
                let front = GRANULE * random(bytes / GRANULE + 1);
                for (at, bytes) in [(at, front), (at + front, bytes - front)] {
                    if bytes > 0 {
                        heap.give_back(at, bytes);
                    }
                }
            }
            check(&heap);
            assert_eq!(heap.used, blocks.iter().map(|b| b.1).sum::<usize>());
            assert!(heap.used + heap.idle <= heap.most + (heap.most / 16).max(SLACK) + 30 * HUGE);
        }
        for (at, bytes) in blocks.drain(..) {
            heap.give_back(at, bytes);
        }
        check(&heap);
        assert_eq!((heap.free.len(), heap.used), (1, 0));
        heap.release();
        assert!(heap.idle < 8192, "only pages at the edges are left");
    }

    #[test]
    fn what_lies_idle_makes_room_for_a_new_peak() {
        let mut heap = Heap::new();
        // A long block, split by a short one that stays: neither half fits the next long one.
        let long = heap.take(64 << 20).unwrap();
        let middle = long + (32 << 20);
        heap.give_back(long, 32 << 20);
        heap.give_back(middle + GRANULE, (32 << 20) - GRANULE);
        assert_eq!(heap.idle, (64 << 20) - GRANULE);
        let _ = heap.take(40 << 20).unwrap();
        assert!(heap.used + heap.idle <= (68 << 20), "{heap:?}");
        check(&heap);
    }
}
