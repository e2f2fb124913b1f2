//! Estimates of the time of a computation: the time on a reference machine, scaled to this one.
//!
//! ```text
//! cost     time on the reference machine at full speed on one thread
//! pace     wall time here per 1,000 of cost: first from the memory size (1,769 MB is one vCPU,
//!          less memory a part of one), later measured
//! ```
//!
//! Neither a guessed pace nor the pace of one slow moment refuses a request: first [`calibrate`] computes
//! for three of Lambda's throttling periods of 20 ms and measures. A request is refused at once only if
//! a processor of four times the speed would be too slow.

use pi_spigot::pi::{Algorithm, DigitCount, Text};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The measured pace; 0 before the first measurement.
static MEASURED: AtomicU64 = AtomicU64::new(0);

/// The pace of the reference machine.
const EVEN: u64 = 1000;
/// The pace of the fastest conceivable processor.
const FASTEST: u64 = EVEN / 4;
/// The shortest useful measurement: a shorter one shows a throttling period, not the share of a vCPU.
const WORTH_MEASURING: Duration = Duration::from_millis(100);

/// Microseconds that the first `digits` digits take on the reference machine.
pub(crate) fn cost(algorithm: Algorithm, digits: u64) -> u64 {
    let count = DigitCount::new(digits.max(1)).unwrap_or(DigitCount::MAX);
    algorithm.reference_time(count).as_micros() as u64
}

/// `value part / whole`.
fn scaled(value: u64, part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(value) * u128::from(part) / u128::from(whole)).unwrap_or(u64::MAX)
}

/// The pace that the memory size promises: one vCPU at 1,769 MB, a part of one below.
pub(crate) fn promised(memory_mb: Option<u64>) -> u64 {
    memory_mb.map_or(EVEN, |mb| (EVEN * 1769 / mb.max(1)).max(EVEN))
}

/// The wall time of a cost at a pace.
pub(crate) fn wall(cost: u64, pace: u64) -> Duration {
    Duration::from_micros(scaled(cost, pace, EVEN))
}

/// Tells if `cost` is done within `left`.
///
/// # Errors
/// The pace at which it is not.
pub(crate) fn fits(cost: u64, left: Duration, memory_mb: Option<u64>) -> Result<(), u64> {
    let known = MEASURED.load(Ordering::Relaxed);
    let believed = if known == 0 { promised(memory_mb) } else { known };
    if wall(cost, believed) <= left {
        return Ok(());
    }
    if wall(cost, FASTEST) > left {
        return Err(believed);
    }
    let pace = calibrate(left);
    if wall(cost, pace) <= left { Ok(()) } else { Err(pace) }
}

/// The most digits that are done within `left` at a pace.
pub(crate) fn most(algorithm: Algorithm, left: Duration, pace: u64) -> u64 {
    largest(|digits| wall(cost(algorithm, digits), pace) <= left)
}

/// The largest count that `fits`, which must hold for all smaller counts too; 0 if none fits.
pub(crate) fn largest(fits: impl Fn(u64) -> bool) -> u64 {
    let (mut yes, mut no) = (0, DigitCount::MAX.get() + 1);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if fits(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    yes
}

/// Updates the pace by a computation that took `time`.
pub(crate) fn learn(cost: u64, time: Duration) {
    if time >= WORTH_MEASURING {
        let pace = scaled(time.as_micros() as u64, EVEN, cost.max(1)).max(1);
        let known = MEASURED.load(Ordering::Relaxed);
        MEASURED.store(if known == 0 { pace } else { u64::midpoint(known, pace).max(1) }, Ordering::Relaxed);
    }
}

/// Measures the pace by a computation of 60 ms, or of a tenth of the time left.
fn calibrate(left: Duration) -> u64 {
    let (runs, time) = speed(Duration::from_millis(60).min(left / 10));
    let pace =
        scaled(time.as_micros() as u64, EVEN, runs * cost(Algorithm::default(), CALIBRATION.get())).max(1);
    MEASURED.store(pace, Ordering::Relaxed);
    pace
}

/// The digits that a calibration computes repeatedly.
pub(crate) const CALIBRATION: DigitCount = match DigitCount::new_const(10_000) {
    Some(count) => count,
    None => unreachable!(),
};

/// Computes 10,000 digits repeatedly for at least `time`; the number of runs, and their time.
pub(crate) fn speed(time: Duration) -> (u64, Duration) {
    let start = Instant::now();
    let mut runs = 0;
    loop {
        let mut text = Text::new(Algorithm::default(), CALIBRATION);
        while text.next_block().is_some() {}
        runs += 1;
        let elapsed = start.elapsed();
        if elapsed >= time {
            return (runs, elapsed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_rise_and_are_those_of_the_engine() {
        for (algorithm, micros) in
            [(Algorithm::Chudnovsky, 12_000), (Algorithm::Gosper, 60_000), (Algorithm::Gibbons, 19_000_000)]
        {
            assert_eq!(cost(algorithm, 100_000), micros);
            assert!(cost(algorithm, 100_001) >= micros && cost(algorithm, 200_000) >= micros);
            assert!(cost(algorithm, DigitCount::MAX.get()) > 1_000_000_000_000);
        }
    }

    #[test]
    fn the_largest_count_that_fits() {
        assert_eq!(largest(|n| n <= 12_345), 12_345);
        assert_eq!((largest(|_| false), largest(|_| true)), (0, DigitCount::MAX.get()));
        let left = Duration::from_secs(3);
        let n = most(Algorithm::Gosper, left, 2000);
        assert!(
            wall(cost(Algorithm::Gosper, n), 2000) <= left
                && wall(cost(Algorithm::Gosper, n + 1), 2000) > left
        );
    }

    #[test]
    fn memory_promises_a_share_and_no_more_than_one_processor() {
        assert_eq!((promised(Some(1769)), promised(Some(10_240)), promised(None)), (1000, 1000, 1000));
        assert_eq!(promised(Some(128)), 13_820);
    }

    #[test]
    fn a_slow_moment_refuses_nothing_for_ever() {
        learn(1000, Duration::from_secs(1000));
        let million = cost(Algorithm::Chudnovsky, 1_000_000);
        assert_eq!(fits(million, Duration::from_secs(600), None), Ok(()));
        assert!(wall(million, MEASURED.load(Ordering::Relaxed)) < Duration::from_secs(600));
    }

    #[test]
    fn what_no_machine_does_in_time_is_refused_and_a_trifle_is_not() {
        assert_eq!(fits(100, Duration::from_secs(60), Some(128)), Ok(()));
        assert!(fits(u64::MAX, Duration::from_secs(900), Some(10_240)).is_err());
    }
}
