//! Connections to the runtime API, kept for the next call.

use crate::BoxError;
use crate::body::Body;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;

/// The most that hyper keeps of a message that arrives: an event has 6 MB, most have far less.
const BUFFER: usize = 1 << 20;

/// Where the runtime API is, and the connections to it that nobody uses.
#[derive(Debug)]
pub(crate) struct Pool {
    host: HeaderValue,
    /// What an emulator has before its own paths.
    base: String,
    idle: Mutex<Vec<SendRequest<Body>>>,
}

impl Pool {
    /// `None` for an address without a host.
    pub(crate) fn new(endpoint: &Uri) -> Option<Self> {
        let host = HeaderValue::from_str(endpoint.authority()?.as_str()).ok()?;
        let base = endpoint.path().trim_end_matches('/').to_owned();
        Some(Self { host, base, idle: Mutex::default() })
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(
        self: Arc<Self>,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, BoxError> {
        let mut request = self.addressed(request)?;
        while let Some(mut connection) = self.take() {
            // The other side may have hung up since; then nothing was lost but the connection.
            if connection.ready().await.is_err() {
                continue;
            }
            match connection.try_send_request(request).await {
                Ok(response) => return Ok(self.keep(connection, response)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        // Boxed, because it is large, and what is not awaited more than once need not be in every call.
        let mut connection = Box::pin(self.connect()).await?;
        let response = connection.send_request(request).await?;
        Ok(self.keep(connection, response))
    }

    /// Forgets all connections.
    pub(crate) fn forget(&self) {
        self.idle().clear();
    }

    fn addressed(&self, mut request: Request<Body>) -> Result<Request<Body>, BoxError> {
        request.headers_mut().insert(HOST, self.host.clone());
        if !self.base.is_empty() {
            let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
            *request.uri_mut() = format!("{}{path}", self.base).parse()?;
        }
        Ok(request)
    }

    fn take(&self) -> Option<SendRequest<Body>> {
        self.idle().pop()
    }

    /// Keeps a connection, whose answer's body may still be on its way, for the next call.
    fn keep(&self, connection: SendRequest<Body>, response: Response<Incoming>) -> Response<Incoming> {
        self.idle().push(connection);
        response
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Body>>> {
        // What is kept is whole whenever it is unlocked.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a connection: the runtime API listens on this machine, which takes less time than
    /// to be told later that it is there.
    async fn connect(&self) -> Result<SendRequest<Body>, BoxError> {
        let stream = net::TcpStream::connect(self.host.to_str()?)?;
        // Without it a small chunk waits until the one before it was acknowledged, which the other
        // side delays by 40 ms in the hope of an answer that it could go along with.
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TokioIo::new(TcpStream::from_std(stream)?);
        let (sender, connection) = http1::Builder::new().max_buf_size(BUFFER).handshake(stream).await?;
        // An error of the connection is one of the call that waits for it.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }
}
