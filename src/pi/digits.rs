//! The unbounded stream of digits, by any algorithm.

use super::algorithm::Method;
use super::spigot::Gibbons;
use super::stream::Stream;
use super::{Algorithm, Schedule};

/// The decimal digits of pi, one after the other, without end: 3, 1, 4, 1, ...
///
/// Digits are numbers from 0 to 9, each final when it appears. The stream needs no precision in
/// advance; the cost of going on depends on the [`Algorithm`]. Memory grows in proportion to the
/// digits produced.
///
/// A call that unwinds, cancelled by a [token](crate::cancel) or by a panic, gives out no digit:
/// the next call gives the digits that it would have given.
#[derive(Debug)]
pub struct Digits {
    source: Source,
    /// Computed digits as ASCII, and the number of them that are out.
    block: Vec<u8>,
    out: usize,
}

#[derive(Debug)]
enum Source {
    Gibbons(Gibbons),
    Series(Box<Stream>),
}

impl Digits {
    /// The stream from its first digit, 3, with no end in sight.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self::scheduled(algorithm, Schedule::Unbounded)
    }

    /// The stream with a plan for its first digits. Gibbons' spigot needs none, and ignores it.
    ///
    /// ```
    /// use pi_spigot::pi::{Algorithm, DigitCount, Digits, Schedule};
    ///
    /// let n = DigitCount::new(1000).unwrap();
    /// let mut digits = vec![0; 1000];
    /// Digits::scheduled(Algorithm::Chudnovsky, Schedule::AtOnce(n)).fill_ascii(&mut digits);
    /// assert!(digits.starts_with(b"31415") && digits.ends_with(b"0198"));
    /// ```
    ///
    /// # Panics
    /// If the schedule ends beyond [`Algorithm::max_digits`].
    #[must_use]
    pub fn scheduled(algorithm: Algorithm, schedule: Schedule) -> Self {
        let (end, most) = (schedule.end(), algorithm.max_digits().get());
        assert!(
            end.is_none_or(|end| end as u64 <= most),
            "{algorithm} can compute {most} digits at most, as its coefficients outgrow 64 bits there: \
             ask for fewer digits"
        );
        let source = match algorithm.method() {
            Method::Spigot => Source::Gibbons(Gibbons::new()),
            Method::Series(series) => Source::Series(Box::new(Stream::new(series, schedule))),
        };
        Self { source, block: Vec::new(), out: 0 }
    }

    /// Uses up to `threads` threads from the next block on; the default is one. Gibbons' spigot
    /// always uses one.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        if let Source::Series(stream) = &mut self.source {
            stream.use_threads(threads);
        }
        self
    }

    /// Follows another schedule, if no digit has been computed yet.
    pub(super) fn reschedule(&mut self, schedule: Schedule) {
        if let Source::Series(stream) = &mut self.source {
            stream.reschedule(schedule);
        }
    }

    /// The next `count` digits as ASCII, without a copy, if they are exactly the next block.
    pub(super) fn take_block_of(&mut self, count: u64) -> Option<Vec<u8>> {
        if let Source::Series(stream) = &mut self.source
            && self.out == self.block.len()
        {
            refill(&mut self.block, &mut self.out, stream);
        }
        let whole = self.out == 0 && self.block.len() as u64 == count;
        whole.then(|| std::mem::take(&mut self.block))
    }

    /// Fills `block` with the next digits as ASCII characters. All of it or, if this unwinds,
    /// nothing that counts: the next call gives the same digits again.
    pub fn fill_ascii(&mut self, block: &mut [u8]) {
        let mut fill = Fill { digits: self, target: block, filled: 0 };
        while fill.filled < fill.target.len() {
            fill.step();
        }
    }
}

impl Iterator for Digits {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        if let Some(&digit) = self.block.get(self.out) {
            self.out += 1;
            return Some(digit - b'0');
        }
        let mut digit = [0];
        self.fill_ascii(&mut digit);
        Some(digit[0] - b'0')
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl std::iter::FusedIterator for Digits {}

/// Replaces a block that is out by the next one.
fn refill(block: &mut Vec<u8>, out: &mut usize, stream: &mut Stream) {
    *out = 0;
    // Free the old block first: the new one is as long or longer.
    *block = Vec::new();
    *block = stream.next_block();
}

/// Digits on their way into `target`. They go back if computing the rest unwinds.
struct Fill<'a> {
    digits: &'a mut Digits,
    target: &'a mut [u8],
    filled: usize,
}

impl Fill<'_> {
    /// Copies what is computed, or computes more.
    #[inline]
    fn step(&mut self) {
        let Digits { source, block, out } = &mut *self.digits;
        let target = &mut self.target[self.filled..];
        let count = (block.len() - *out).min(target.len());
        target[..count].copy_from_slice(&block[*out..*out + count]);
        *out += count;
        self.filled += count;
        if count == 0 {
            match source {
                Source::Gibbons(gibbons) => {
                    target[0] = b'0' + gibbons.produce();
                    self.filled += 1;
                }
                Source::Series(stream) => refill(block, out, stream),
            }
        }
    }
}

impl Drop for Fill<'_> {
    fn drop(&mut self) {
        if self.filled < self.target.len() {
            let Digits { block, out, .. } = &mut *self.digits;
            *block = [&self.target[..self.filled], &block[*out..]].concat();
            *out = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::testing::cancelled_at;
    use crate::pi::DigitCount;

    /// Digits that every interrupted stream must give.
    const COUNT: usize = 16_000;

    /// Cancels a stream at one of its checks, and goes on with it. None if it has no such check.
    fn interrupted_at(check: u32, mut digits: Digits, portion: usize, expected: &[u8]) -> Option<()> {
        let mut text = Vec::new();
        let mut fill = |text: &mut Vec<u8>| {
            let mut more = vec![0; portion];
            digits.fill_ascii(&mut more);
            text.extend(more);
        };
        let finished = cancelled_at(check, || (0..COUNT / portion).for_each(|_| fill(&mut text)));
        while text.len() < COUNT {
            fill(&mut text);
        }
        assert!(text == expected[..text.len()], "interrupted at check {check}");
        finished.is_none().then_some(())
    }

    #[test]
    fn an_interrupted_stream_goes_on_with_the_right_digits() {
        let end = DigitCount::new(COUNT as u64).unwrap();
        let expected = Algorithm::Chudnovsky.digits(end).replace('.', "").into_bytes();
        let mut interrupted = 0;
        for algorithm in [Algorithm::Chudnovsky, Algorithm::Gosper] {
            for schedule in [Schedule::Unbounded, Schedule::Early(end), Schedule::AtOnce(end)] {
                for threads in [1, 2] {
                    let stream = || Digits::scheduled(algorithm, schedule).with_threads(threads);
                    let tries =
                        (1..).step_by(10).map(|check| interrupted_at(check, stream(), 800, &expected));
                    interrupted += tries.take_while(Option::is_some).count();
                }
            }
        }
        assert!(interrupted >= 127, "{interrupted} interrupted streams");
    }

    #[test]
    fn an_interrupted_spigot_goes_on_with_the_right_digits() {
        let expected = Algorithm::Chudnovsky.digits(DigitCount::new(600).unwrap()).replace('.', "");
        for check in [1, 2, 7, 100, 599] {
            let mut digits = Digits::new(Algorithm::Gibbons);
            let mut text = [0; 600];
            assert!(cancelled_at(check, || digits.fill_ascii(&mut text)).is_none());
            let mut text = [0; 600];
            digits.fill_ascii(&mut text);
            assert!(text == expected.as_bytes(), "interrupted at check {check}");
        }
    }
}
