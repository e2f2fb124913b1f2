//! Futures on one thread that talk to one peer, without a reactor between.
//!
//! ```text
//! block_on(future)
//!     poll the future and the connections, as long as one of them wakes another
//!     nothing is left to do: read from the connection that waits, however long that takes; again
//! ```
//!
//! A function that answers one invocation after the other has one connection, on which it sends
//! and then waits: to read from the only one is all that there is to wait for. A reactor, to be built first
//! and then asked which connection is ready, took eight of the 40 calls to the kernel with which a start
//! comes to its first request.
//!
//! Writing blocks too: the runtime API takes whole requests before it answers.

use hyper::rt::{Read, ReadBufCursor, Write};
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// What one read takes at first: more than most events with their headers.
const BUFFER: usize = 2 << 10;

/// What one read takes at most.
const MAX_BUFFER: usize = 1 << 20;

/// What [`block_on`] runs beside its future.
#[derive(Default)]
struct Peers {
    connections: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
    /// The socket that was last asked for bytes that it did not have.
    waiting: RefCell<Weak<Mutex<Inner>>>,
}

thread_local! {
    /// Those of the [`block_on`] that runs. A reference, so that the thread has nothing to drop at its end.
    static PEERS: Cell<Option<&'static Peers>> = const { Cell::new(None) };
}

/// Runs a future that talks to the runtime API, one call after the other, and to nobody else.
///
/// It is for the main function of a program, and keeps some bytes for each time that it is called.
///
/// # Panics
///
/// The future waits for something that is not an answer of the runtime API.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let peers: &'static Peers = Box::leak(Box::default());
    PEERS.set(Some(peers));
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        while woken.0.swap(false, Ordering::Relaxed) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                PEERS.set(None);
                peers.connections.take();
                return output;
            }
            let mut connections = peers.connections.borrow_mut();
            connections.retain_mut(|connection| connection.as_mut().poll(&mut context).is_pending());
        }
        let waiting =
            peers.waiting.take().upgrade().expect("a future waits for an answer of the runtime API");
        lock(&waiting).fill();
        woken.0.store(true, Ordering::Relaxed);
    }
}

/// Whether it is [`block_on`] that runs what asks.
pub(crate) fn is_running() -> bool {
    PEERS.get().is_some()
}

/// Runs a connection beside the future of [`block_on`].
pub(crate) fn spawn(connection: impl Future<Output = ()> + 'static) {
    let peers = PEERS.get().expect("block_on runs what opens a connection");
    peers.connections.borrow_mut().push(Box::pin(connection));
}

/// Whether somebody was woken since the last look.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A stream that is read when there is nothing else to do.
#[derive(Clone, Debug)]
pub(crate) struct Socket(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    stream: TcpStream,
    /// What was read, from `taken` to `read`.
    buffer: Vec<u8>,
    taken: usize,
    read: usize,
    /// What the last read said, if not how many bytes there were.
    end: Option<io::Result<()>>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Self {
        let buffer = vec![0; BUFFER];
        Self(Arc::new(Mutex::new(Inner { stream, buffer, taken: 0, read: 0, end: None })))
    }

    /// Whether the other side has neither hung up nor sent what nobody asked for.
    pub(crate) fn is_quiet(&self) -> bool {
        let inner = lock(&self.0);
        let peek = || {
            inner.stream.set_nonblocking(true)?;
            let peeked = inner.stream.peek(&mut [0]);
            inner.stream.set_nonblocking(false)?;
            peeked
        };
        inner.end.is_none() && peek().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

impl Inner {
    /// Reads what there is, as soon as there is something.
    fn fill(&mut self) {
        if self.read == self.buffer.len() && self.read < MAX_BUFFER {
            self.buffer.resize(2 * self.read, 0);
        }
        self.taken = 0;
        self.read = 0;
        self.end = loop {
            match self.stream.read(&mut self.buffer) {
                Ok(0) => break Some(Ok(())),
                Ok(count) => {
                    self.read = count;
                    break None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Some(Err(error)),
            }
        };
    }
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = lock(&self.0);
        if let Some(end) = inner.end.take() {
            return Poll::Ready(end);
        }
        if inner.taken == inner.read {
            let peers = PEERS.get().expect("block_on runs what reads");
            peers.waiting.replace(Arc::downgrade(&self.0));
            return Poll::Pending;
        }
        let count = buffer.remaining().min(inner.read - inner.taken);
        buffer.put_slice(&inner.buffer[inner.taken..][..count]);
        inner.taken += count;
        Poll::Ready(Ok(()))
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(lock(&self.0).stream.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(lock(&self.0).stream.shutdown(Shutdown::Write))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(lock(&self.0).stream.write_vectored(slices))
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    // Whoever panicked with it, the stream is where it was.
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}
