//! Digits of pi without end from a series, block by block: fast, and final when they appear.
//!
//! A [`Schedule`] sets the size of each block. A block is the text of one [round](round), which
//! extends the sum, the root and the quotient of the round before, and converts only the new
//! digits.
//!
//! **Unwinding.** A cancelled or failed round unwinds out of [`Stream::next_block`]. A round owns
//! the results of the round before and hands its own back as its last step, so an interrupted round
//! leaves none: the next call starts over, from the same digits.
//!
//! Source of the idea of an unbounded stream: Gibbons, "Unbounded spigot algorithms for the digits
//! of pi" (2006). Cost over a computation that knows its end: 1.1 times when doubling.

mod round;
mod schedule;

pub use schedule::Schedule;

use super::series::Series;
use crate::bigint::Natural;
use crate::bigint::residue::{plus, power, residue_of_digits, times};
use crate::fft::with_threads;
use round::{Kept, Round};

/// The fraction of pi to `bits` bits or more, a lower bound by less than a unit of the last of `bits`
/// bits, and the number of its bits. One computation that knows its end.
pub(super) fn fraction_of(series: &'static Series, bits: u64, threads: usize) -> (Natural, u64) {
    // Digits of 3.3 bits: there are more bits than wanted, so that their two units are less than one.
    let target = usize::try_from(bits / 33 * 10 + 40).expect("the bits fit into this machine's addresses");
    let round = Round { series, threads, target, out: 0, residue: 0, end: Some(target + 1) };
    let limbs = with_threads(threads, || round.run_to_fraction());
    let len = 64 * limbs.len() as u64;
    (Natural::from_words(limbs), len)
}

/// Digits of pi from a series, block by block.
#[derive(Debug)]
pub(crate) struct Stream {
    series: &'static Series,
    schedule: Schedule,
    threads: usize,
    /// Decimals that the next round computes.
    target: usize,
    /// Digits that are out, the leading 3 included.
    out: usize,
    /// The residue of the decimals that are out.
    residue: u64,
    kept: Kept,
}

impl Stream {
    /// A stream before its first digit, on one thread.
    pub(crate) fn new(series: &'static Series, schedule: Schedule) -> Self {
        let (target, kept) = (schedule.first_target(), Kept::default());
        Self { series, schedule, threads: 1, target, out: 0, residue: 0, kept }
    }

    /// Uses up to `threads` threads from the next block on.
    pub(crate) fn use_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Follows another schedule from the first digit on; a stream that has begun keeps its own.
    pub(crate) fn reschedule(&mut self, schedule: Schedule) {
        if self.out == 0 {
            (self.schedule, self.target) = (schedule, schedule.first_target());
        }
    }

    /// The next final digits, ASCII, the leading 3 first and without a point; at least one. The
    /// first blocks end where the schedule ends, and the stream goes on behind it without an end.
    pub(crate) fn next_block(&mut self) -> Vec<u8> {
        if self.schedule.end() == Some(1) {
            self.out = 1;
            self.go_on_without_end();
            return vec![b'3'];
        }
        loop {
            let block = self.round();
            if !block.is_empty() {
                return block;
            }
        }
    }

    /// Computes to the target.
    fn round(&mut self) -> Vec<u8> {
        let Self { series, threads, target, out, residue, .. } = *self;
        let round = Round { series, threads, target, out, residue, end: self.schedule.end() };
        // An unwinding leaves nothing kept, and the rest of this stream as it was.
        let kept = std::mem::take(&mut self.kept);
        let (block, kept) = with_threads(threads, || round.run(kept));
        let decimals = &block[usize::from(out == 0)..];
        let moved = times(residue, power(10, decimals.len() as u64));
        self.residue = plus(moved, residue_of_digits(decimals));
        self.out += block.len();
        if round.is_last() {
            self.go_on_without_end();
        } else {
            self.kept = kept;
            self.target = self.schedule.next_target(target);
        }
        block
    }

