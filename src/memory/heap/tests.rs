//! Tests of the heap's invariants.

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
            assert!(heap.backed() <= before || heap.idle_pages(1).is_empty(), "new pages beside idle ones");
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
        for (from, to) in [(GRANULE, 3 * page + GRANULE), (page, 2 * page), (page - GRANULE, page + GRANULE)]
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
    let blocks: Vec<_> =
        (0..8000).map(|k| (heap.allocate(GRANULE * (36 + k % 3)).unwrap(), GRANULE * (36 + k % 3))).collect();
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
