//! The function's standard output and standard error, through one pipe.
//!
//! A single pipe keeps the lines in the order in which they were written.

use crate::log::Log;
use crate::telemetry::Lines;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

const BUFFER_SIZE: usize = 16 * 1024;

/// A log shared by the function's output and the platform's lines.
#[derive(Debug, Clone)]
pub(super) struct SharedLog(Arc<Mutex<Log>>);

impl SharedLog {
    pub(super) fn new(log: Log) -> Self {
        Self(Arc::new(Mutex::new(log)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forwards the function's output to the log while the function runs.
#[derive(Debug)]
pub(super) struct Output {
    reader: Arc<Receiver>,
    sink: Sink,
    pump: JoinHandle<()>,
}

/// The log, and the lines for subscribers of telemetry.
#[derive(Debug, Clone)]
struct Sink {
    log: SharedLog,
    lines: Arc<Mutex<Lines>>,
}

impl Sink {
    fn write(&self, bytes: &[u8]) {
        self.log.lock().write(bytes);
        self.lines().write(bytes);
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output {
    /// Opens a pipe to the log and to `lines`; returns the reader, and its ends for standard output and
    /// error.
    pub(super) fn open(log: &SharedLog, lines: Lines) -> io::Result<(Self, Stdio, Stdio)> {
        let (reader, writer) = io::pipe()?;
        let reader = Arc::new(Receiver::from_owned_fd(reader.into())?);
        let sink = Sink { log: log.clone(), lines: Arc::new(Mutex::new(lines)) };
        let pump = tokio::spawn(pump(Arc::clone(&reader), sink.clone()));
        let (stdout, stderr) = (writer.try_clone()?.into(), writer.into());
        Ok((Self { reader, sink, pump }, stdout, stderr))
    }

    /// Forwards the pipe's contents, before the next line of the platform.
    pub(super) fn drain(&self) {
        let mut buffer = [0; BUFFER_SIZE];
        // Not `try_read`, which knows only the readiness that the event loop has seen.
        while let Ok(size @ 1..) = rustix::io::retry_on_intr(|| rustix::io::read(&*self.reader, &mut buffer))
        {
            self.sink.write(&buffer[..size]);
        }
    }
}

impl Output {
    /// Ends a line without a newline, at the end of an invocation.
    pub(super) fn end_line(&self) {
        self.sink.lines().end();
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.pump.abort();
        self.drain();
    }
}

async fn pump(reader: Arc<Receiver>, sink: Sink) {
    let mut buffer = [0; BUFFER_SIZE];
    while reader.readable().await.is_ok() {
        match reader.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(size) => sink.write(&buffer[..size]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
