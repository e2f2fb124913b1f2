//! What both servers need: connections, bodies within a limit, answers in JSON.

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// An answer of either server.
pub type Answer = Response<Full<Bytes>>;

/// Serves connections for as long as the process lives.
pub async fn serve<S, F>(listener: TcpListener, answer: S)
where
    S: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, say: other tasks may close theirs.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        let service = service_fn(move |request| {
            let answered = answer(request);
            async move { Ok::<_, Infallible>(answered.await) }
        });
        // The client of a broken connection knows about it.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The body of a request, or `None` if it has more than `limit` bytes or breaks off.
pub async fn body(request: Request<Incoming>, limit: usize) -> Option<Bytes> {
    if request.body().size_hint().lower() > limit as u64 {
        return None;
    }
    collect(request.into_body(), limit).await.ok()
}

/// All bytes of a body of at most `limit` bytes.
pub(crate) async fn collect(body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::Broken),
    }
}

/// The reason why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    Broken,
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Answer {
    let mut answer = Response::new(Full::from(value.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a header of letters"));
    answer
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

/// An error: `{"error": {"code", "field"?, "message"}}`.
pub(crate) fn error(status: StatusCode, code: &str, field: Option<&str>, message: &str) -> Answer {
    let mut error = json!({"code": code, "message": message});
    if let Some(field) = field {
        error["field"] = field.into();
    }
    json(status, &json!({"error": error}))
}

/// An error about a method, with the header that tells the allowed one.
pub(crate) fn method_not_allowed(allowed: &'static str, path: &str) -> Answer {
    let message = format!("{path} takes {allowed} only");
    let mut answer = error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", None, &message);
    answer.headers_mut().insert(ALLOW, allowed.parse().expect("a method's name"));
    answer
}
