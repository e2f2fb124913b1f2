//! Messages of the program itself, on standard error.
//!
//! A message must not end the work that it tells of. `eprintln!` panics where the reader of standard error
//! has gone away; the functions here drop the message.

use std::io::{Write, stderr};

/// Prints a line after the name of the program.
pub fn say(line: &str) {
    print(&format!("lambda-meter: {line}\n"));
}

/// Prints a text as it is, in one call: functions write to standard error too.
pub(crate) fn print(text: &str) {
    let _ = stderr().write_all(text.as_bytes());
}
