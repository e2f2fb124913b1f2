//! The JSON contract of the function: what a direct invocation may say, and
//! what it is answered.
//!
//! ```
//! use pi_spigot::event;
//!
//! let answer = event::answer(br#"{"digits": "1_0"}"#, "request-1", event::Capacity::UNCHECKED).unwrap();
//! assert_eq!(answer.request.digits.get(), 10);
//!
//! let error = event::answer(br#"{"digits": 0}"#, "request-2", event::Capacity::UNCHECKED).unwrap_err();
//! assert_eq!(error.error_type(), "InvalidDigits");
//! ```
//!
//! | request field | values | default |
//! |---|---|---|
//! | `digits` | significant digits, the leading 3 included: an integer from 1 (`10000`, also as `1e4` or `10000.0`), or a string in which `_` may separate (`"10_000"`) | required |
//! | `algorithm` | a name of [`Algorithm`](crate::pi::Algorithm) | the fastest |
//! | `output` | `"digits"`, or `"digest"`: everything but the digits themselves | `"digits"` |

mod capacity;
mod error;
mod json;
mod number;
mod request;
mod response;

pub use capacity::Capacity;
pub use error::EventError;
pub use request::{Output, Request};
pub use response::{Answer, Response};

/// Answers one direct invocation: parses, refuses what cannot fit, computes,
/// digests.
///
/// # Errors
/// Whatever is wrong with the payload, and a panic while computing, as an
/// [`EventError`]; the function is ready for the next invocation.
pub fn answer(payload: &[u8], request_id: &str, capacity: Capacity) -> Result<Answer, EventError> {
    let request = Request::from_json(payload)?;
    capacity.admit(&request)?;
    let response = error::catch_panic(|| Response::compute(&request, request_id, capacity.threads))?;
    Ok(Answer { request, response })
}
