//! A function's binary on this machine, started and driven as Lambda would.
//!
//! One process (a sandbox, in Lambda's terms) serves one event after the other: the first
//! one finds a cold start, the next ones a warm process. A sandbox that crashed, timed out or
//! ended on its own is replaced by a new one, with a new cold start, as on Lambda.
//!
//! What is measured is unscaled wall time. Lambda gives a function a share of a CPU that is
//! proportional to its memory, and kills it when it uses more than that; neither is emulated yet.

mod diagnose;
pub mod environment;
mod exit;
mod memory;
mod output;
mod sandbox;

pub use environment::Configuration;
pub use memory::resident as resident_memory;

use super::{Cause, FunctionError, Invocation, Target};
use crate::clock;
use crate::error::Error;
use crate::log::Log;
use crate::report::{Status, billed_duration, init_report};
use crate::runtime_api::{Answer, MAX_RESPONSE_SIZE, Reported, Work};
use output::SharedLog;
use sandbox::{Delivery, Outcome, Sandbox};
use std::io;
use std::time::{Duration, SystemTime};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use uuid::Uuid;

/// A binary that is invoked on this machine. Dropping it kills its processes.
#[derive(Debug)]
pub struct LocalBinary {
    configuration: Configuration,
    log: SharedLog,
    // Before `runtime`: a sandbox needs it while it is dropped.
    sandbox: Option<Sandbox>,
    interrupts: Interrupts,
    runtime: Runtime,
}

impl LocalBinary {
    /// A binary that is started at the first invocation; its log goes to `log`.
    ///
    /// # Errors
    ///
    /// When the operating system has no resources left.
    pub fn new(configuration: Configuration, log: Log) -> Result<Self, Error> {
        // One thread, so that nothing competes with the function for the CPU.
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
        let interrupts = runtime.block_on(async { Interrupts::listen() }).map_err(Error::RuntimeApi)?;
        Ok(Self { configuration, log: SharedLog::new(log), sandbox: None, interrupts, runtime })
    }

    /// The process that serves the events, while there is one.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.sandbox.as_ref().map(Sandbox::process_id)
    }
}

impl Target for LocalBinary {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        let work = work(&self.configuration, event);
        self.runtime
            .block_on(async {
                tokio::select! {
                    result = invoke(&self.configuration, &self.log, &mut self.sandbox, work) => result,
                    error = self.interrupts.next() => Err(error),
                }
            })
            .inspect_err(|_| self.sandbox = None)
    }
}

fn work(configuration: &Configuration, event: &[u8]) -> Work {
    let (trace, parent) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
    let now = SystemTime::now();
    Work {
        request_id: Uuid::new_v4().to_string(),
        deadline_ms: clock::epoch_millis(now + configuration.timeout),
        function_arn: configuration.function_arn(),
        trace_id: format!(
            "Root=1-{:08x}-{};Parent={};Sampled=0",
            clock::epoch_millis(now) / 1000,
            &trace[..24],
            &parent[..16]
        ),
        event: event.to_vec().into(),
    }
}

/// Ctrl-C and its relatives, from the start of the tool: none is lost between two invocations.
#[derive(Debug)]
struct Interrupts([Signal; 3]);

impl Interrupts {
    fn listen() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn next(&mut self) -> Error {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => (), _ = hangup.recv() => () }
        Error::Interrupted
    }
}

async fn invoke(
    configuration: &Configuration,
    log: &SharedLog,
    slot: &mut Option<Sandbox>,
    work: Work,
) -> Result<Invocation, Error> {
    log.lock().start_tail();
    loop {
        let (sandbox, init_duration) = match slot {
            Some(sandbox) => (sandbox, None),
            None => {
                let sandbox = slot.insert(Sandbox::launch(configuration, log)?);
                let init_duration = initialize(configuration, log, sandbox).await?;
                (sandbox, Some(init_duration))
            }
        };
        log.lock().line(&format!("START RequestId: {} Version: {}", work.request_id, environment::VERSION));
        match sandbox.deliver(work.clone(), configuration.timeout).await {
            Delivery::Done { duration, outcome } => {
                let invocation =
                    conclude(configuration, log, sandbox, &work, (init_duration, duration), outcome);
                if invocation.function_error.as_ref().is_some_and(|error| error.cause.is_fatal()) {
                    *slot = None;
                }
                return Ok(invocation);
            }
            // The process ended after its last answer. Lambda starts a new one; so do we.
            Delivery::NotTaken if init_duration.is_none() => {
                log.lock().line("The sandbox ended between two invocations; a new one is started.");
                *slot = None;
            }
            Delivery::NotTaken => return Err(sandbox.exited_in_init(configuration).await),
        }
    }
}

