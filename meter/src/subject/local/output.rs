//! The function's standard output and standard error, through one pipe.
//!
//! A single pipe keeps the lines in the order in which they were written.

use crate::log::Log;
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
    log: SharedLog,
    pump: JoinHandle<()>,
}

impl Output {
    /// Opens a pipe to the log; returns the reader, and its ends for standard output and error.
    pub(super) fn open(log: &SharedLog) -> io::Result<(Self, Stdio, Stdio)> {
        let (reader, writer) = io::pipe()?;
        let reader = Arc::new(Receiver::from_owned_fd(reader.into())?);
        let pump = tokio::spawn(pump(Arc::clone(&reader), log.clone()));
        let (stdout, stderr) = (writer.try_clone()?.into(), writer.into());
        Ok((Self { reader, log: log.clone(), pump }, stdout, stderr))
    }

    /// Forwards the pipe's contents, before the next line of the platform.
    pub(super) fn drain(&self) {
        let mut buffer = [0; BUFFER_SIZE];
        // Not `try_read`, which knows only the readiness that the event loop has seen.
        while let Ok(size @ 1..) = rustix::io::retry_on_intr(|| rustix::io::read(&*self.reader, &mut buffer))
        {
            self.log.lock().write(&buffer[..size]);
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.pump.abort();
        self.drain();
    }
}

async fn pump(reader: Arc<Receiver>, log: SharedLog) {
    let mut buffer = [0; BUFFER_SIZE];
    while reader.readable().await.is_ok() {
        match reader.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(size) => log.lock().write(&buffer[..size]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
