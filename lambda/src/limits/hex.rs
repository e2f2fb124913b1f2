//! The time of hexadecimal sums: modular squarings by a rate that is measured here.
//!
//! The rate depends on processor, level, threads and size of the moduli, so that nothing but a
//! measurement on terms of the same sum tells it. Trifles are admitted without one.

use super::{Capacity, Deadline, estimate};
use crate::contract::{EventError, Room};
use pi_spigot::pi::Algorithm;
use pi_spigot::pi::hex::{Formula, Part, squarings};
use std::ops::Range;
use std::time::{Duration, Instant};

/// Seconds of a squaring that no processor exceeds on a full vCPU.
const SLOWEST: f64 = 3e-9;
/// Seconds of a measurement: three of Lambda's throttling periods.
const MEASUREMENT: f64 = 0.06;
/// Terms of the first sample, a fraction of a millisecond; each further one is twice as long.
const FIRST_TERMS: u64 = 1 << 10;
/// Terms of the longest sample.
const MOST_TERMS: u64 = 1 << 30;
/// The part of the time left that a part of a plan may take, as a divisor.
const SPARE: f64 = 2.0;

/// The rate of this sandbox for a sum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate(f64);

impl Rate {
    /// Measures terms in the middle of a part, on all threads, for a tenth of the time left at most.
    pub(crate) fn measured(sample: &Part, capacity: Capacity, deadline: Deadline) -> Self {
        let left = deadline.left().map_or(f64::MAX, |left| left.as_secs_f64());
        let Range { start: first, end } = sample.terms();
        let (start, mut done, mut terms) = (Instant::now(), 0.0, FIRST_TERMS);
        loop {
            let middle = first + (end - first) / 2;
            let part = Part::new(sample.formula(), sample.bit(), middle..end.min(middle + terms));
            let part = part.unwrap_or_else(|_| sample.clone());
            let _ = part.sum(capacity.threads);
            (done, terms) = (done + squarings(&part), (2 * terms).min(MOST_TERMS));
            let elapsed = start.elapsed().as_secs_f64();
            if elapsed >= MEASUREMENT.min(left / 10.0) {
                return Self(elapsed / done);
            }
        }
    }

    /// Seconds for so many squarings.
    pub(crate) fn seconds(self, squarings: f64) -> f64 {
        squarings * self.0
    }
}

/// The cost of digits: a sum for every so many of them that are certain.
pub(crate) fn cost(formula: Formula, position: u64, count: u64) -> f64 {
    let Ok(whole) = Part::at(formula, position) else { return f64::MAX };
    let terms = whole.terms();
    let uncertain = (terms.end * formula.fractions()).ilog2() + 8;
    squarings(&whole) * count.div_ceil(u64::from((128 - uncertain) / 4)) as f64
}

/// Refuses digits that are not ready in time, and names the last position that is.
pub(crate) fn digits_fit(
    (formula, position, count): (Formula, u64, u64),
    capacity: Capacity,
    deadline: Deadline,
) -> Result<(), EventError> {
    let whole = match Part::at(formula, position) {
        Ok(whole) if !trifle(cost(formula, position, count), capacity, deadline) => whole,
        _ => return Ok(()),
    };
    fits(&whole, cost(formula, position, count), capacity, deadline, |rate, left| {
        let (mut yes, mut no) = (0, position);
        while no - yes > 1 {
            let middle = yes + (no - yes) / 2;
            if rate.seconds(cost(formula, middle, count)) <= left {
                yes = middle;
            } else {
                no = middle;
            }
        }
        Room::Position(yes)
    })
}

/// Refuses a part of a job that is not ready in time, and names the number of parts that are.
pub(crate) fn part_fits(
    part: &Part,
    whole: &Part,
    capacity: Capacity,
    deadline: Deadline,
) -> Result<(), EventError> {
    let cost = squarings(part);
    if trifle(cost, capacity, deadline) {
        return Ok(());
    }
    let parts =
        |rate: Rate, left: f64| Room::Parts((rate.seconds(squarings(whole)) / left * SPARE).ceil() as u64);
    fits(part, cost, capacity, deadline, parts)
}

/// The longest part that a plan of this function may have, in seconds.
pub(crate) fn longest_part(deadline: Deadline) -> f64 {
    deadline.left().map_or(f64::MAX, |left| left.as_secs_f64() / SPARE)
}

/// Tells if the slowest processor would be done in time.
fn trifle(squarings: f64, capacity: Capacity, deadline: Deadline) -> bool {
    let share = estimate::promised(capacity.memory_mb) as f64 / 1e3;
    deadline.left().is_none_or(|left| squarings * SLOWEST * share <= left.as_secs_f64())
}

fn fits(
    sample: &Part,
    cost: f64,
    capacity: Capacity,
    deadline: Deadline,
    room: impl FnOnce(Rate, f64) -> Room,
) -> Result<(), EventError> {
    let rate = Rate::measured(sample, capacity, deadline);
    let (needed, left) = (rate.seconds(cost), deadline.left().map_or(f64::MAX, |left| left.as_secs_f64()));
    if needed <= left {
        return Ok(());
    }
    Err(EventError::InsufficientTime {
        estimated_ms: (needed * 1e3) as u64,
        left_ms: Duration::from_secs_f64(left).as_millis() as u64,
        room: room(rate, left),
        algorithm: Algorithm::default(),
        memory_mb: capacity.memory_mb,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_spigot::pi::hex::share;

    const FULL: Capacity = Capacity { threads: 1, memory_mb: Some(1769) };

    fn refused(position: u64, count: u64, seconds: u64) -> Option<EventError> {
        let deadline = Deadline::after(Duration::from_secs(seconds));
        digits_fit((Formula::Bellard, position, count), FULL, deadline).err()
    }

    #[test]
    fn a_far_position_is_refused_with_one_that_fits() {
        assert_eq!(refused(1000, 16, 3), None);
        let Some(EventError::InsufficientTime { estimated_ms, room: Room::Position(fits), .. }) =
            refused(1_000_000_000_000_000, 16, 3)
        else {
            panic!("no function computes it in 3 s")
        };
        assert!(estimated_ms > 1_000_000 && fits > 1000 && fits < 1_000_000_000_000, "{estimated_ms} {fits}");
    }

    #[test]
    fn many_digits_take_many_sums() {
        let one = cost(Formula::Bellard, 1_000_000, 16);
        assert_eq!(cost(Formula::Bellard, 1_000_000, 24), one);
        assert_eq!(cost(Formula::Bellard, 1_000_000, 240), 10.0 * one);
        assert!(cost(Formula::Bbp, 1_000_000, 16) > 1.3 * one);
        assert_eq!(cost(Formula::Bellard, u64::MAX, 16), f64::MAX);
    }

    #[test]
    fn a_part_of_too_few_is_refused_with_enough() {
        let whole = Part::at(Formula::Bellard, 10_000_000_000_000).unwrap();
        let deadline = Deadline::after(Duration::from_secs(3));
        let error = part_fits(&share(&whole, 2, 0).unwrap(), &whole, FULL, deadline).unwrap_err();
        let EventError::InsufficientTime { room: Room::Parts(enough), .. } = error else { panic!("{error}") };
        assert_eq!(part_fits(&share(&whole, 4 * enough, 0).unwrap(), &whole, FULL, deadline), Ok(()));
    }
}