/// Waits for the first `next`; an initialisation that fails gets its `INIT_REPORT`.
async fn initialize(
    configuration: &Configuration,
    log: &SharedLog,
    sandbox: &mut Sandbox,
) -> Result<Duration, Error> {
    let result = sandbox.initialize(configuration).await;
    if let Err(error) = &result {
        let status = match error {
            Error::InitTimedOut { .. } => Status::Timeout,
            Error::InitFailed { error_type, .. } => Status::Error(error_type.clone()),
            _ => Status::Error("Runtime.ExitError".to_owned()),
        };
        sandbox.drain_output();
        log.lock().line(&init_report(sandbox.age(), &status));
    }
    result
}

/// Turns what happened into the invocation's record, and writes END and REPORT.
fn conclude(
    configuration: &Configuration,
    log: &SharedLog,
    sandbox: &mut Sandbox,
    work: &Work,
    (init_duration, duration): (Option<Duration>, Duration),
    outcome: Outcome,
) -> Invocation {
    sandbox.drain_output();
    let request_id = &work.request_id;
    let (payload, function_error) = payload(configuration, request_id, outcome);
    let mut log = log.lock();
    match &function_error {
        Some(FunctionError { cause: Cause::Exited, error_type, error_message }) => {
            log.line(&format!("{error_message}\n{error_type}"));
        }
        Some(FunctionError { cause: Cause::TimedOut, .. }) => {
            let now = clock::timestamp(SystemTime::now());
            log.line(&format!("{now} {request_id} {}", timed_out(configuration.timeout)));
        }
        _ => {}
    }
    let mut invocation = Invocation {
        request_id: request_id.clone(),
        payload,
        function_error,
        init_duration,
        duration,
        billed_duration: billed_duration(duration, init_duration),
        memory_size: configuration.memory_size,
        max_memory_used: sandbox.max_memory_used(),
        log_tail: Vec::new(),
    };
    log.line(&format!("END RequestId: {request_id}"));
    log.line(&invocation.report().to_string());
    invocation.log_tail = log.tail();
    invocation
}

fn timed_out(timeout: Duration) -> String {
    format!("Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// What the caller gets, and the error if it is one; wording as on Lambda.
fn payload(
    configuration: &Configuration,
    request_id: &str,
    outcome: Outcome,
) -> (Vec<u8>, Option<FunctionError>) {
    let (cause, error_type, error_message) = match outcome {
        Outcome::Answered(Answer::Response(payload)) => return (payload.into(), None),
        Outcome::Answered(Answer::Error(reported)) => {
            let error = function_error(&reported);
            return (reported.body.into(), Some(error));
        }
        Outcome::Answered(Answer::TooLarge(size)) => (
            Cause::ResponseTooLarge,
            "Function.ResponseSizeTooLarge",
            format!(
                "Response payload size ({size} bytes) exceeded maximum allowed payload size ({MAX_RESPONSE_SIZE} bytes)."
            ),
        ),
        Outcome::Exited(status) => (
            Cause::Exited,
            "Runtime.ExitError",
            format!("RequestId: {request_id} Error: {}", exit::lambda_wording(status)),
        ),
        Outcome::TimedOut => (
            Cause::TimedOut,
            "Sandbox.Timedout",
            format!("RequestId: {request_id} Error: {}", timed_out(configuration.timeout)),
        ),
    };
    let error = FunctionError { cause, error_type: error_type.to_owned(), error_message };
    (error.payload(), Some(error))
}

/// Reads `errorType` and `errorMessage` from the body, with the header and the raw text to fall back on.
fn function_error(reported: &Reported) -> FunctionError {
    let body: serde_json::Value = serde_json::from_slice(&reported.body).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    FunctionError {
        cause: Cause::Reported,
        error_type: field("errorType")
            .or_else(|| reported.error_type.clone())
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        error_message: field("errorMessage")
            .unwrap_or_else(|| String::from_utf8_lossy(&reported.body).into_owned()),
    }
}
