//! Panics of a law: a law that panics is broken.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Mutex;

/// Place of the last panic; only a hook learns it.
static PLACE: Mutex<String> = Mutex::new(String::new());

/// Keeps messages of caught panics off the terminal: [`caught`] returns them.
pub fn hush() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut last) = PLACE.lock() {
            *last = place;
        }
    }));
}

/// Runs `law`; a panic counts as an error.
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
