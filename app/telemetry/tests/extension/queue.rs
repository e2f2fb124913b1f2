//! A stand-in of SQS: `SendMessageBatch` by the JSON protocol, with the service's limits, and faults by plan.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The stand-in's behaviour towards one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No fault.
    None,
    /// Refuses the request: too many.
    Throttle,
    /// Fails as the service may.
    Internal,
    /// Takes every second entry, and asks to repeat the others.
    Half,
    /// Takes all, and breaks the connection before the answer.
    TakeAndBreak,
    /// Breaks the connection.
    Break,
    /// Takes all, and never answers.
    TakeAndHang,
    /// Closes all connections, as a server that starts anew.
    Restart,
}

/// The messages that the queue has, and what senders did wrong.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Bodies in the order of their arrival, duplicates and all.
    pub(crate) bodies: Vec<String>,
    /// Requests that were answered or broken.
    pub(crate) requests: usize,
    /// Breaches of the service's limits.
    pub(crate) breaches: Vec<String>,
}

/// The stand-in, for as long as the test runs.
pub(crate) struct Sqs {
    pub(crate) port: u16,
    state: Arc<State>,
}

struct State {
    content: Mutex<Content>,
    plan: Box<dyn Fn(usize) -> Fault + Send + Sync>,
    restarts: watch::Sender<u64>,
}

impl Sqs {
    /// Starts a stand-in; `plan` chooses the fault of each request by its number.
    pub(crate) async fn start(plan: impl Fn(usize) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let restarts = watch::Sender::new(0);
        let state = Arc::new(State { content: Mutex::default(), plan: Box::new(plan), restarts });
        tokio::spawn(accept(listener, state.clone()));
        Self { port, state }
    }

    /// Calls `read` with the content.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Content) -> T) -> T {
        read(&self.state.content.lock().unwrap())
    }

    /// All messages, as JSON.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.read(|content| content.bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect())
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let state = state.clone();
        let mut restarts = state.restarts.subscribe();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let state = state.clone();
                async move { state.answer(request).await }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::select! { _ = connection => (), _ = restarts.changed() => () }
        });
    }
}

impl State {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let target = request.headers()["x-amz-target"].to_str().unwrap().to_owned();
        let body = request.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        let (fault, answer) = {
            let mut content = self.content.lock().unwrap();
            let fault = (self.plan)(content.requests);
            content.requests += 1;
            if target != "AmazonSQS.SendMessageBatch" {
                content.breaches.push(target);
            }
            (fault, content.take(&serde_json::from_slice(&body).unwrap(), fault))
        };
        let error = |status: u16, code: &str| {
            let body =
                json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "planned"}).to_string();
            let answer =
                Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
            Ok(answer.body(Full::from(body)).unwrap())
        };
        match fault {
            Fault::Throttle => error(400, "RequestThrottled"),
            Fault::Internal => error(500, "InternalFailure"),
            Fault::Break | Fault::TakeAndBreak => Err(io::ErrorKind::ConnectionReset.into()),
            Fault::TakeAndHang => pending().await,
            Fault::Restart => {
                self.restarts.send_modify(|restarts| *restarts += 1);
                pending().await
            }
            Fault::None | Fault::Half => Ok(Response::new(Full::from(answer.to_string()))),
        }
    }
}

impl Content {
    /// Takes what the fault allows; returns the answer.
    fn take(&mut self, request: &Value, fault: Fault) -> Value {
        let entries = request["Entries"].as_array().unwrap();
        self.check(entries);
        let takes = |index: usize| match fault {
            Fault::None | Fault::TakeAndBreak | Fault::TakeAndHang => true,
            Fault::Half => index.is_multiple_of(2),
            _ => false,
        };
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            let id = &entry["Id"];
            if takes(index) {
                self.bodies.push(entry["MessageBody"].as_str().unwrap().to_owned());
                successful.push(json!({"Id": id, "MessageId": "m", "MD5OfMessageBody": "5"}));
            } else {
                failed.push(
                    json!({"Id": id, "Code": "InternalError", "SenderFault": false, "Message": "planned"}),
                );
            }
        }
        json!({"Successful": successful, "Failed": failed})
    }

    /// Notes breaches of the limits of the service and of the extension's setting.
    fn check(&mut self, entries: &[Value]) {
        let bodies: Vec<&str> = entries.iter().map(|entry| entry["MessageBody"].as_str().unwrap()).collect();
        let bytes: usize = bodies.iter().map(|body| body.len()).sum();
        let mut names: Vec<&str> = entries.iter().map(|entry| entry["Id"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        if !(1..=10).contains(&entries.len()) || names.len() != entries.len() || bytes > 262_144 {
            self.breaches.push(format!("{} entries, {} names, {bytes} bytes", entries.len(), names.len()));
        }
        if bodies.iter().any(|body| body.contains(['\u{fffe}', '\u{ffff}'])) {
            self.breaches.push("a character that SQS refuses".to_owned());
        }
    }
}
