//! The Runtime API and the Extensions API on a loopback port, over hyper.

use super::body::{self, Body};
use super::extensions::{Denied, Extensions, FailureKind};
use super::message::{Answer, Step, StreamEnd, Streamed, Work};
use super::reply::{self, Reply};
use super::{Protocol, Refusal};
use crate::telemetry::{Refused, Subscription, Telemetry};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use uuid::Uuid;

const PREFIX: &str = "/2018-06-01/runtime/";
const EXTENSIONS: &str = "/2020-01-01/extension/";
const TELEMETRY: &str = "/2022-07-01/telemetry";
const LOGS: &str = "/2020-08-15/logs";

/// The server of one function process. Dropping the value closes the port.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    work: UnboundedSender<Work>,
    steps: UnboundedReceiver<Step>,
    extensions: Arc<Extensions>,
    accepting: JoinHandle<()>,
}

impl RuntimeApi {
    /// Opens a free port on 127.0.0.1 and serves it on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be opened.
    pub fn start() -> io::Result<Self> {
        Self::start_with(Arc::default(), Arc::default())
    }

    /// As [`start`](Self::start), for a function with these extensions, which may subscribe to
    /// `telemetry`.
    ///
    /// # Errors
    ///
    /// When no port can be opened.
    pub fn start_with(extensions: Arc<Extensions>, telemetry: Arc<Telemetry>) -> io::Result<Self> {
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
            extensions: Arc::clone(&extensions),
            telemetry,
        });
        let accepting = tokio::spawn(accept(listener, calls));
        Ok(Self { address, work, steps, extensions, accepting })
    }

    /// The function's extensions.
    #[must_use]
    pub fn extensions(&self) -> &Arc<Extensions> {
        &self.extensions
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

/// The caller's end of a streamed response, and the cell for its content type.
type Stream = (Sender<Bytes>, Arc<OnceLock<String>>);

/// State shared by the connections.
struct Calls {
    protocol: Mutex<Protocol>,
    queue: tokio::sync::Mutex<UnboundedReceiver<Work>>,
    /// Receiver of the current invocation's response, if streamed.
    stream: Mutex<Option<Stream>>,
    steps: UnboundedSender<Step>,
    extensions: Arc<Extensions>,
    telemetry: Arc<Telemetry>,
}

impl Calls {
    async fn answer(&self, request: Request<Incoming>) -> Result<Reply, Refusal> {
        let arrived = Instant::now();
        if let Some(path) = request.uri().path().strip_prefix(EXTENSIONS) {
            let path = path.to_owned();
            return self.extension(&path, request, arrived).await;
        }
        if [TELEMETRY, LOGS].contains(&request.uri().path().trim_end_matches('/')) {
            return self.subscribe(request).await;
        }
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
        if first {
            self.extensions.registry().close();
        }
        self.step(if first { Step::Ready(arrived) } else { Step::Idle(arrived) });
        let Some(mut work) = self.queue.lock().await.recv().await else {
            // The server is being dropped, and the connection with it.
            return std::future::pending().await;
        };
        self.protocol().deliver(&work.request_id);
        *self.stream() = work.stream.take().map(|sink| (sink, Arc::clone(&work.content_type)));
        let reply = reply::event(work);
        self.step(Step::Delivered(Instant::now()));
        Ok(reply)
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Result<Reply, Refusal> {
        self.protocol().expects(id)?;
        let stream = if body::is_streaming(&request) { self.stream().take() } else { None };
        let answer = match stream {
            Some((sink, content_type)) => {
                let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                // The cell is empty: an event has one response.
                let _ = content_type.set(given.unwrap_or_default().to_owned());
                Answer::Streamed(body::pass_on(request.into_body(), sink).await)
            }
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

    async fn extension(
        &self,
        path: &str,
        request: Request<Incoming>,
        arrived: Instant,
    ) -> Result<Reply, Refusal> {
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        match (path, request.method()) {
            ("register", &Method::POST) => {
                let name = text("lambda-extension-name").unwrap_or_default().to_owned();
                let features = text("lambda-extension-accept-feature").unwrap_or_default().to_owned();
                let body = body::small(request.into_body()).await?;
                let (id, answer) = self.extensions.register(&name, &features, &body)?;
                self.step(Step::Extension(arrived));
                Ok(reply::to_extension(id, answer.to_string()))
            }
            ("event/next", &Method::GET) => {
                let id = identifier(text(EXTENSION_ID))?;
                if self.extensions.ask(id, arrived)? {
                    self.step(Step::Extension(arrived));
                }
                Ok(reply::to_extension(id, self.extensions.next(id).await))
            }
            ("init/error" | "exit/error", &Method::POST) => {
                let id = identifier(text(EXTENSION_ID))?;
                let kind = if path == "init/error" { FailureKind::Init } else { FailureKind::Exit };
                let error_type = text("lambda-extension-function-error-type").map(str::to_owned);
                let body = body::small(request.into_body()).await?;
                self.extensions.fail(id, kind, error_type.as_deref(), &body)?;
                self.step(Step::Extension(arrived));
                Ok(reply::accepted())
            }
            ("register" | "event/next" | "init/error" | "exit/error", _) => Err(Refusal::WrongMethod),
            _ => Err(Refusal::UnknownPath),
        }
    }

    async fn subscribe(&self, request: Request<Incoming>) -> Result<Reply, Refusal> {
        if request.method() != Method::PUT {
            return Err(Refusal::WrongMethod);
        }
        let is_logs = request.uri().path().starts_with(LOGS);
        let id = request.headers().get(EXTENSION_ID).and_then(|value| value.to_str().ok());
        let id = identifier(id)?;
        let name = self.extensions.registry().name_of(id)?.to_owned();
        let refuse = |refused| match refused {
            Refused::Closed => Denied::new(
                if is_logs { "Logs.SubscriptionClosed" } else { "Telemetry.SubscriptionClosed" },
                "The subscription is closed: an extension subscribes before the end of the initialisation",
            ),
            Refused::OtherApi => Denied::new(
                if is_logs { "Logs.AlreadySubscribed" } else { "Telemetry.AlreadySubscribed" },
                format!("The extension {name} has subscribed by the other of the APIs Telemetry and Logs"),
            ),
        };
        if !self.telemetry.is_open() {
            return Err(refuse(Refused::Closed).into());
        }
        let body = body::small(request.into_body()).await?;
        let subscription = if is_logs {
            Subscription::logs(&body)?
        } else {
            Subscription::telemetry(&body, self.extensions.about().logs_json)?
        };
        self.telemetry.subscribe(&name, subscription).map_err(refuse)?;
        Ok(reply::to_extension(id, "\"OK\"".to_owned()))
    }

    fn protocol(&self) -> MutexGuard<'_, Protocol> {
        self.protocol.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stream(&self) -> MutexGuard<'_, Option<Stream>> {
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

const EXTENSION_ID: &str = "lambda-extension-identifier";

/// The identifier in the header of an extension's call.
fn identifier(header: Option<&str>) -> Result<Uuid, Denied> {
    let missing = "Missing Lambda-Extension-Identifier header";
    let text = header.ok_or_else(|| Denied::new("Extension.MissingExtensionIdentifier", missing))?;
    let invalid =
        |_| Denied::new("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier");
    text.parse().map_err(invalid)
}
