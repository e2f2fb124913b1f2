//! A law that panics is broken too.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Mutex;

/// Where the last panic came from; only its place needs the hook.
static PLACE: Mutex<String> = Mutex::new(String::new());

/// Keeps the words of caught panics off the terminal: [`caught`] returns them.
pub fn hush() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut last) = PLACE.lock() {
            *last = place;
        }
    }));
}

/// What `law` says, or what its panic said.
///
/// # Errors
/// If the law is broken.
pub fn caught(law: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(law)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let place = PLACE.lock().map(|place| place.clone()).unwrap_or_default();
        Err(format!("panic at {place}: {}", text.unwrap_or("without a message")))
    })
}