    /// Plans to start over without an end, behind the digits that are out: a sum that was cut for
    /// an end is no start for more digits.
    fn go_on_without_end(&mut self) {
        self.schedule = Schedule::Unbounded;
        self.target = self.schedule.next_target(self.target);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigint::testing::faults;
    use crate::pi::DigitCount;
    use crate::pi::series::chudnovsky::CHUDNOVSKY;
    use crate::pi::series::gosper::GOSPER;
    use crate::pi::verify::{check_digits, check_fraction};
    use std::panic::catch_unwind;

    fn count(n: u64) -> DigitCount {
        DigitCount::new(n).unwrap()
    }

    #[test]
    fn a_stream_verifies_itself() {
        for series in [&CHUDNOVSKY, &GOSPER] {
            let mut unbounded = Stream::new(series, Schedule::Unbounded);
            for _ in 0..3 {
                let _ = unbounded.next_block();
                assert!(check_fraction(&unbounded.kept.fraction.limbs, 1).agrees());
            }
            for schedule in [Schedule::Early(count(2000)), Schedule::AtOnce(count(2000))] {
                assert!(check_digits(&Stream::new(series, schedule).next_block(), 1).agrees());
            }
        }
    }

    #[test]
    fn blocks_end_where_the_schedule_ends() {
        for n in [1, 2, 3, 10, 999, 1000, 1001, 3999, 4000, 4001, 4002, 16_001, 16_004, 20_000] {
            for schedule in [Schedule::Early(count(n)), Schedule::AtOnce(count(n))] {
                let mut stream = Stream::new(&CHUDNOVSKY, schedule);
                let (mut digits, mut blocks) = (0, 0);
                while digits < n {
                    digits += stream.next_block().len() as u64;
                    blocks += 1;
                }
                assert_eq!(digits, n, "{schedule:?}");
                assert!(blocks == 1 || matches!(schedule, Schedule::Early(_)), "{schedule:?}");
                assert_eq!(blocks > 1, n > 4001 && matches!(schedule, Schedule::Early(_)), "{schedule:?}");
            }
        }
    }

    /// The digits that are out have no certificate of their own when the next block is computed.
    #[test]
    #[should_panic(expected = "disagree twice")]
    fn a_later_block_notices_a_wrong_digit_before_it() {
        let mut stream = Stream::new(&CHUDNOVSKY, Schedule::Unbounded);
        let _ = stream.next_block();
        stream.residue = plus(stream.residue, power(10, 500));
        let _ = stream.next_block();
    }

    /// Flips a bit of each number in turn, as a faulty machine does: of sums and their parts, of
    /// the root, the ratio and the power of five, in a text and in a stream.
    #[test]
    fn every_fault_is_noticed_or_repaired() {
        let digits = |series, schedule| {
            let mut stream = Stream::new(series, schedule);
            let mut text = Vec::new();
            while text.len() < 8000 {
                text.extend(stream.next_block());
            }
            text
        };
        let mut faults_done = 0;
        for series in [&CHUDNOVSKY, &GOSPER] {
            for schedule in [Schedule::AtOnce(count(8000)), Schedule::Unbounded] {
                let expected = digits(series, schedule);
                for at in (0..).step_by(if series.alternating { 1 } else { 11 }) {
                    faults::plan(at, 7919 * at as usize + 13);
                    let found = catch_unwind(|| digits(series, schedule));
                    if !faults::was_done() {
                        break;
                    }
                    faults_done += 1;
                    match found {
                        // A bit below the guard digits is no error of the text.
                        Ok(text) => assert!(text == expected, "fault {at} of {schedule:?}"),
                        Err(payload) => {
                            let text = payload.downcast_ref::<String>().map(String::as_str);
                            let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or_default();
                            assert!(text.contains("do not trust"), "fault {at} of {schedule:?}: {text}");
                        }
                    }
                }
            }
        }
        assert!(faults_done > 500, "{faults_done} faults");
    }

    #[test]
    fn threads_do_not_change_digits() {
        let block = |threads| {
            let mut stream = Stream::new(&CHUDNOVSKY, Schedule::AtOnce(count(30_000)));
            stream.use_threads(threads);
            stream.next_block()
        };
        for threads in [2, 3, 4] {
            assert!(block(threads) == block(1), "{threads} threads");
        }
    }
}
