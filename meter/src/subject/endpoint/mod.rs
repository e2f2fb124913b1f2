//! A function behind an HTTP endpoint that speaks the Lambda invoke API: the runtime interface
//! emulator of AWS's images, cargo lambda, or `lambda-meter serve`.
//!
//! The duration is the time to the complete answer, HTTP included. If the endpoint returns the end
//! of its log (`X-Amz-Log-Result`), the figures are those of the REPORT line in that log, init and
//! memory included.

mod address;
mod source;

use super::{Cause, FunctionError, Invocation, Target, remote};
use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::report_line::{Report, billed_duration};
pub(super) use source::EndpointSource;

use address::Address;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// An endpoint, invoked over a new connection each time.
#[derive(Debug)]
pub struct Endpoint {
    address: Address,
    memory_size: u64,
    timeout: Duration,
    interrupts: Interrupts,
    runtime: Runtime,
}

/// The relevant parts of an answer.
struct Answer {
    duration: Duration,
    failed: bool,
    log_tail: Vec<u8>,
    payload: Vec<u8>,
}

/// A checked address for single requests, which may run side by side.
#[derive(Debug, Clone)]
pub(crate) struct EndpointCaller(Address);

impl EndpointCaller {
    /// The function at `url`.
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        Address::parse(url).map(Self)
    }

    /// The payload, or the function's error.
    pub(crate) async fn ask(&self, event: &[u8]) -> Result<Result<Vec<u8>, FunctionError>, Error> {
        let answer = exchange(&self.0, event).await?;
        Ok(if answer.failed { Err(remote::function_error(&answer.payload)) } else { Ok(answer.payload) })
    }
}

impl Endpoint {
    /// The function at `url`, which has this much memory, in MB.
    ///
    /// # Errors
    ///
    /// When the address is malformed, or the operating system is out of resources.
    pub fn new(url: &str, memory_size: u64, timeout: Duration) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        let interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        Ok(Self { address, memory_size, timeout, interrupts, runtime })
    }

    fn invocation(&self, request_id: String, answer: Answer) -> Invocation {
        let report =
            remote::report(&answer.log_tail).unwrap_or_else(|| self.own_report(request_id, answer.duration));
        Invocation {
            request_id: report.request_id,
            function_error: answer.failed.then(|| remote::function_error(&answer.payload)),
            payload: answer.payload,
            init_duration: report.init_duration,
            duration: report.duration,
            extension_overhead: None,
            billed_duration: report.billed_duration,
            memory_size: report.memory_size,
            max_memory_used: report.max_memory_used,
            log_tail: answer.log_tail,
        }
    }

    /// Figures without a REPORT line: the time measured by the client, and no memory use.
    fn own_report(&self, request_id: String, duration: Duration) -> Report {
        Report {
            request_id,
            duration,
            billed_duration: billed_duration(duration, None),
            memory_size: self.memory_size,
            max_memory_used: 0,
            init_duration: None,
            status: None,
        }
    }

    fn timed_out(&self) -> Answer {
        let message = format!("no answer within {} s", self.timeout.as_secs());
        let error = FunctionError {
            cause: Cause::TimedOut,
            error_type: "Sandbox.Timedout".to_owned(),
            error_message: message,
        };
        Answer { duration: self.timeout, failed: true, log_tail: Vec::new(), payload: error.payload() }
    }
}

impl Target for Endpoint {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        let request_id = Uuid::new_v4().to_string();
        let answer = self.runtime.block_on(async {
            tokio::select! {
                answer = exchange(&self.address, event) => answer.map(Some),
                () = tokio::time::sleep(self.timeout) => Ok(None),
                () = self.interrupts.next() => Err(Error::Interrupted),
            }
        })?;
        let timed_out = answer.is_none();
        let answer = answer.unwrap_or_else(|| self.timed_out());
        let mut invocation = self.invocation(request_id, answer);
        if let Some(error) = invocation.function_error.as_mut().filter(|_| timed_out) {
            error.cause = Cause::TimedOut;
        }
        Ok(invocation)
    }
}

async fn exchange(address: &Address, event: &[u8]) -> Result<Answer, Error> {
    let failed =
        |problem: &dyn ToString| Error::EndpointFailed { url: address.url(), problem: problem.to_string() };
    let stream = TcpStream::connect(&address.authority).await.map_err(|error| failed(&error))?;
    stream.set_nodelay(true).map_err(|error| failed(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
    let connection = tokio::spawn(connection);
    let start = Instant::now();
    let response = sender.send_request(request(address, event)).await.map_err(|error| failed(&error))?;
    let (status, function_error, log_tail) = head(&response);
    let payload = response.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
    let duration = start.elapsed();
    connection.abort();
    if status != StatusCode::OK {
        let body = crate::shorten::shorten(&payload);
        return Err(failed(&format!("it answered {status}: {}", body.trim())));
    }
    // The emulator of older images marks an error only by the form of its payload.
    let failed =
        function_error || payload.starts_with(b"{\"errorMessage\"") || payload.starts_with(b"{\"errorType\"");
    Ok(Answer { duration, failed, log_tail, payload: payload.into() })
}

fn request(address: &Address, event: &[u8]) -> Request<Full<Bytes>> {
    Request::post(&address.path)
        .header("host", &address.authority)
        .header("content-type", "application/json")
        .header("x-amz-log-type", "Tail")
        .body(Full::new(Bytes::copy_from_slice(event)))
        .expect("the address was checked")
}

fn head<T>(response: &Response<T>) -> (StatusCode, bool, Vec<u8>) {
    let headers = response.headers();
    let log = headers.get("x-amz-log-result").and_then(|value| BASE64_STANDARD.decode(value).ok());
    (response.status(), headers.contains_key("x-amz-function-error"), log.unwrap_or_default())
}
