//! A place for one sandbox, which is started on demand and replaced after its loss.

use super::confinement::Confinement;
use super::environment::{self, Configuration};
use super::outcome;
use super::output::SharedLog;
use super::sandbox::{Delivery, Sandbox};
use crate::clock;
use crate::error::Error;
use crate::log::Log;
use crate::report_line::{Status, init_report};
use crate::runtime_api::Work;
use crate::subject::Invocation;
use hyper::body::Bytes;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

/// Invokes a function, one event after the other. Use it within a tokio runtime.
#[derive(Debug)]
pub struct Worker {
    configuration: Configuration,
    confinement: Confinement,
    log: SharedLog,
    slot: Option<Sandbox>,
    /// Deadline of an invocation that has answered but is not over.
    deadline: Option<Instant>,
}

impl Worker {
    /// A worker without a sandbox; its log goes to `log`.
    #[must_use]
    pub fn new(configuration: Configuration, confinement: Confinement, log: Log) -> Self {
        Self { configuration, confinement, log: SharedLog::new(log), slot: None, deadline: None }
    }

    /// The limits of the sandboxes.
    #[must_use]
    pub fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// The id of the process that serves events, if one runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.slot.as_ref().map(Sandbox::process_id)
    }

    /// CPU time of the sandbox; `None` without a cgroup.
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        self.slot.as_ref().and_then(Sandbox::cpu_time)
    }

    /// Time from the last event's delivery to the first byte of its streamed response.
    #[must_use]
    pub fn first_byte(&self) -> Option<Duration> {
        self.slot.as_ref().and_then(Sandbox::first_byte)
    }

    /// An event with a new request id; see [`Work::stream`] for the third argument.
    #[must_use]
    pub fn work(&self, event: Bytes, stream: Option<Sender<Bytes>>) -> Work {
        let (trace, parent) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
        let now = SystemTime::now();
        let second = clock::epoch_millis(now) / 1000;
        Work {
            request_id: Uuid::new_v4().to_string(),
            deadline_ms: clock::epoch_millis(now + self.configuration.timeout),
            function_arn: self.configuration.function_arn(),
            trace_id: format!("Root=1-{second:08x}-{};Parent={};Sampled=0", &trace[..24], &parent[..16]),
            client_context: None,
            event,
            stream,
        }
    }

    /// Delivers an event and waits for the answer. Call [`settle`](Self::settle) afterwards.
    ///
    /// # Errors
    ///
    /// When the function could not be started; the next event starts a new sandbox.
    pub async fn invoke(&mut self, work: Work) -> Result<Invocation, Error> {
        let result = self.try_invoke(work).await;
        let lost = |invocation: &Invocation| {
            invocation.function_error.as_ref().is_some_and(|error| error.cause.is_fatal())
        };
        if result.as_ref().map_or(true, lost) {
            self.discard();
        }
        result
    }

    /// As [`invoke`](Self::invoke), with a failed start reported as Lambda reports it to a caller.
    pub async fn invoke_or_explain(&mut self, work: Work) -> Invocation {
        let request_id = work.request_id.clone();
        match self.invoke(work).await {
            Ok(invocation) => invocation,
            Err(error) => {
                self.log.lock().line(&format!("lambda-meter: error: {error}"));
                outcome::not_started(&self.configuration, &self.log, request_id, &error)
            }
        }
    }

    async fn try_invoke(&mut self, work: Work) -> Result<Invocation, Error> {
        self.log.lock().start_tail();
        loop {
            let init_duration = if self.slot.is_none() { Some(self.start().await?) } else { None };
            let Some(sandbox) = &mut self.slot else { unreachable!("it was started") };
            let start = format!("START RequestId: {} Version: {}", work.request_id, environment::VERSION);
            self.log.lock().line(&start);
            let timeout = self.configuration.timeout;
            self.deadline = Some(Instant::now() + timeout);
            match sandbox.deliver(work.clone(), timeout).await {
                Delivery::Done { duration, outcome } => {
                    let timing = (init_duration, duration);
                    return Ok(outcome::conclude(
                        &self.configuration,
                        &self.log,
                        sandbox,
                        &work,
                        timing,
                        outcome,
                    ));
                }
                // The process exited after its last answer. Start a new process, as Lambda does.
                Delivery::NotTaken if init_duration.is_none() => self.replace(ENDED),
                Delivery::NotTaken => return Err(sandbox.exited_in_init(&self.configuration).await),
            }
        }
    }

    /// Starts a sandbox; a failed initialisation is logged with an `INIT_REPORT` line.
    async fn start(&mut self) -> Result<Duration, Error> {
        let sandbox = Sandbox::launch(&self.configuration, &self.log, self.confinement.group()?)?;
        let sandbox = self.slot.insert(sandbox);
        let result = sandbox.initialize(&self.configuration).await;
        if let Err(error) = &result {
            let status = match error {
                Error::InitTimedOut { .. } => Status::Timeout,
                Error::InitFailed { error_type, .. } => Status::Error(error_type.clone()),
                _ => Status::Error("Runtime.ExitError".to_owned()),
            };
            sandbox.drain_output();
            self.log.lock().line(&init_report(sandbox.age(), &status));
        } else if let Some(share) = self.confinement.share() {
            // Throttle after the initialisation, which Lambda does not throttle.
            sandbox.throttle(share)?;
        }
        result
    }

    /// Waits until the function asks for its next event, and freezes it.
    ///
    /// Work after the answer still belongs to the invocation and counts towards its timeout.
    pub async fn settle(&mut self) {
        let (Some(sandbox), Some(deadline)) = (&mut self.slot, self.deadline.take()) else { return };
        match tokio::time::timeout_at(deadline.into(), sandbox.idle()).await {
            Ok(true) => sandbox.freeze(),
            Ok(false) => self.replace(ENDED),
            Err(_) => self.replace(NOT_IDLE),
        }
    }

    /// Stops the sandbox, if any.
    pub fn discard(&mut self) {
        self.slot = None;
        self.deadline = None;
    }

    fn replace(&mut self, why: &str) {
        // Dropping the sandbox first logs the rest of its output before the reason.
        self.discard();
        self.log.lock().line(why);
    }
}

const ENDED: &str = "The sandbox ended between two invocations; a new one is started.";
const NOT_IDLE: &str =
    "The function answered, but did not ask for its next event before its timeout; its sandbox was stopped.";
