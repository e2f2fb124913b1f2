//! Blocks of memory, owned alone: small ones kept by each thread, large ones from the heap.

use super::{heap, system};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ptr::NonNull;

/// Words of 8 bytes of the largest small block.
const SMALL: usize = 1024;
/// Words in a line, the least size.
const LINE: usize = 8;
/// Sizes of small blocks: 1 to 8 lines, then four to each power of two.
const CLASSES: usize = 24;
/// Words that a thread keeps in small blocks.
const KEEP: usize = 32 << 10;

/// Memory of `words` words of 8 bytes, all of them initialised, aligned for every level.
pub(super) struct Block {
    ptr: NonNull<u64>,
    words: usize,
}

// SAFETY: it owns its memory alone, like a Box<[u64]>.
unsafe impl Send for Block {}
// SAFETY: shared access only reads.
unsafe impl Sync for Block {}

impl Block {
    /// No memory at all.
    pub(super) const EMPTY: Self = Self { ptr: Self::EMPTY_PTR, words: 0 };
    /// Where it is not.
    pub(super) const EMPTY_PTR: NonNull<u64> = NonNull::<Line>::dangling().cast();

    /// At least `words` words of any value.
    pub(super) fn new(words: usize) -> Self {
        if words == 0 {
            return Self::EMPTY;
        }
        let block = if words <= SMALL { Self::small(words) } else { Self::large(words) };
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
        if !system::HAS_PAGES {
            return Self::from_allocator(words.next_multiple_of(LINE));
        }
        let bytes = words.checked_mul(8).and_then(|bytes| bytes.checked_next_multiple_of(heap::GRANULE));
        let bytes = bytes.expect("buffer length overflows");
        let Some(address) = heap::take(bytes) else { handle_alloc_error(layout(words)) };
        let ptr = NonNull::new(std::ptr::with_exposed_provenance_mut(address)).expect("no block is at 0");
        Self { ptr, words: bytes / 8 }
    }

    fn from_allocator(words: usize) -> Self {
        let layout = layout(words);
        // SAFETY: the layout is not empty.
        let ptr = NonNull::new(unsafe { alloc_zeroed(layout) }.cast());
        Self { ptr: ptr.unwrap_or_else(|| handle_alloc_error(layout)), words }
    }

    fn is_in_heap(&self) -> bool {
        system::HAS_PAGES && self.words > SMALL
    }

    /// Gives back what lies before `from` and behind `to`, if that is worth anything. The words in
    /// between stay where they are.
    pub(super) fn keep(&mut self, from: usize, to: usize) {
        const GRANULE: usize = heap::GRANULE / 8;
        debug_assert!(from <= to && to <= self.words);
        let (from, to) = (from / GRANULE * GRANULE, to.next_multiple_of(GRANULE).min(self.words));
        // What is left must remain a block of the heap.
        if !self.is_in_heap() || to - from <= SMALL || to - from > self.words - self.words / 16 {
            return;
        }
        let address = self.ptr.as_ptr().expose_provenance();
        for (from, to) in [(0, from), (to, self.words)] {
            if from < to {
                heap::give_back(address + 8 * from, 8 * (to - from));
            }
        }
        // SAFETY: `from` is within the block.
        self.ptr = unsafe { self.ptr.add(from) };
        self.words = to - from;
    }

    /// So that tests notice who takes new memory for zeros.
    #[cfg(debug_assertions)]
    fn poison(&self) {
        for k in 0..self.words {
            // SAFETY: within the block, which nobody else knows yet.
            unsafe { self.ptr.add(k).write(0x5a5a_5a5a_5a5a_5a5a) };
        }
    }
}

impl Drop for Block {
    // Every function that computes with numbers drops some, on several ways out.
    #[inline(never)]
    fn drop(&mut self) {
        if self.words == 0 {
            return;
        }
        if self.is_in_heap() {
            heap::give_back(self.ptr.as_ptr().expose_provenance(), 8 * self.words);
            return;
        }
        let block = Self { ptr: self.ptr, words: self.words };
        let block = std::mem::ManuallyDrop::new(block);
        let kept = self.words <= SMALL
            && CACHE
                .try_with(|cache| {
                    cache.try_borrow_mut().is_ok_and(|mut cache| cache.keep(block.ptr, block.words))
                })
                // A thread that is ending has no cache any more.
                .unwrap_or(false);
        if !kept {
            free(self.ptr, self.words);
        }
    }
}

/// Frees what [`Block::from_allocator`] made.
fn free(ptr: NonNull<u64>, words: usize) {
    // SAFETY: the callers own the block alone, it came from the allocator with this layout, and they
    // forget it.
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

/// Small blocks that a thread has freed.
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
    fn keep(&mut self, ptr: NonNull<u64>, words: usize) -> bool {
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

/// Everything that is kept goes back to where it came from.
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

    #[test]
    fn blocks_end_on_any_thread_and_their_ends_go_early() {
        for words in [1, 8, 9, 1000, 1024, 1025, 100_000] {
            let mut block = Block::new(words);
            assert!(block.words() >= words && block.ptr().addr().get().is_multiple_of(64));
            let middle = block.ptr().addr().get() + 8 * (words / 4);
            block.keep(words / 4, words / 2);
            let start = block.ptr().addr().get();
            assert!(start <= middle && start + 8 * block.words() >= middle + 2 * words);
            std::thread::spawn(move || drop(block)).join().unwrap();
        }
    }
}
