//! What the function may use, and what a request would need of it.

use super::{EventError, Output, Request};

/// The most that Lambda lets a buffered response have: 6 MB and 100 bytes.
const RESPONSE_LIMIT: u64 = 6 * 1024 * 1024 + 100;

/// The response without its digits, with room for a long request id.
const FRAME: u64 = 1024;

/// Copies of the text that exist at once: the digits, the response, its body
/// and what the connection has not sent.
const COPIES: u64 = 4;

/// What an invocation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Threads for the computation.
    pub threads: usize,
    /// Memory of the function in MB; `None` asks for no check.
    pub memory_mb: Option<u64>,
}

impl Capacity {
    /// One thread and whatever memory there is.
    pub const UNCHECKED: Self = Self { threads: 1, memory_mb: None };

    /// Refuses what cannot fit, before it is computed.
    pub(super) fn admit(self, request: &Request) -> Result<(), EventError> {
        let text = if request.output == Output::Digits { request.digits.text_len() } else { 0 };
        if text + FRAME > RESPONSE_LIMIT {
            return Err(EventError::ResponseTooLarge { most: RESPONSE_LIMIT - FRAME - 1 });
        }
        let computation = request.algorithm.memory_required(request.digits, self.threads);
        let required_mb = (computation + COPIES * text).div_ceil(1024 * 1024);
        match self.memory_mb {
            Some(memory_mb) if required_mb > memory_mb => {
                Err(EventError::InsufficientMemory { required_mb, memory_mb })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(payload: &str, memory_mb: u64) -> Result<(), EventError> {
        let request = Request::from_json(payload.as_bytes()).unwrap();
        Capacity { threads: 1, memory_mb: Some(memory_mb) }.admit(&request)
    }

    #[test]
    fn the_response_has_room_for_six_megabytes_of_digits() {
        let EventError::ResponseTooLarge { most } = admit(r#"{"digits": 7000000}"#, 10_240).unwrap_err()
        else {
            panic!("it does not fit")
        };
        assert_eq!(admit(&format!(r#"{{"digits": {most}}}"#), 10_240), Ok(()));
        let one_more = admit(&format!(r#"{{"digits": {}}}"#, most + 1), 10_240);
        assert_eq!(one_more, Err(EventError::ResponseTooLarge { most }));
    }

    #[test]
    fn the_most_that_can_be_asked_for_needs_more_than_any_function_has() {
        for algorithm in crate::pi::Algorithm::ALL {
            let payload = format!(r#"{{"digits": 1e12, "output": "digest", "algorithm": "{algorithm}"}}"#);
            let error = admit(&payload, 10_240).unwrap_err();
            assert_eq!(error.error_type(), "InsufficientMemory", "{algorithm}");
            assert_eq!(admit(&payload.replace("1e12", "1e4"), 128), Ok(()), "{algorithm}");
        }
    }
}
