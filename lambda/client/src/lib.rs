//! `lambda_runtime`'s client of the runtime API, with the interface of the crate whose name it has,
//! on nothing but hyper's HTTP/1 connections.
//!
//! ```text
//! call(request)
//!     a connection that has answered before, or else a new one, TCP_NODELAY set
//!     the request goes over it; its answer's head ends the call
//!     the connection is kept for the next call, which waits until the answer's body was taken
//! ```
//!
//! The runtime API is one local peer that a function asks one thing after the other, so that
//! what a client for the web has to have, name resolution on threads, a pool with timers, proxies,
//! another protocol, is start-up time and file size here. docs/runtime.md has the figures.
//!
//! Source of the interface: the documentation of `lambda_runtime_api_client` 1.1.1; of the protocol:
//! AWS, "Using the Lambda runtime API for custom runtimes".
#![deny(unsafe_code, missing_docs)]

pub mod body;
mod connection;
mod direct;
mod pool;

pub use direct::block_on;

use body::Body;
use futures_core::future::BoxFuture;
use http::uri::InvalidUri;
use http::{Request, Response, Uri, request};
use hyper::body::Incoming;
use pool::Pool;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::{env, error};

/// Any error, as tower has it.
pub type BoxError = Box<dyn error::Error + Send + Sync>;

/// An error of a body.
#[derive(Debug)]
pub struct Error(BoxError);

impl Error {
    /// Wraps an error.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// The error that was wrapped.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        self.0
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// What `lambda_runtime` asks of a client.
pub trait RuntimeApiClient {
    /// Sends a request, whose URI is a path, and waits for the head of its answer.
    fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Incoming>, BoxError>>;
}

/// The client.
#[derive(Debug)]
pub struct PooledClient(Arc<Pool>);

/// The client, by the name that it had first.
pub type Client = PooledClient;

impl PooledClient {
    /// What a client can be told before it is there.
    #[must_use]
    pub const fn builder() -> PooledClientBuilder {
        PooledClientBuilder { endpoint: None }
    }

    /// Sends a request, whose URI is a path, and waits for the head of its answer.
    ///
    /// # Errors
    ///
    /// The runtime API cannot be reached, hangs up, or does not speak HTTP/1.1.
    pub fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Incoming>, BoxError>> {
        Box::pin(Arc::clone(&self.0).send(request))
    }

    /// Forgets the connections: those from before a snapshot lead nowhere.
    pub fn reset_pool(&self) {
        self.0.forget();
    }
}

impl RuntimeApiClient for PooledClient {
    fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Incoming>, BoxError>> {
        Self::call(self, request)
    }
}

/// Builds a [`PooledClient`].
#[derive(Debug, Default)]
pub struct PooledClientBuilder {
    endpoint: Option<Uri>,
}

impl PooledClientBuilder {
    /// Where the runtime API is, if not where `AWS_LAMBDA_RUNTIME_API` says.
    #[must_use]
    pub fn with_endpoint(self, endpoint: Uri) -> Self {
        Self { endpoint: Some(endpoint) }
    }

    /// How many calls there may be at once: as many as there are, since no connection is made before
    /// a call needs it, and none is given up.
    #[must_use]
    pub const fn with_pool_size(self, _: usize) -> Self {
        self
    }

    /// The client. Nothing is connected yet.
    ///
    /// # Panics
    ///
    /// `AWS_LAMBDA_RUNTIME_API` is not set, or no address.
    #[must_use]
    pub fn build(self) -> PooledClient {
        let endpoint = self.endpoint.map_or_else(endpoint_from_env, Ok);
        let endpoint = endpoint.expect("AWS_LAMBDA_RUNTIME_API is HOST:PORT, or http://HOST:PORT/PATH");
        PooledClient(Arc::new(Pool::new(&endpoint).expect("AWS_LAMBDA_RUNTIME_API names a host")))
    }
}

fn endpoint_from_env() -> Result<Uri, InvalidUri> {
    env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default().parse()
}

/// A request that says who sends it.
#[must_use]
pub fn build_request() -> request::Builder {
    Request::builder().header("User-Agent", concat!("aws-lambda-rust/", env!("CARGO_PKG_VERSION")))
}
