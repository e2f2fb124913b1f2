//! HTTP: the connections, and the call behind each path.

use super::api_error::ApiError;
use super::functions::Functions;
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
pub(super) async fn accept(listener: TcpListener, functions: Arc<Functions>, http: Option<Face>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connections.spawn(serve(connection, Arc::clone(&functions), http));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(connection: TcpStream, functions: Arc<Functions>, http: Option<Face>) {
    // Without TCP_NODELAY a short piece of a stream waits 40 ms for a delayed ACK.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| {
        let functions = Arc::clone(&functions);
        async move {
            let reply = answer(&functions.0, http, request).await.unwrap_or_else(|error| refused(&error));
            Ok::<_, Infallible>(reply)
        }
    });
    // Ignore a connection that the caller breaks.
    let _ =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(
    pools: &[Arc<Pool>],
    http: Option<Face>,
    request: Request<Incoming>,
) -> Result<Reply, ApiError> {
    if let Some(face) = http.filter(|_| !path::is_api(request.uri().path())) {
        return web::answer(&pools[0], face, request).await;
    }
    let served: Vec<&str> = pools.iter().map(|pool| pool.configuration().function_name.as_str()).collect();
    let (route, index) = route::find(request.method(), request.uri(), &served)?;
    let pool = &pools[index];
    match route {
        Route::Invoke => invoke::invoke(pool, request).await,
        Route::Stream => stream::invoke(pool, request).await,
    }
}
