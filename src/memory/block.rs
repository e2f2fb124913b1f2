//! Owned blocks of memory: small ones from a cache of the thread, large ones from the heap.

use super::{heap, system};
use crate::anatomy;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ptr::NonNull;

/// Words of the largest small block, 16 KiB: blocks of which a program may have many. The allocator takes
/// pages of 4 KiB that the process or the machine has used before. A huge page for many such numbers is
/// often one that a virtual machine's host has yet to back: that took five times as long.
const SMALL: usize = 2048;
/// Words of a granule of the heap.
const GRANULE: usize = heap::GRANULE / 8;

const _: () = assert!(LINE < GRANULE, "a line more tells a block of the allocator from one of the heap");
/// Words in a cache line, the smallest size.
const LINE: usize = 8;
/// Sizes of small blocks: 1 to 8 lines, then four to each power of two.
const CLASSES: usize = 28;
/// Words that the cache of a thread holds at most: the blocks in use at the bottom of a binary splitting.
const KEEP: usize = 32 << 10;

/// `words` initialised words of 8 bytes, aligned for the vectors of every level.
///
/// Blocks of more than [`SMALL`] words are from the heap if `words` is a multiple of [`GRANULE`], else
/// from the allocator.
pub(super) struct Block {
    ptr: NonNull<u64>,
    words: usize,
}

// SAFETY: a block is the only owner of its memory, like a Box<[u64]>.
unsafe impl Send for Block {}
// SAFETY: shared access only reads.
unsafe impl Sync for Block {}

impl Block {
    /// A block without memory.
    pub(super) const EMPTY: Self = Self { ptr: Self::EMPTY_PTR, words: 0 };
    /// The address of a block without memory: dangling, but aligned.
    pub(super) const EMPTY_PTR: NonNull<u64> = NonNull::<Line>::dangling().cast();

    /// At least `words` words of any value.
    pub(super) fn new(words: usize) -> Self {
        if words == 0 {
            return Self::EMPTY;
        }
        let block = if words <= SMALL { Self::small(words) } else { Self::large(words) };
        anatomy::allocated(block.words);
        #[cfg(debug_assertions)]
        block.poison();
        block
    }

    pub(super) fn ptr(&self) -> NonNull<u64> {
        self.ptr
    }

    pub(super) fn words(&self) -> usize {
        self.words
    }

    fn small(words: usize) -> Self {
        let class = class_of(words.div_ceil(LINE));
        let words = LINE * lines_of(class);
        let kept = CACHE.try_with(|cache| cache.try_borrow_mut().ok()?.take(class)).ok().flatten();
        kept.unwrap_or_else(|| Self::from_allocator(words))
    }

    fn large(words: usize) -> Self {
        let words = words.checked_next_multiple_of(GRANULE).expect("buffer length overflows");
        let bytes = words.checked_mul(8).expect("buffer length overflows");
        let address = if system::HAS_PAGES { heap::allocate(bytes) } else { None };
        let Some(address) = address else {
            // Without the heap, or where the system refuses it memory.
            return Self::from_allocator(words + LINE);
        };
        let ptr = NonNull::new(std::ptr::with_exposed_provenance_mut(address)).expect("no block is at 0");
        Self { ptr, words }
    }

    fn from_allocator(words: usize) -> Self {
        let layout = layout(words);
        // SAFETY: the layout is not empty.
        let ptr = NonNull::new(unsafe { alloc_zeroed(layout) }.cast());
        Self { ptr: ptr.unwrap_or_else(|| handle_alloc_error(layout)), words }
    }

    fn is_in_heap(&self) -> bool {
        self.words > SMALL && self.words.is_multiple_of(GRANULE)
    }

    /// Frees the memory before word `from` and behind word `to`, if it is a sixteenth or more. The
    /// words in between stay where they are.
    pub(super) fn narrow(&mut self, from: usize, to: usize) {
        debug_assert!(from <= to && to <= self.words);
        let (from, to) = (from / GRANULE * GRANULE, to.next_multiple_of(GRANULE).min(self.words));
        // The rest must be recognised as a block of the heap.
        if !self.is_in_heap() || to - from <= SMALL || to - from > self.words - self.words / 16 {
            return;
        }
        anatomy::freed(self.words - (to - from));
        let address = self.ptr.as_ptr().expose_provenance();
        for (from, to) in [(0, from), (to, self.words)] {
            if from < to {
                heap::free(address + 8 * from, 8 * (to - from));
            }
        }
        // SAFETY: `from` is within the block.
        self.ptr = unsafe { self.ptr.add(from) };
        self.words = to - from;
    }

