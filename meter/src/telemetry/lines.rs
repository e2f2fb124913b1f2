//! Lines of a process's output, cut from the pieces in which they arrive.

use super::{Category, Event, Telemetry};
use std::sync::Arc;

/// The longest line of one event; a longer line becomes several events.
const LONGEST: usize = 256 * 1024;

/// Cuts output into lines, each an event.
#[derive(Debug)]
pub struct Lines {
    telemetry: Arc<Telemetry>,
    category: Category,
    rest: Vec<u8>,
}

impl Lines {
    /// Lines of this stream.
    #[must_use]
    pub fn new(telemetry: Arc<Telemetry>, category: Category) -> Self {
        Self { telemetry, category, rest: Vec::new() }
    }

    /// Adds a piece of output.
    pub fn write(&mut self, bytes: &[u8]) {
        if !self.telemetry.is_wanted() {
            self.rest.clear();
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            for part in piece.chunks(LONGEST) {
                self.rest.extend_from_slice(part);
                if self.rest.ends_with(b"\n") || self.rest.len() >= LONGEST {
                    self.end();
                }
            }
        }
    }

    /// Ends a line that has no newline yet.
    pub fn end(&mut self) {
        let line = String::from_utf8_lossy(&self.rest);
        if !line.is_empty() {
            self.telemetry.emit(&Event::line(self.category, &line));
        }
        self.rest.clear();
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.end();
    }
}
