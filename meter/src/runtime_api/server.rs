//! The Runtime API on a loopback port, over hyper.

use super::body::{self, Body};
use super::message::{Answer, Step, StreamEnd, Streamed, Work};
use super::reply::{self, Reply};
use super::{Protocol, Refusal};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

const PREFIX: &str = "/2018-06-01/runtime/";

/// The server of one function process. Dropping the value closes the port.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    work: UnboundedSender<Work>,
    steps: UnboundedReceiver<Step>,
    accepting: JoinHandle<()>,
}

impl RuntimeApi {
    /// Opens a free port on 127.0.0.1 and serves it on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be opened.
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let (work, queue) = unbounded_channel();
        let (step_sender, steps) = unbounded_channel();
        let calls = Arc::new(Calls {
            protocol: Mutex::default(),
            queue: tokio::sync::Mutex::new(queue),
            stream: Mutex::default(),
            steps: step_sender,
        });
        let accepting = tokio::spawn(accept(listener, calls));
        Ok(Self { address, work, steps, accepting })
    }

    /// The listening address, the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Queues an event for the next `next`.
    pub fn send(&self, work: Work) {
        // Sending fails only without the server, which lives as long as `self`.
        let _ = self.work.send(work);
    }

    /// The function's next step. This future is safe to cancel.
    pub async fn step(&mut self) -> Step {
        match self.steps.recv().await {
            Some(step) => step,
            None => std::future::pending().await,
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, calls: Arc<Calls>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, Arc::clone(&calls)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, calls: Arc<Calls>) {
    // Without TCP_NODELAY a reply in two segments waits 40 ms for a delayed ACK.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let calls = Arc::clone(&calls);
        async move {
            Ok::<_, Infallible>(
                calls.answer(request).await.unwrap_or_else(|refusal| reply::refused(&refusal)),
            )
        }
    });
    // Ignore a broken connection: `Sandbox` watches the function's process.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// State shared by the connections.
struct Calls {
    protocol: Mutex<Protocol>,
    queue: tokio::sync::Mutex<UnboundedReceiver<Work>>,
    /// Receiver of the current invocation's response, if streamed.
    stream: Mutex<Option<Sender<Bytes>>>,
    steps: UnboundedSender<Step>,
}

impl Calls {
    async fn answer(&self, request: Request<Incoming>) -> Result<Reply, Refusal> {
        let arrived = Instant::now();
        let path = request.uri().path().strip_prefix(PREFIX).ok_or(Refusal::UnknownPath)?.to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (parts.as_slice(), request.method()) {
            (["invocation", "next"], &Method::GET) => self.next(arrived).await,
            (["invocation", id, "response"], &Method::POST) => self.response(id, request).await,
            (["invocation", id, "error"], &Method::POST) => self.error(id, request).await,
            (["init", "error"], &Method::POST) => self.init_error(request).await,
            (["invocation", "next"] | ["invocation", _, "response" | "error"] | ["init", "error"], _) => {
                Err(Refusal::WrongMethod)
            }
            _ => Err(Refusal::UnknownPath),
        }
    }

    async fn next(&self, arrived: Instant) -> Result<Reply, Refusal> {
        let first = self.protocol().ask()?;
        self.step(if first { Step::Ready(arrived) } else { Step::Idle(arrived) });
        let Some(mut work) = self.queue.lock().await.recv().await else {
            // The server is being dropped, and the connection with it.
            return std::future::pending().await;
        };
        self.protocol().deliver(&work.request_id);
        *self.stream() = work.stream.take();
        let reply = reply::event(work);
        self.step(Step::Delivered(Instant::now()));
        Ok(reply)
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Result<Reply, Refusal> {
        self.protocol().expects(id)?;
        let stream = if body::is_streaming(&request) { self.stream().take() } else { None };
        let answer = match stream {
            Some(sink) => Answer::Streamed(body::pass_on(request.into_body(), sink).await),
            None => match body::read(request.into_body()).await? {
                Body::Whole(bytes) => Answer::Response(bytes),
                Body::TooLarge(size) => Answer::TooLarge(size),
                Body::Failed(reported) => Answer::Error(reported),
            },
        };
        let received = Instant::now();
        self.protocol().finish(id)?;
        let reply = match &answer {
            Answer::TooLarge(_) => reply::refused(&Refusal::ResponseTooLarge),
            Answer::Streamed(Streamed { end: StreamEnd::TooLarge, .. }) => {
                reply::refused(&Refusal::StreamTooLarge)
            }
            Answer::Streamed(Streamed { end: StreamEnd::Truncated, .. }) => {
                reply::refused(&Refusal::Truncated)
            }
            _ => reply::accepted(),
        };
        self.end(received, answer);
        Ok(reply)
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Result<Reply, Refusal> {
        self.protocol().expects(id)?;
        let reported = body::read_error(request).await?;
        let received = Instant::now();
        self.protocol().finish(id)?;
        self.end(received, Answer::Error(reported));
        Ok(reply::accepted())
    }

    async fn init_error(&self, request: Request<Incoming>) -> Result<Reply, Refusal> {
        self.protocol().init_error()?;
        self.step(Step::InitError(body::read_error(request).await?));
        Ok(reply::accepted())
    }

    fn protocol(&self) -> MutexGuard<'_, Protocol> {
        self.protocol.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stream(&self) -> MutexGuard<'_, Option<Sender<Bytes>>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, received: Instant, answer: Answer) {
        // Dropping the sender ends the stream for its reader.
        self.stream().take();
        self.step(Step::Answered(received, answer));
    }

    fn step(&self, step: Step) {
        // The receiver is missing only while the server is being dropped.
        let _ = self.steps.send(step);
    }
}