    /// Fills new memory, so that tests notice code that expects zeros.
    #[cfg(debug_assertions)]
    fn poison(&self) {
        for k in 0..self.words {
            // SAFETY: the word is within the block, and no one else has its address yet.
            unsafe { self.ptr.add(k).write(0x5a5a_5a5a_5a5a_5a5a) };
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.words == 0 {
            return;
        }
        anatomy::freed(self.words);
        if self.is_in_heap() {
            heap::free(self.ptr.as_ptr().expose_provenance(), 8 * self.words);
            return;
        }
        let block = Self { ptr: self.ptr, words: self.words };
        let block = std::mem::ManuallyDrop::new(block);
        let kept = self.words <= SMALL
            && CACHE
                .try_with(|cache| {
                    cache.try_borrow_mut().is_ok_and(|mut cache| cache.put(block.ptr, block.words))
                })
                // A thread that ends has no cache any more.
                .unwrap_or(false);
        if !kept {
            free(self.ptr, self.words);
        }
    }
}

/// Frees a block of [`Block::from_allocator`].
fn free(ptr: NonNull<u64>, words: usize) {
    // SAFETY: the caller is the only owner of the block, which the allocator made with this layout, and
    // forgets it.
    unsafe { dealloc(ptr.as_ptr().cast(), layout(words)) }
}

/// The alignment of all blocks.
#[repr(align(64))]
struct Line;

fn layout(words: usize) -> Layout {
    let bytes = words.checked_mul(8).expect("buffer length overflows");
    Layout::from_size_align(bytes, align_of::<Line>()).expect("buffer length overflows")
}

/// The class of blocks of that many lines, at least one.
const fn class_of(lines: usize) -> usize {
    if lines <= 8 {
        return lines - 1;
    }
    let step = (lines - 1).ilog2() - 2;
    4 * step as usize + ((lines - 1) >> step)
}

/// Lines of a block of the class.
const fn lines_of(class: usize) -> usize {
    if class < 8 { class + 1 } else { (class % 4 + 5) << (class / 4 - 1) }
}

/// The small blocks that a thread has freed.
struct Cache {
    blocks: [Vec<NonNull<u64>>; CLASSES],
    words: usize,
}

thread_local! {
    static CACHE: RefCell<Cache> =
        const { RefCell::new(Cache { blocks: [const { Vec::new() }; CLASSES], words: 0 }) };
}

impl Cache {
    fn take(&mut self, class: usize) -> Option<Block> {
        let ptr = self.blocks[class].pop()?;
        let words = LINE * lines_of(class);
        self.words -= words;
        Some(Block { ptr, words })
    }

    #[must_use]
    fn put(&mut self, ptr: NonNull<u64>, words: usize) -> bool {
        let room = self.words + words <= KEEP;
        if room {
            self.words += words;
            self.blocks[class_of(words / LINE)].push(ptr);
        }
        room
    }

    fn clear(&mut self) {
        for (class, blocks) in self.blocks.iter_mut().enumerate() {
            for ptr in blocks.drain(..) {
                free(ptr, LINE * lines_of(class));
            }
        }
        self.words = 0;
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Frees the blocks in this thread's cache, and returns the heap's free pages to the system.
pub(super) fn release_cached() {
    let _ = CACHE.try_with(|cache| cache.try_borrow_mut().map(|mut cache| cache.clear()));
    if system::HAS_PAGES {
        heap::release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_they_are_for() {
        assert_eq!((class_of(SMALL / LINE), lines_of(CLASSES - 1)), (CLASSES - 1, SMALL / LINE));
        for lines in 1..=SMALL / LINE {
            let size = lines_of(class_of(lines));
            assert!(lines <= size && size <= lines + lines / 4, "{lines} lines in {size}");
            assert_eq!(class_of(size), class_of(lines));
        }
    }

    /// Many numbers of some KiB: neither lock nor huge pages.
    #[test]
    fn small_blocks_never_come_from_the_heap() {
        let blocks: Vec<_> = (1..=SMALL).step_by(37).chain([SMALL]).map(Block::new).collect();
        assert!(blocks.iter().all(|block| !block.is_in_heap()));
        assert_eq!(Block::new(SMALL + 1).is_in_heap(), system::HAS_PAGES);
    }

    /// Blocks of `large` where the system refuses memory for the heap.
    #[test]
    fn blocks_of_the_allocator_are_told_from_those_of_the_heap() {
        for words in [SMALL + 1, SMALL + GRANULE, 4 * SMALL, 100_000] {
            let refused = Block::from_allocator(words.next_multiple_of(GRANULE) + LINE);
            assert!(!refused.is_in_heap() && refused.words() >= words);
            let mut block = Block::new(words);
            assert_eq!(block.is_in_heap(), system::HAS_PAGES);
            block.narrow(words / 4, words);
            assert!(block.words() <= SMALL || block.is_in_heap() == system::HAS_PAGES);
            let mut refused = refused;
            let before = refused.words();
            refused.narrow(words / 4, words / 2);
            assert_eq!(refused.words(), before, "only the heap takes parts back");
        }
    }

    #[test]
    fn blocks_end_on_any_thread_and_their_ends_go_early() {
        for words in [1, 8, 9, 1000, SMALL, SMALL + 1, 100_000] {
            let mut block = Block::new(words);
            assert!(block.words() >= words && block.ptr().addr().get().is_multiple_of(64));
            let middle = block.ptr().addr().get() + 8 * (words / 4);
            block.narrow(words / 4, words / 2);
            let start = block.ptr().addr().get();
            assert!(start <= middle && start + 8 * block.words() >= middle + 2 * words);
            std::thread::spawn(move || drop(block)).join().unwrap();
        }
    }
}
