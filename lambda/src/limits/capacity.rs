//! Admission of requests: response size, memory and time are checked before the computation.

use super::Deadline;
use super::estimate::{self, cost, fits, largest};
use crate::cache;
use crate::contract::{Channel, EventError, Output, Request, Room};
use crate::quotas::{LOAD_BALANCER_LIMIT, MOST_MEMORY_MB, STREAM_LIMIT, WHOLE_CPU_MB, WHOLE_LIMIT};
use pi_spigot::pi::DigitCount;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

/// The size of a response without its digits, with room for long ids and headers.
const FRAME: u64 = 3 * 1024;

/// The copies of the text that exist at once: the block of the engine, the text, the response.
const COPIES: u64 = 3;

/// The margin above the engine's table of peaks, as a divisor. Memory rises in steps with the lengths
/// of transforms: the highest measured step was an eighth above the line between two rows.
const BETWEEN: u64 = 8;

const MB: u64 = 1024 * 1024;

/// Bytes granted to the invocations in progress; several at once on managed instances only.
static IN_USE: AtomicU64 = AtomicU64::new(0);

/// The threads and the memory of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The threads of the computation.
    pub threads: usize,
    /// The memory size of the function in MB; `None` disables the check.
    pub memory_mb: Option<u64>,
}

/// Granted memory; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Granted(u64);

impl Granted {
    /// Grants more bytes if all grants stay within `limit`. One atomic step, because another invocation
    /// may ask at the same moment.
    fn grow(&mut self, bytes: u64, limit: u64) -> bool {
        let within = |used: u64| used.checked_add(bytes).filter(|&used| used <= limit);
        let grown = IN_USE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok();
        if grown {
            self.0 += bytes;
        }
        grown
    }
}

impl Drop for Granted {
    fn drop(&mut self) {
        IN_USE.fetch_sub(self.0, Ordering::Relaxed);
    }
}

impl Capacity {
    /// One thread, memory unchecked.
    pub const UNCHECKED: Self = Self { threads: 1, memory_mb: None };

    /// The capacity of a memory size: a thread for each full vCPU.
    #[must_use]
    pub fn of_memory(memory_mb: u64) -> Self {
        let granted = granted_threads(memory_mb);
        // Ask only if it matters: the question reads files.
        let there = || available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = if granted == 1 { 1 } else { granted.min(there()) };
        Self { threads, memory_mb: Some(memory_mb) }
    }

    /// Refuses a request that does not fit.
    pub(crate) fn admit(
        self,
        request: &Request,
        channel: Channel,
        deadline: Deadline,
    ) -> Result<Granted, EventError> {
        response_fits(request, channel)?;
        let granted = self.memory_fits(request)?;
        self.time_fits(request, deadline)?;
        Ok(granted)
    }

    /// Grants the additional memory for digits that stay in the cache; false if there is none.
    pub(crate) fn can_keep(self, request: &Request, granted: &mut Granted) -> bool {
        let text = if request.output == Output::Digits { COPIES * request.digits.get() } else { 0 };
        let needed = cache::peak(request.algorithm, request.last().get()).saturating_add(text);
        granted.grow(needed.saturating_sub(granted.0), self.limit())
    }

    /// The bytes of all invocations together.
    fn limit(self) -> u64 {
        self.memory_mb.map_or(u64::MAX, |memory_mb| memory_mb.saturating_mul(MB))
    }

    fn memory_fits(self, request: &Request) -> Result<Granted, EventError> {
        let mut granted = Granted(0);
        let Some(memory_mb) = self.memory_mb else { return Ok(granted) };
        let required = self.required(request, request.from.get(), request.digits.get());
        let limit = self.limit();
        if granted.grow(required, limit.saturating_sub(cache::bytes())) {
            return Ok(granted);
        }
        cache::forget();
        if granted.grow(required, limit) {
            return Ok(granted);
        }
        let free = limit.saturating_sub(IN_USE.load(Ordering::Relaxed));
        let room = room(request, |from, digits| self.required(request, from, digits) <= free);
        Err(EventError::InsufficientMemory { required_mb: self.enough_mb(request), memory_mb, room })
    }

    /// The memory size that is enough for a request. More memory brings more threads, which need more.
    fn enough_mb(mut self, request: &Request) -> u64 {
        loop {
            let required = self.required(request, request.from.get(), request.digits.get());
            let enough = required.div_ceil(MB);
            let threads = granted_threads(enough);
            if threads <= self.threads {
                return enough;
            }
            self.threads = threads;
        }
    }

