//! HTTP: the connections, and the call behind each path.

use super::api_error::ApiError;
use super::functions::Functions;
use super::invoke::Retries;
use super::pool::Pool;
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
#[derive(Debug, Clone, Copy)]
pub(super) struct Front {
    /// The face of other paths.
    pub(super) http: Option<Face>,
    /// Attempts at asynchronous events.
    pub(super) retries: Retries,
}

/// Accepts connections until the future is dropped.
pub(super) async fn accept(listener: TcpListener, functions: Arc<Functions>, front: Front) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connections.spawn(serve(connection, Arc::clone(&functions), front));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(connection: TcpStream, functions: Arc<Functions>, front: Front) {
    // Without TCP_NODELAY a short piece of a stream waits 40 ms for a delayed ACK.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| {
        let functions = Arc::clone(&functions);
        async move {
            let reply = answer(&functions.0, front, request).await.unwrap_or_else(|error| refused(&error));
            Ok::<_, Infallible>(reply)
        }
    });
    // Ignore a connection that the caller breaks.
    let _ =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(pools: &[Arc<Pool>], front: Front, request: Request<Incoming>) -> Result<Reply, ApiError> {
    if let Some(face) = front.http.filter(|_| !path::is_api(request.uri().path())) {
        return web::answer(&pools[0], face, request).await;
    }
    let served: Vec<&str> = pools.iter().map(|pool| pool.configuration().function_name.as_str()).collect();
    let (route, index) = route::find(request.method(), request.uri(), &served)?;
    let pool = &pools[index];
    match route {
        Route::Invoke => invoke::invoke(pool, front.retries, request).await,
        Route::Stream => stream::invoke(pool, request).await,
    }
}
