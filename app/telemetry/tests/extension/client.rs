//! A client for one request.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Sends a request to a port of this machine; returns status and body, null where the body is not JSON.
pub(crate) async fn call(port: u16, request: Request<Full<Bytes>>) -> (StatusCode, Value) {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// Posts JSON.
pub(crate) async fn post(port: u16, path: &str, body: impl Into<Bytes>) -> (StatusCode, Value) {
    let request = Request::post(path).header("host", "localhost").header("content-type", "application/json");
    call(port, request.body(Full::from(body.into())).unwrap()).await
}

/// Asks for JSON.
pub(crate) async fn get(port: u16, path: &str) -> (StatusCode, Value) {
    call(port, Request::get(path).header("host", "localhost").body(Full::default()).unwrap()).await
}
