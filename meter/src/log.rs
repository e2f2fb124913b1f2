//! The log of a sandbox: the function's own lines between START, END and REPORT.

use std::collections::VecDeque;
use std::fmt;
use std::io::Write;

/// Bytes that `LogType=Tail` returns.
const TAIL_SIZE: usize = 4096;

/// Forwards a log as it is written, and keeps its last 4 KB.
pub struct Log {
    out: Box<dyn Write + Send>,
    tail: VecDeque<u8>,
    at_line_start: bool,
}

impl Log {
    /// A log that is forwarded to `out`; lines that `out` refuses are dropped.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, tail: VecDeque::with_capacity(TAIL_SIZE), at_line_start: true }
    }

    /// A log that goes to standard error.
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::new(Box::new(std::io::stderr()))
    }

    /// Adds output of the function, unchanged.
    pub fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.at_line_start = *last == b'\n';
        self.tail.extend(bytes);
        let surplus = self.tail.len().saturating_sub(TAIL_SIZE);
        self.tail.drain(..surplus);
        // A closed standard error must not end a measurement.
        let _ = self.out.write_all(bytes).and_then(|()| self.out.flush());
    }

    /// Adds a line of the platform, after a newline if the function's last line has none.
    pub fn line(&mut self, line: &str) {
        let newline = if self.at_line_start { "" } else { "\n" };
        self.write(format!("{newline}{line}\n").as_bytes());
    }

    /// Empties the tail, at the start of an invocation.
    pub fn start_tail(&mut self) {
        self.tail.clear();
    }

    /// The last 4 KB since [`start_tail`](Self::start_tail).
    #[must_use]
    pub fn tail(&self) -> Vec<u8> {
        self.tail.iter().copied().collect()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("tail", &self.tail.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_lines_stand_alone() {
        let mut log = Log::new(Box::new(std::io::sink()));
        log.line("START");
        log.write(b"no newline");
        log.line("END");
        assert_eq!(log.tail(), b"START\nno newline\nEND\n");
        log.start_tail();
        log.line("START");
        assert_eq!(log.tail(), b"START\n");
    }

    #[test]
    fn the_tail_is_the_last_4_kb() {
        let mut log = Log::new(Box::new(std::io::sink()));
        log.write(&vec![b'a'; TAIL_SIZE]);
        log.write(b"bcd");
        let tail = log.tail();
        assert_eq!((tail.len(), &tail[TAIL_SIZE - 4..]), (TAIL_SIZE, &b"abcd"[..]));
    }
}
