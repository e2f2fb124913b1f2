//! What the function writes: standard output and standard error through one pipe.
//!
//! One, so that the lines stay in the order in which they were written.

use crate::log::Log;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

const BUFFER_SIZE: usize = 16 * 1024;

/// A log that the pump and the platform's lines share.
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

/// Passes the function's output to the log while it runs.
#[derive(Debug)]
pub(super) struct Output {
    reader: Arc<Receiver>,
    log: SharedLog,
    pump: JoinHandle<()>,
}

impl Output {
    /// A pipe to the log: its ends for standard output and standard error, and this side.
    pub(super) fn open(log: &SharedLog) -> io::Result<(Self, Stdio, Stdio)> {
        let (reader, writer) = io::pipe()?;
        let reader = Arc::new(Receiver::from_owned_fd(reader.into())?);
        let pump = tokio::spawn(pump(Arc::clone(&reader), log.clone()));
        let (stdout, stderr) = (writer.try_clone()?.into(), writer.into());
        Ok((Self { reader, log: log.clone(), pump }, stdout, stderr))
    }

    /// Passes on what is in the pipe now, so that it stands before the next line of the platform.
    pub(super) fn drain(&self) {
        let mut buffer = [0; BUFFER_SIZE];
        // Not `try_read`, which knows only what the event loop has seen so far.
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
