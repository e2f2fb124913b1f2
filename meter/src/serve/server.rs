//! HTTP: the connections, and the call behind each path.

use super::api::HttpApi;
use super::api_error::ApiError;
use super::functions::Functions;
use super::invoke::Retries;
use super::reply::{Reply, refused};
use super::route::{self, Route};
use super::web::{self, Face};
use super::{invoke, path, stream};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The options of the server that every call needs.
#[derive(Debug)]
pub(super) struct Front {
    /// The face of other paths.
    pub(super) http: Option<Face>,
    /// The API of other paths.
    pub(super) api: Option<HttpApi>,
    /// Attempts at asynchronous events.
    pub(super) retries: Retries,
}

/// Accepts connections until the future is dropped.
pub(super) async fn accept(listener: TcpListener, functions: Arc<Functions>, front: Arc<Front>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connections.spawn(serve(connection, Arc::clone(&functions), Arc::clone(&front)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(connection: TcpStream, functions: Arc<Functions>, front: Arc<Front>) {
    // Without TCP_NODELAY a short piece of a stream waits 40 ms for a delayed ACK.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| {
        let (functions, front) = (Arc::clone(&functions), Arc::clone(&front));
        async move {
            let reply = answer(&functions, &front, request).await.unwrap_or_else(|error| refused(&error));
            Ok::<_, Infallible>(reply)
        }
    });
    // Ignore a connection that the caller breaks.
    let _ =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(functions: &Functions, front: &Front, request: Request<Incoming>) -> Result<Reply, ApiError> {
    if !path::is_api(request.uri().path()) {
        if let Some(api) = &front.api {
            return api.answer(request).await;
        }
        if let Some(face) = front.http {
            return web::answer(&functions.0[0], face, request).await;
        }
    }
    let (route, index) = route::find(request.method(), request.uri(), &functions.names())?;
    let pool = &functions.0[index];
    match route {
        Route::Invoke => invoke::invoke(pool, front.retries, request).await,
        Route::Stream => stream::invoke(pool, request).await,
    }
}
