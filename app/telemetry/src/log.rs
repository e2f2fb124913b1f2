//! Lines for people on standard error, which Lambda puts into the function's log.

use std::fmt::Display;

/// Prints one line. A log that cannot be written must not end the extension.
pub(crate) fn line(text: impl Display) {
    use std::io::Write;
    // One write, so that the line is not torn apart by a line of the function.
    let line = format!("pi-telemetry: {text}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
