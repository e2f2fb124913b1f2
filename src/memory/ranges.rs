//! Sets of addresses as ranges, ordered by address and by length.

use std::collections::{BTreeMap, BTreeSet};

/// Disjoint ranges `(from, to)`, no two of them adjacent. Operations take logarithmic time, unless another is
/// named.
#[derive(Debug)]
pub(super) struct Ranges {
    /// `to` by `from`.
    by_address: BTreeMap<usize, usize>,
    /// `(to - from, from)`
    by_length: BTreeSet<(usize, usize)>,
    /// The number of addresses in all ranges.
    bytes: usize,
}

impl Ranges {
    pub(super) const fn new() -> Self {
        Self { by_address: BTreeMap::new(), by_length: BTreeSet::new(), bytes: 0 }
    }

    /// All ranges in ascending order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> + '_ {
        self.by_address.iter().map(|(&from, &to)| (from, to))
    }

    /// All ranges of at least `length` bytes, the longest first.
    pub(super) fn longest(&self, length: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.by_length.range((length, 0)..).rev().map(|&(length, from)| (from, from + length))
    }

    /// The start of the shortest range of at least `length` bytes.
    pub(super) fn best_fit(&self, length: usize) -> Option<usize> {
        self.by_length.range((length, 0)..).next().map(|range| range.1)
    }

    /// The start of the lowest range of at least `length` bytes; takes the time of all such ranges.
    pub(super) fn lowest_fit(&self, length: usize) -> Option<usize> {
        self.longest(length).map(|range| range.0).min()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a range of which the set has no part yet, and joins it with its neighbours.
    pub(super) fn insert(&mut self, mut from: usize, mut to: usize) {
        debug_assert!(self.parts(from, to).next().is_none(), "a part is in the set already");
        if let Some((start, _)) = self.last_before(from).filter(|range| range.1 == from) {
            self.take_out(start);
            from = start;
        }
        if let Some(&end) = self.by_address.get(&to) {
            self.take_out(to);
            to = end;
        }
        self.put_in(from, to);
    }

    /// Removes all parts of a range from the set.
    pub(super) fn remove(&mut self, from: usize, to: usize) {
        loop {
            let Some((low, high)) = self.parts(from, to).next() else { return };
            let (start, end) = self.last_before(high).expect("the range of this part");
            self.take_out(start);
            for (from, to) in [(start, low), (high, end)] {
                if from < to {
                    self.put_in(from, to);
                }
            }
        }
    }

    /// The parts of a range that are in the set.
    pub(super) fn parts(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let first = self.last_before(from + 1).map_or(from, |range| range.0);
        let ranges = self.by_address.range(first..to);
        ranges.map(move |(&low, &high)| (low.max(from), high.min(to))).filter(|(low, high)| low < high)
    }

    /// The last range that begins before `address`.
    fn last_before(&self, address: usize) -> Option<(usize, usize)> {
        self.by_address.range(..address).next_back().map(|(&from, &to)| (from, to))
    }

    fn put_in(&mut self, from: usize, to: usize) {
        self.by_address.insert(from, to);
        self.by_length.insert((to - from, from));
        self.bytes += to - from;
    }

    fn take_out(&mut self, from: usize) {
        let to = self.by_address.remove(&from).expect("a range of the set");
        self.by_length.remove(&(to - from, from));
        self.bytes -= to - from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with a flag for each address.
    #[test]
    fn ranges_are_the_sets_they_stand_for() {
        let (mut ranges, mut flags) = (Ranges::new(), [false; 100]);
        let mut seed = 3u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..5000 {
            let from = random(99);
            let to = from + 1 + random((100 - from).min(12));
            if random(2) == 0 {
                let expected = flags[from..to].iter().filter(|&&flag| flag).count();
                assert_eq!(ranges.parts(from, to).map(|part| part.1 - part.0).sum::<usize>(), expected);
                ranges.remove(from, to);
                flags[from..to].fill(false);
            } else if flags[from..to].iter().all(|&flag| !flag) {
                ranges.insert(from, to);
                flags[from..to].fill(true);
            }
            let mut end = None;
            for (from, to) in ranges.iter() {
                assert!(from < to && end.is_none_or(|end| end < from), "adjacent ranges: {ranges:?}");
                end = Some(to);
            }
            let inside = |address: usize| ranges.parts(address, address + 1).next().is_some();
            assert!((0..100).all(|address| inside(address) == flags[address]), "{ranges:?}");
            assert_eq!(ranges.bytes(), flags.iter().filter(|&&flag| flag).count());
            let length = 1 + random(12);
            let mut fits: Vec<_> = ranges.iter().filter(|(from, to)| to - from >= length).collect();
            let shortest = fits.iter().min_by_key(|(from, to)| to - from).map(|range| range.0);
            assert_eq!(ranges.best_fit(length), shortest);
            assert_eq!(ranges.lowest_fit(length), fits.first().map(|range| range.0));
            fits.sort_by_key(|&(from, to)| std::cmp::Reverse((to - from, from)));
            assert_eq!(ranges.longest(length).collect::<Vec<_>>(), fits);
        }
    }
}
