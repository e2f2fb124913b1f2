//! HTTP: connections, bodies, and which call answers which path.

use super::api_error::ApiError;
use super::pool::Pool;
use super::route::{self, Route};
use super::{invoke, stream};
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A body that is known, or one that comes.
pub(super) type Body = Either<Full<Bytes>, Channel<Bytes>>;
/// An answer.
pub(super) type Reply = Response<Body>;

/// Takes connections until it is dropped.
pub(super) async fn accept(listener: TcpListener, pool: Arc<Pool>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connections.spawn(serve(connection, Arc::clone(&pool)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(connection: TcpStream, pool: Arc<Pool>) {
    // Without it a short piece of a stream waits for a delayed ACK, 40 ms.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| {
        let pool = Arc::clone(&pool);
        async move { Ok::<_, Infallible>(answer(&pool, request).await.unwrap_or_else(|error| refuse(&error))) }
    });
    // A caller who breaks the connection has to know himself.
    let _ =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(pool: &Arc<Pool>, request: Request<Incoming>) -> Result<Reply, ApiError> {
    match route::find(request.method(), request.uri(), pool.configuration())? {
        Route::Invoke => invoke::invoke(pool, request).await,
        Route::Stream => stream::invoke(pool, request).await,
    }
}

fn refuse(error: &ApiError) -> Reply {
    let mut reply = whole(error.body());
    *reply.status_mut() = error.status;
    let headers = reply.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    headers.insert("x-amzn-errortype", hyper::header::HeaderValue::from_static(error.error_type));
    reply
}

/// An answer whose body is known.
pub(super) fn whole(body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Either::Left(Full::new(body.into())));
    if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
        reply.headers_mut().insert("x-amzn-requestid", id);
    }
    reply
}

/// An answer that is only a status.
pub(super) fn empty(status: StatusCode) -> Reply {
    let mut reply = whole(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// The body of a request, when it is not larger than `limit`.
pub(super) async fn read(request: Request<Incoming>, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = request.into_body();
    let read = Limited::new(&mut body, limit).collect().await;
    match read {
        Ok(bytes) => Ok(bytes.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            // Read to its end: a client that is cut off while it writes never sees the 413.
            while let Some(Ok(_)) = body.frame().await {}
            Err(ApiError::request_too_large(limit))
        }
        Err(_) => Err(ApiError::broken_request()),
    }
}