    /// The bytes that a request for `digits` digits from position `from` needs.
    fn required(self, request: &Request, from: u64, digits: u64) -> u64 {
        let text = if request.output == Output::Digits { digits } else { 0 };
        let Ok(last) = DigitCount::new(from - 1 + digits) else { return u64::MAX };
        let computation = request.algorithm.memory_required(last, self.threads);
        let between = computation / BETWEEN;
        computation.saturating_add(between).saturating_add(COPIES.saturating_mul(text))
    }

    fn time_fits(self, request: &Request, deadline: Deadline) -> Result<(), EventError> {
        let Some(left) = deadline.left() else { return Ok(()) };
        let (algorithm, last) = (request.algorithm, request.last().get());
        if request.reuse && cache::has(algorithm, last) {
            return Ok(());
        }
        let cost = cost(algorithm, last);
        fits(cost, left, self.memory_mb).map_err(|pace| {
            let most = estimate::most(algorithm, left, pace);
            EventError::InsufficientTime {
                estimated_ms: estimate::wall(cost, pace).as_millis() as u64,
                left_ms: left.as_millis() as u64,
                room: room(request, |from, digits| from - 1 + digits <= most),
                algorithm,
                memory_mb: self.memory_mb,
            }
        })
    }
}

/// The threads of a memory size.
fn granted_threads(memory_mb: u64) -> usize {
    (memory_mb.min(MOST_MEMORY_MB) / WHOLE_CPU_MB).max(1) as usize
}

/// The digits that would fit, by `fits` of position and digits.
fn room(request: &Request, fits: impl Fn(u64, u64) -> bool) -> Room {
    match (request.from.get(), largest(|digits| fits(request.from.get(), digits))) {
        (from, 0) if from > 1 => Room::FromTheFirst(largest(|digits| fits(1, digits))),
        (_, most) => Room::Digits(most),
    }
}

