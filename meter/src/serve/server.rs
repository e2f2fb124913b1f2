//! HTTP: the connections, and the call behind each path.

use super::api_error::ApiError;
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

/// Accepts connections until the future is dropped.
pub(super) async fn accept(listener: TcpListener, pool: Arc<Pool>, http: Option<Face>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connections.spawn(serve(connection, Arc::clone(&pool), http));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(connection: TcpStream, pool: Arc<Pool>, http: Option<Face>) {
    // Without TCP_NODELAY a short piece of a stream waits 40 ms for a delayed ACK.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| {
        let pool = Arc::clone(&pool);
        async move {
            let reply = answer(&pool, http, request).await.unwrap_or_else(|error| refused(&error));
            Ok::<_, Infallible>(reply)
        }
    });
    // Ignore a connection that the caller breaks.
    let _ =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(pool: &Arc<Pool>, http: Option<Face>, request: Request<Incoming>) -> Result<Reply, ApiError> {
    if let Some(face) = http.filter(|_| !path::is_api(request.uri().path())) {
        return web::answer(pool, face, request).await;
    }
    match route::find(request.method(), request.uri(), pool.configuration())? {
        Route::Invoke => invoke::invoke(pool, request).await,
        Route::Stream => stream::invoke(pool, request).await,
    }
}
