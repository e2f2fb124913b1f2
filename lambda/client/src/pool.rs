//! Connections to the runtime API, kept for the next call.

use crate::BoxError;
use crate::body::Body;
use crate::connection::Connection;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the runtime API is, and the connections to it that nobody uses.
#[derive(Debug)]
pub(crate) struct Pool {
    host: HeaderValue,
    /// What an emulator has before its own paths.
    base: String,
    idle: Mutex<Vec<Connection>>,
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
            if !connection.is_open().await {
                continue;
            }
            match connection.send(request).await {
                Ok(response) => return Ok(self.keep(connection, response)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let mut connection = Connection::open(self.host.to_str()?).await?;
        let response = connection.send(request).await.map_err(TrySendError::into_error)?;
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

    fn take(&self) -> Option<Connection> {
        self.idle().pop()
    }

    /// Keeps a connection, whose answer's body may still be on its way, for the next call.
    fn keep(&self, connection: Connection, response: Response<Incoming>) -> Response<Incoming> {
        self.idle().push(connection);
        response
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        // What is kept is whole whenever it is unlocked.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
