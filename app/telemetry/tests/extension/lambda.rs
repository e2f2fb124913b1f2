//! A stand-in of Lambda: the Extensions API, the Telemetry API's subscription, and the extension's process.

use crate::client;
use crate::queue::Sqs;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use pi_telemetry::endpoint::http::{self, Answer};
use serde_json::{Value, json};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

/// Far longer than anything in these tests takes: a hang becomes a failure, and no success waits for it.
const HANG: Duration = Duration::from_secs(120);

/// Milliseconds until the deadline of a shutdown that must not decide about a test: Lambda gives 2,000.
pub(crate) const PLENTY: u64 = 600_000;

/// Steps of the extension's initialisation that the stand-in saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The name and the body of the registration.
    pub(crate) registered: Option<(String, Value)>,
    /// The body of the subscription.
    pub(crate) subscribed: Option<Value>,
    /// How often the extension asked for its next event.
    pub(crate) asked: usize,
}

/// Lambda with one environment, in which the extension runs.
pub(crate) struct Lambda {
    seen: watch::Sender<Seen>,
    events: mpsc::UnboundedSender<Value>,
    child: Child,
    /// The port of the endpoint for the function's events.
    pub(crate) port: u16,
}

struct Api {
    seen: watch::Sender<Seen>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Value>>,
    telemetry: StatusCode,
}

/// A free port. Another process could take it before the extension does; none did so far.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Lambda {
    /// Starts the extension with a queue, and with other settings.
    pub(crate) async fn start(queue: &Sqs, settings: &[(&str, &str)]) -> Self {
        let url = format!("http://127.0.0.1:{}/123456789012/telemetry", queue.port);
        let endpoint = format!("http://127.0.0.1:{}", queue.port);
        let mut all = vec![("PI_TELEMETRY_QUEUE_URL", url.as_str()), ("AWS_ENDPOINT_URL_SQS", &endpoint)];
        all.extend(settings);
        Self::start_with(StatusCode::OK, &all).await
    }

    /// Starts the extension in an environment whose Telemetry API answers with a status.
    pub(crate) async fn start_with(telemetry: StatusCode, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, receiver) = mpsc::unbounded_channel();
        let seen = watch::Sender::new(Seen::default());
        let api = Arc::new(Api { seen: seen.clone(), events: tokio::sync::Mutex::new(receiver), telemetry });
        tokio::spawn(http::serve(listener, move |request| {
            let api = api.clone();
            async move { api.answer(request).await }
        }));
        let port = free_port();
        let child = Command::new(env!("CARGO_BIN_EXE_pi-telemetry"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("PI_TELEMETRY_PORT", port.to_string())
            .env("PI_TELEMETRY_ADDRESS", "127.0.0.1")
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lambda = Self { seen, events, child, port };
        // The initialisation ends with the first question for an event.
        lambda.until(|seen| seen.asked >= 1).await;
        lambda
    }

    /// Waits until the stand-in has seen something.
    pub(crate) async fn until(&self, what: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.subscribe();
        timeout(HANG, seen.wait_for(what)).await.expect("the extension hangs").unwrap().clone()
    }

    /// Begins an invocation, and waits until the extension asks for the event after it.
    pub(crate) async fn invoke(&self, request_id: &str) {
        let asked = self.seen.borrow().asked;
        let event = json!({"eventType": "INVOKE", "deadlineMs": deadline(3000), "requestId": request_id,
            "invokedFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:function",
            "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1"}});
        self.events.send(event).unwrap();
        self.until(|seen| seen.asked > asked).await;
    }

    /// Delivers records to the subscription.
    pub(crate) async fn deliver(&self, records: &Value) {
        let subscribed = self.seen.borrow().subscribed.clone().expect("a subscription");
        let uri = subscribed["destination"]["URI"].as_str().unwrap().to_owned();
        let port = uri.strip_prefix("http://sandbox.localdomain:").unwrap().split('/').next().unwrap();
        let (status, _) = client::post(port.parse().unwrap(), "/telemetry", records.to_string()).await;
        assert_eq!(status, StatusCode::OK);
    }

    /// Tells the extension that the environment ends within some time.
    pub(crate) fn announce_shutdown(&self, within_ms: u64) {
        let deadline = deadline(within_ms);
        let event = json!({"eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": deadline});
        self.events.send(event).unwrap();
    }

    /// Ends the environment; returns what the extension printed once it has ended by itself.
    pub(crate) async fn shut_down(self) -> Output {
        self.announce_shutdown(PLENTY);
        self.ended().await
    }

    /// Waits for the end of the process.
    pub(crate) async fn ended(self) -> Output {
        let output =
            timeout(HANG, self.child.wait_with_output()).await.expect("the extension hangs").unwrap();
        assert!(output.status.success(), "{output:?}");
        output
    }

    /// Waits until a count of the endpoint's `GET /status` has a value.
    pub(crate) async fn until_status(&self, is_so: impl Fn(&Value) -> bool) {
        let wait = async {
            while !is_so(&client::get(self.port, "/status").await.1) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(HANG, wait).await.expect("the extension hangs");
    }
}

/// A time some milliseconds from now, in milliseconds since 1970.
fn deadline(within_ms: u64) -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64 + within_ms
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let value = || serde_json::from_slice::<Value>(&body).unwrap();
        match (&parts.method, parts.uri.path()) {
            (&Method::POST, "/2020-01-01/extension/register") => {
                let name = header("Lambda-Extension-Name").unwrap();
                self.seen.send_modify(|seen| seen.registered = Some((name, value())));
                let body = json!({"functionName": "function", "functionVersion": "$LATEST", "handler": "h"});
                let answer = Response::builder().header("Lambda-Extension-Identifier", "identifier");
                answer.body(Full::from(body.to_string())).unwrap()
            }
            (&Method::PUT, "/2022-07-01/telemetry") => {
                assert_eq!(header("Lambda-Extension-Identifier").as_deref(), Some("identifier"));
                self.seen.send_modify(|seen| seen.subscribed = Some(value()));
                Response::builder().status(self.telemetry).body(Full::from(Bytes::from("OK"))).unwrap()
            }
            (&Method::GET, "/2020-01-01/extension/event/next") => {
                assert_eq!(header("Lambda-Extension-Identifier").as_deref(), Some("identifier"));
                self.seen.send_modify(|seen| seen.asked += 1);
                let event = self.events.lock().await.recv().await.unwrap();
                Response::new(Full::from(event.to_string()))
            }
            (method, path) => panic!("{method} {path}"),
        }
    }
}

/// Lines that the extension printed.
pub(crate) fn log(output: &Output) -> String {
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}
