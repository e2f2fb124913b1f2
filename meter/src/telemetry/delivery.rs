//! Delivery of batches to one subscriber: one at a time, in order, while the sandbox is not frozen.
//!
//! A listener that is not there, or closes the connection, is tried again with growing pauses; its
//! events wait in the buffer, which is bounded. A batch that the listener refuses five times is
//! dropped and counted, since a listener that refuses a batch for its content would otherwise block
//! all later ones.

use super::{Batch, Buffer, Buffering, Destination, Dialect, Event};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, sleep_until};

/// Refusals after which a batch is dropped.
const REFUSALS: u32 = 5;
/// The first and the longest pause before another attempt.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// The buffer of a subscriber, shared with its delivery.
#[derive(Debug)]
pub(super) struct Mailbox {
    buffer: Mutex<Buffer>,
    filled: Notify,
    emptied: Notify,
}

impl Mailbox {
    pub(super) fn new(limits: Buffering, dialect: Dialect) -> Self {
        let buffer = Mutex::new(Buffer::new(limits, dialect));
        Self { buffer, filled: Notify::new(), emptied: Notify::new() }
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, event: &Event, now: Instant) {
        self.buffer().push(event, now);
        self.filled.notify_one();
    }

    pub(super) fn flush(&self) {
        self.buffer().flush();
        self.filled.notify_one();
    }

    /// Waits until every event was delivered or dropped.
    pub(super) async fn drained(&self) {
        while !self.buffer().is_drained() {
            self.emptied.notified().await;
        }
    }

    /// Waits for a batch that is due while the gate is open.
    async fn batch(&self, gate: &mut watch::Receiver<bool>) -> Batch {
        loop {
            is_open(gate).await;
            let due = self.buffer().due();
            match due {
                Some(due) if due <= Instant::now() => return self.buffer().take(Instant::now()),
                Some(due) => {
                    tokio::select! { () = sleep_until(due.into()) => (), () = self.filled.notified() => () }
                }
                None => self.filled.notified().await,
            }
        }
    }
}

/// Delivers batches for ever.
pub(super) async fn deliver(
    destination: Destination,
    mailbox: Arc<Mailbox>,
    mut gate: watch::Receiver<bool>,
) {
    let mut wire = Wire { destination, connection: None };
    loop {
        let batch = mailbox.batch(&mut gate).await;
        let (mut pause, mut refusals) = (PAUSES.0, 0);
        while let Err(failure) = wire.send(&batch).await {
            refusals += u32::from(failure == Failure::Refused);
            if refusals == REFUSALS {
                mailbox.buffer().drop_events(batch.events.len(), batch.bytes);
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
            is_open(&mut gate).await;
        }
        mailbox.buffer().done();
        mailbox.emptied.notify_one();
    }
}

async fn is_open(gate: &mut watch::Receiver<bool>) {
    if gate.wait_for(|open| *open).await.is_err() {
        // The sandbox is being dropped, and this task with it.
        std::future::pending::<()>().await;
    }
}

/// The connection to a listener, which is kept for the next batch.
struct Wire {
    destination: Destination,
    connection: Option<Connection>,
}

enum Connection {
    Http(SendRequest<Full<Bytes>>),
    Tcp(TcpStream),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// No listener, or a broken connection.
    Unreachable,
    /// The listener answered with an error.
    Refused,
}

impl Wire {
    async fn send(&mut self, batch: &Batch) -> Result<(), Failure> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.destination).await.map_err(|_| Failure::Unreachable)?,
        };
        self.connection = Some(match connection {
            Connection::Http(sender) => Connection::Http(self.post(sender, batch).await?),
            Connection::Tcp(mut stream) => {
                let lines: String = batch.events.iter().flat_map(|event| [event.as_str(), "\n"]).collect();
                stream.write_all(lines.as_bytes()).await.map_err(|_| Failure::Unreachable)?;
                Connection::Tcp(stream)
            }
        });
        Ok(())
    }

    /// Posts a batch as a JSON array; returns the connection for the next one.
    async fn post(
        &self,
        mut sender: SendRequest<Full<Bytes>>,
        batch: &Batch,
    ) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let Destination::Http { port, path, is_put } = &self.destination else {
            return Err(Failure::Unreachable);
        };
        let request = Request::builder()
            .method(if *is_put { Method::PUT } else { Method::POST })
            .uri(path)
            .header(HOST, format!("sandbox.localdomain:{port}"))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(format!("[{}]", batch.events.join(",")))))
            .map_err(|_| Failure::Refused)?;
        sender.ready().await.map_err(|_| Failure::Unreachable)?;
        let answer = sender.send_request(request).await.map_err(|_| Failure::Unreachable)?;
        let status = answer.status();
        // The body is read so that the connection can be used again.
        answer.into_body().collect().await.map_err(|_| Failure::Unreachable)?;
        if status.is_success() { Ok(sender) } else { Err(Failure::Refused) }
    }
}

async fn connect(destination: &Destination) -> io::Result<Connection> {
    let (Destination::Http { port, .. } | Destination::Tcp { port }) = destination;
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).await?;
    stream.set_nodelay(true)?;
    if matches!(destination, Destination::Tcp { .. }) {
        return Ok(Connection::Tcp(stream));
    }
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // The task ends with the connection, when its sender is dropped.
    tokio::spawn(connection);
    Ok(Connection::Http(sender))
}