fn response_fits(request: &Request, channel: Channel) -> Result<(), EventError> {
    let limit = match channel {
        Channel::Whole => WHOLE_LIMIT,
        Channel::LoadBalancer => LOAD_BALANCER_LIMIT,
        Channel::Stream => STREAM_LIMIT,
    };
    let most = limit - FRAME - 1;
    if request.output == Output::Digest || request.digits.get() <= most {
        return Ok(());
    }
    Err(EventError::ResponseTooLarge { most, channel })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    /// Keeps other tests out: grants are counted for the whole process, in which tests run in parallel.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(payload: &str, memory_mb: u64) -> Result<(), EventError> {
        let request = Request::from_json(payload.as_bytes()).unwrap();
        let channel = if request.output == Output::Stream { Channel::Stream } else { Channel::Whole };
        let capacity = Capacity { threads: 1, memory_mb: Some(memory_mb) };
        let _alone = alone();
        capacity.admit(&request, channel, Deadline::never()).map(drop)
    }

    #[test]
    fn the_response_has_room_for_six_megabytes_of_digits_and_a_stream_for_200() {
        for output in ["digits", "stream"] {
            let asked = |digits: u64| format!(r#"{{"digits": {digits}, "output": "{output}"}}"#);
            let Err(EventError::ResponseTooLarge { most, .. }) = admit(&asked(300_000_000), 10_240) else {
                panic!("it does not fit")
            };
            assert!(most > if output == "stream" { 209_000_000 } else { 6_200_000 });
            assert_eq!(admit(&asked(most), 10_240), Ok(()));
            assert_eq!(admit(&asked(most + 1), 10_240).unwrap_err().error_type(), "ResponseTooLarge");
        }
    }

    #[test]
    fn the_most_that_can_be_asked_for_needs_more_than_any_function_has() {
        for algorithm in pi_spigot::pi::Algorithm::ALL {
            let payload = format!(r#"{{"digits": 1e12, "output": "digest", "algorithm": "{algorithm}"}}"#);
            let error = admit(&payload, 10_240).unwrap_err();
            assert_eq!(error.error_type(), "InsufficientMemory", "{algorithm}");
            assert!(error.to_string().contains("no function may have more"), "{error}");
            assert_eq!(admit(&payload.replace("1e12", "1e4"), 128), Ok(()), "{algorithm}");
        }
    }

    #[test]
    fn what_a_memory_error_says_would_fit_does_and_one_more_does_not() {
        for from in [1, 1_000_000] {
            let asked =
                |digits: u64| format!(r#"{{"digits": {digits}, "from": {from}, "output": "digest"}}"#);
            let error = admit(&asked(1_000_000_000), 256);
            let Err(EventError::InsufficientMemory { room: Room::Digits(most), .. }) = error else {
                panic!("it does not fit")
            };
            assert!(most > 1_000_000);
            assert_eq!(admit(&asked(most), 256), Ok(()));
            assert_eq!(admit(&asked(most + 1), 256).unwrap_err().error_type(), "InsufficientMemory");
        }
    }

    #[test]
    fn the_memory_that_an_error_names_is_enough_although_it_brings_threads() {
        let _alone = alone();
        for memory_mb in [128, 2000, 4000] {
            let payload = r#"{"digits": 600000000, "output": "digest"}"#;
            let request = Request::from_json(payload.as_bytes()).unwrap();
            let error =
                Capacity { threads: 1, memory_mb: Some(memory_mb) }.memory_fits(&request).unwrap_err();
            let EventError::InsufficientMemory { required_mb, .. } = error else { panic!("{error}") };
            let enough = |memory_mb| {
                let threads = granted_threads(memory_mb);
                Capacity { threads, memory_mb: Some(memory_mb) }.memory_fits(&request).map(drop)
            };
            assert_eq!(enough(required_mb), Ok(()));
            assert!(enough(required_mb - 1).is_err(), "{required_mb} MB are not too much");
        }
        assert_eq!([128, 1769, 3537, 3538, 10_240, 1 << 40].map(granted_threads), [1, 1, 1, 2, 5, 5]);
    }

    #[test]
    fn from_a_position_that_does_not_fit_an_earlier_one_is_named() {
        let error = admit(r#"{"digits": 5, "from": 900000000, "output": "digest"}"#, 256).unwrap_err();
        let EventError::InsufficientMemory { room: Room::FromTheFirst(most), .. } = error else {
            panic!("{error}")
        };
        assert_eq!(admit(&format!(r#"{{"digits": {most}, "output": "digest"}}"#), 256), Ok(()));
    }

    #[test]
    fn what_is_kept_is_granted_and_given_back() {
        let request =
            Request::from_json(br#"{"digits": 100000, "reuse": true, "output": "digest"}"#).unwrap();
        let capacity = Capacity { threads: 1, memory_mb: Some(64) };
        let _alone = alone();
        let mut granted = Granted(0);
        assert!(granted.grow(1000, u64::MAX));
        assert!(capacity.can_keep(&request, &mut granted) && granted.0 >= 4_800_000);
        assert!(!Capacity { memory_mb: Some(1), ..capacity }.can_keep(&request, &mut Granted(0)));
    }

    #[test]
    fn invocations_at_the_same_moment_are_granted_no_more_than_there_is() {
        const THREADS: usize = 16;
        let request = Request::from_json(br#"{"digits": 2000000, "output": "digest"}"#).unwrap();
        let capacity = Capacity { threads: 1, memory_mb: Some(128) };
        let required = capacity.required(&request, 1, request.digits.get());
        let most = 128 * MB / required;
        assert!((2..THREADS as u64).contains(&most), "some of them, but not all");
        let _alone = alone();
        for _ in 0..100 {
            let start = std::sync::Barrier::new(THREADS);
            let granted: Vec<Granted> = std::thread::scope(|scope| {
                let admit = || {
                    start.wait();
                    capacity.memory_fits(&request).ok()
                };
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(admit)).collect();
                threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(granted.len() as u64, most);
            assert_eq!(IN_USE.load(Ordering::Relaxed), most * required);
        }
        assert_eq!(IN_USE.load(Ordering::Relaxed), 0, "all is given back");
    }

    #[test]
    fn what_no_time_is_left_for_is_refused_with_what_would_be_ready() {
        let request = Request::from_json(br#"{"digits": 1e9, "output": "digest"}"#).unwrap();
        let capacity = Capacity { threads: 1, memory_mb: Some(1000) };
        let deadline = Deadline::after(Duration::from_secs(3));
        let error =
            Capacity { memory_mb: None, ..capacity }.admit(&request, Channel::Whole, deadline).unwrap_err();
        let EventError::InsufficientTime { estimated_ms, left_ms, room: Room::Digits(most), .. } = error
        else {
            panic!("{error}")
        };
        assert!(estimated_ms > 60_000 && left_ms <= 3000 && most > 10_000 && most < 1_000_000_000);
    }
}
