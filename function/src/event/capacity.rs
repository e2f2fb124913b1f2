//! What the function may use, and what a request would need of it: size of the response, memory,
//! time, each looked at before anything is computed.

use super::error::Channel;
use super::estimate::{self, cost, fits, largest};
use super::keep;
use super::{Deadline, EventError, Output, Request};
use std::sync::atomic::{AtomicU64, Ordering};

/// The most that Lambda lets a buffered response have: 6 MB and 100 bytes.
const WHOLE_LIMIT: u64 = 6 * 1024 * 1024 + 100;
/// What a load balancer passes on.
const LOAD_BALANCER_LIMIT: u64 = 1024 * 1024;
/// What Lambda lets a stream have.
const STREAM_LIMIT: u64 = 200 * 1024 * 1024;

/// The response without its digits, with room for long ids and headers.
const FRAME: u64 = 3 * 1024;

/// Copies of the text that exist at once: the engine's block, its owner's, the response.
const COPIES: u64 = 3;

/// The engine's peaks are a table with lengths of transforms between its rows, where memory rises
/// in steps: an eighth is the most that was measured above the line between two rows.
const BETWEEN: u64 = 8;

const MB: u64 = 1024 * 1024;

/// Bytes that invocations at this moment may use; more than one only on managed instances.
static IN_USE: AtomicU64 = AtomicU64::new(0);

/// What an invocation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Threads for the computation.
    pub threads: usize,
    /// Memory of the function in MB; `None` asks for no check.
    pub memory_mb: Option<u64>,
}

/// Memory that was granted; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Granted(u64);

impl Drop for Granted {
    fn drop(&mut self) {
        IN_USE.fetch_sub(self.0, Ordering::Relaxed);
    }
}

impl Capacity {
    /// One thread and whatever memory there is.
    pub const UNCHECKED: Self = Self { threads: 1, memory_mb: None };

    /// Refuses what cannot fit, before it is computed.
    pub(super) fn admit(
        self,
        request: &Request,
        channel: Channel,
        deadline: Deadline,
    ) -> Result<Granted, EventError> {
        response_fits(request, channel)?;
        // Grants are exact only among requests that are admitted one after the other: two at the
        // same moment may both be granted, which managed instances' own limits make rare.
        let granted = self.memory_fits(request)?;
        self.time_fits(request, deadline)?;
        Ok(granted)
    }

    /// Whether there is room for keeping the digits of this request.
    pub(super) fn can_keep(self, request: &Request) -> bool {
        let text = if request.output == Output::Digits { COPIES * request.digits.get() } else { 0 };
        let needed = keep::peak(request.algorithm, request.last().get()).saturating_add(text);
        self.memory_mb.is_none_or(|memory_mb| needed <= memory_mb.saturating_mul(MB))
    }

    fn memory_fits(self, request: &Request) -> Result<Granted, EventError> {
        let required = self.required(request, request.digits.get());
        let Some(memory_mb) = self.memory_mb else { return Ok(grant(0)) };
        let free = |kept: u64| {
            memory_mb.saturating_mul(MB).saturating_sub(IN_USE.load(Ordering::Relaxed)).saturating_sub(kept)
        };
        if required > free(keep::bytes()) {
            keep::forget();
        }
        if required <= free(0) {
            return Ok(grant(required));
        }
        let most = largest(|digits| self.required(request, digits) <= free(0));
        Err(EventError::InsufficientMemory { required_mb: required.div_ceil(MB), memory_mb, most })
    }

    /// Bytes that a request needs if it asks for `digits` digits.
    fn required(self, request: &Request, digits: u64) -> u64 {
        let last = request.from.get() - 1 + digits;
        let text = if request.output == Output::Digits { digits } else { 0 };
        let Ok(last) = pi_spigot::pi::DigitCount::new(last) else { return u64::MAX };
        let computation = request.algorithm.memory_required(last, self.threads);
        let between = computation / BETWEEN;
        computation.saturating_add(between).saturating_add(COPIES.saturating_mul(text))
    }

    fn time_fits(self, request: &Request, deadline: Deadline) -> Result<(), EventError> {
        let Some(left) = deadline.left() else { return Ok(()) };
        let (algorithm, before) = (request.algorithm, request.from.get() - 1);
        let cost = cost(algorithm, before + request.digits.get());
        fits(cost, left, self.memory_mb).map_err(|pace| EventError::InsufficientTime {
            estimated_ms: estimate::wall(cost, pace).as_millis() as u64,
            left_ms: left.as_millis() as u64,
            most: estimate::most(algorithm, left, pace).saturating_sub(before),
            memory_mb: self.memory_mb,
        })
    }
}

fn grant(bytes: u64) -> Granted {
    IN_USE.fetch_add(bytes, Ordering::Relaxed);
    Granted(bytes)
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
    use std::time::Duration;

    fn admit(payload: &str, memory_mb: u64) -> Result<(), EventError> {
        let request = Request::from_json(payload.as_bytes()).unwrap();
        let channel = if request.output == Output::Stream { Channel::Stream } else { Channel::Whole };
        let capacity = Capacity { threads: 1, memory_mb: Some(memory_mb) };
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
            let Err(EventError::InsufficientMemory { most, .. }) = admit(&asked(1_000_000_000), 256) else {
                panic!("it does not fit")
            };
            assert!(most > 1_000_000);
            assert_eq!(admit(&asked(most), 256), Ok(()));
            assert_eq!(admit(&asked(most + 1), 256).unwrap_err().error_type(), "InsufficientMemory");
        }
    }

    #[test]
    fn what_no_time_is_left_for_is_refused_with_what_would_be_ready() {
        let request = Request::from_json(br#"{"digits": 1e9, "output": "digest"}"#).unwrap();
        let capacity = Capacity { threads: 1, memory_mb: Some(1000) };
        let deadline = Deadline::after(Duration::from_secs(3));
        let error =
            Capacity { memory_mb: None, ..capacity }.admit(&request, Channel::Whole, deadline).unwrap_err();
        let EventError::InsufficientTime { estimated_ms, left_ms, most, .. } = error else {
            panic!("{error}")
        };
        assert!(estimated_ms > 60_000 && left_ms <= 3000 && most > 10_000 && most < 1_000_000_000);
    }
}
