//! A connection to the runtime API.

use crate::BoxError;
use crate::body::Body;
use crate::direct::{self, Socket};
use futures_core::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use std::net;
use tokio::net::TcpStream;

/// The most that hyper keeps of a message that arrives: an event has 6 MB, most have far less.
const BUFFER: usize = 1 << 20;

/// A connection, on a stream of [`direct`] or of tokio.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Body>,
    direct: Option<Socket>,
}

impl Connection {
    /// Opens a connection: the runtime API listens on this machine, which takes less time than to be told
    /// later that it is there.
    pub(crate) async fn open(host: &str) -> Result<Self, BoxError> {
        let stream = net::TcpStream::connect(host)?;
        // Without it a small chunk waits until the one before it was acknowledged, which the other
        // side delays by 40 ms in the hope of an answer that it could go along with.
        stream.set_nodelay(true)?;
        // Boxed, so that neither way needs room on the stack for what the other moves about.
        let open: BoxFuture<'static, _> =
            if direct::is_running() { Box::pin(Self::direct(stream)) } else { Box::pin(Self::tokio(stream)) };
        open.await
    }

    async fn direct(stream: net::TcpStream) -> Result<Self, BoxError> {
        let socket = Socket::new(stream);
        let (sender, connection) = handshake(socket.clone()).await?;
        direct::spawn(connection);
        Ok(Self { sender, direct: Some(socket) })
    }

    async fn tokio(stream: net::TcpStream) -> Result<Self, BoxError> {
        stream.set_nonblocking(true)?;
        let (sender, connection) = handshake(TokioIo::new(TcpStream::from_std(stream)?)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, direct: None })
    }

    /// Waits until the answer before was taken; false if there can be no other.
    pub(crate) async fn is_open(&mut self) -> bool {
        // tokio tells hyper when the other side hangs up; here it has to be asked.
        self.sender.ready().await.is_ok() && self.direct.as_ref().is_none_or(Socket::is_quiet)
    }

    /// Sends a request and waits for the head of its answer; the error has the request, if nothing of it was sent.
    pub(crate) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        self.sender.try_send_request(request).await
    }
}

/// What sends requests, and what has to run for that. An error of the latter is one of the request that waits.
async fn handshake<S>(stream: S) -> Result<(SendRequest<Body>, impl Future<Output = ()>), BoxError>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new().max_buf_size(BUFFER).handshake(stream).await?;
    Ok((sender, async move { drop(connection.await) }))
}
