//! The unbounded stream, whatever computes it.

use super::gibbons::Gibbons;
use super::series::{Chudnovsky, Gosper, Known, Series};
use super::stream::Rounds;
use super::{Algorithm, DigitCount};

/// The decimal digits of pi, one after the other, without end: 3, 1, 4, 1, ...
///
/// Digits are numbers from 0 to 9, each final when it appears. The stream needs
/// no precision in advance; what it costs to go on depends on the
/// [`Algorithm`]. Memory grows in proportion to the digits produced.
#[derive(Debug)]
pub struct Digits {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Gibbons(Gibbons),
    Series(Box<Blocks>),
}

/// How a fast stream plans its blocks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Schedule {
    /// Blocks that double.
    Unbounded,
    /// The first block soon, and the end in sight.
    Early(DigitCount),
    /// All digits in one block, which is fastest.
    AtOnce(DigitCount),
}

impl Digits {
    /// The stream from its first digit, 3.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self::with_schedule(algorithm, Schedule::Unbounded)
    }

    /// The same stream, told how many digits will be asked of it: cheaper than
    /// doubling, and the first digits still come early.
    ///
    /// It goes on behind `end` all the same, at the cost of a new start.
    #[must_use]
    pub fn with_known_end(algorithm: Algorithm, end: DigitCount) -> Self {
        Self::with_schedule(algorithm, Schedule::Early(end))
    }

    pub(super) fn with_schedule(algorithm: Algorithm, schedule: Schedule) -> Self {
        let source = match algorithm {
            Algorithm::Gibbons => Source::Gibbons(Gibbons::new()),
            Algorithm::Gosper => Source::Series(Box::new(Blocks::new(Gosper::KNOWN, schedule))),
            Algorithm::Chudnovsky => Source::Series(Box::new(Blocks::new(Chudnovsky::KNOWN, schedule))),
        };
        Self { source }
    }

    /// Uses up to `threads` threads from the next block on; the default is one.
    /// Gibbons' spigot has work for one only.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        let source = match self.source {
            Source::Gibbons(gibbons) => Source::Gibbons(gibbons),
            Source::Series(mut blocks) => {
                blocks.use_threads(threads);
                Source::Series(blocks)
            }
        };
        Self { source }
    }

    /// The next `count` digits as ASCII characters, if that is what has been computed at once: as they are, without
    /// a copy.
    pub(super) fn take_block_of(&mut self, count: u64) -> Option<Vec<u8>> {
        match &mut self.source {
            Source::Gibbons(_) => None,
            Source::Series(blocks) => {
                let whole = blocks.rest().len() as u64 == count && blocks.out == 0;
                whole.then(|| std::mem::take(&mut blocks.block))
            }
        }
    }

    /// Fills `block` with the next digits as ASCII characters.
    pub fn fill_ascii(&mut self, block: &mut [u8]) {
        match &mut self.source {
            Source::Gibbons(gibbons) => block.fill_with(|| b'0' + gibbons.produce()),
            Source::Series(blocks) => blocks.fill(block),
        }
    }
}

impl Iterator for Digits {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        Some(match &mut self.source {
            Source::Gibbons(gibbons) => gibbons.produce(),
            Source::Series(blocks) => blocks.produce(),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl std::iter::FusedIterator for Digits {}

/// The blocks of a fast stream, given out in any portions.
#[derive(Debug)]
struct Blocks {
    series: &'static Known,
    stream: Rounds,
    threads: usize,
    /// Digits of the current block as ASCII, and how many of them are out.
    block: Vec<u8>,
    out: usize,
    /// Digits of all blocks so far.
    produced: u64,
}

impl Blocks {
    fn new(series: &'static Known, schedule: Schedule) -> Self {
        let stream = match schedule {
            Schedule::Unbounded => Rounds::new(series),
            Schedule::Early(end) => Rounds::with_known_end(series, end.get()),
            Schedule::AtOnce(end) => Rounds::in_one_block(series, end.get()),
        };
        Self { series, stream, threads: 1, block: Vec::new(), out: 0, produced: 0 }
    }

    fn use_threads(&mut self, threads: usize) {
        self.threads = threads;
        self.stream.use_threads(threads);
    }

    fn produce(&mut self) -> u8 {
        let digit = self.rest()[0] - b'0';
        self.out += 1;
        digit
    }

    fn fill(&mut self, mut target: &mut [u8]) {
        while !target.is_empty() {
            let rest = self.rest();
            let count = rest.len().min(target.len());
            target[..count].copy_from_slice(&rest[..count]);
            self.out += count;
            target = &mut target[count..];
        }
    }

    /// What is left of the current block, or else the next one; never empty.
    fn rest(&mut self) -> &[u8] {
        if self.out == self.block.len() {
            self.next_block();
        }
        &self.block[self.out..]
    }

    fn next_block(&mut self) {
        self.out = 0;
        // The old block goes first: the new one takes as much and more.
        self.block = Vec::new();
        self.block = self.stream.take_block();
        if self.block.is_empty() {
            self.go_on_behind_the_end();
        }
        self.produced += self.block.len() as u64;
    }

    /// The stream that knew its end has reached it: an unbounded one goes on.
    fn go_on_behind_the_end(&mut self) {
        self.stream = Rounds::new(self.series);
        self.stream.use_threads(self.threads);
        let mut skipped = 0;
        while skipped <= self.produced {
            let block = self.stream.next_block();
            let new = (skipped + block.len() as u64).saturating_sub(self.produced);
            skipped += block.len() as u64;
            let new = usize::try_from(new).map_or(block.len(), |new| new.min(block.len()));
            self.block.extend_from_slice(&block[block.len() - new..]);
        }
    }
}
