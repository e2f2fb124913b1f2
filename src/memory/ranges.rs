//! Sets of addresses as sorted ranges.

/// Ranges `(from, to)` in ascending order, no two of them neighbours.
///
/// There are some dozens of them: searching takes no longer than in a tree, and a tenth of the code.
#[derive(Debug)]
pub(super) struct Ranges {
    ranges: Vec<(usize, usize)>,
    /// How many addresses there are in all of them.
    bytes: usize,
}

impl Ranges {
    pub(super) const fn new() -> Self {
        Self { ranges: Vec::new(), bytes: 0 }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> + '_ {
        self.ranges.iter().copied()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Where the first range is that ends at `address` or behind it.
    fn place_of(&self, address: usize) -> usize {
        self.ranges.partition_point(|&(_, to)| to < address)
    }

    /// Adds a range of which nothing is in the set yet, one with its neighbours.
    pub(super) fn insert(&mut self, mut from: usize, mut to: usize) {
        self.bytes += to - from;
        let place = self.place_of(from);
        let mut end = place;
        while let Some(&neighbour) = self.ranges.get(end).filter(|neighbour| neighbour.0 <= to) {
            debug_assert!(neighbour.1 == from || neighbour.0 == to, "it was there already");
            (from, to) = (from.min(neighbour.0), to.max(neighbour.1));
            end += 1;
        }
        self.ranges.splice(place..end, [(from, to)]);
    }

    /// Removes what the set has of a range.
    pub(super) fn remove(&mut self, from: usize, to: usize) {
        loop {
            let Some((low, high)) = self.parts(from, to).next() else { return };
            let place = self.place_of(high);
            let (begin, end) = self.ranges[place];
            let rest = [(begin, low), (high, end)].into_iter().filter(|(from, to)| from < to);
            self.ranges.splice(place..=place, rest);
            self.bytes -= high - low;
        }
    }

    /// What the set has of a range.
    pub(super) fn parts(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let ranges = self.ranges[self.place_of(from)..].iter().take_while(move |range| range.0 < to);
        ranges.map(move |range| (range.0.max(from), range.1.min(to))).filter(|(from, to)| from < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against one flag for each address.
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
                assert!(from < to && end.is_none_or(|end| end < from), "neighbours are one: {ranges:?}");
                end = Some(to);
            }
            let inside = |address: usize| ranges.parts(address, address + 1).next().is_some();
            assert!((0..100).all(|address| inside(address) == flags[address]), "{ranges:?}");
            assert_eq!(ranges.bytes(), flags.iter().filter(|&&flag| flag).count());
        }
    }
}
