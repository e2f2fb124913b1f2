//! A place for one sandbox, which is started on demand and replaced after its loss.

use super::confinement::Confinement;
use super::environment::{self, Configuration};
use super::outcome;
use super::output::SharedLog;
use super::sandbox::{Delivery, Outcome, Sandbox, init_status};
use crate::clock;
use crate::error::Error;
use crate::log::Log;
use crate::report_line::{billed_duration, init_report};
use crate::runtime_api::Work;
use crate::runtime_api::extensions::ShutdownReason;
use crate::subject::{Cause, Invocation};
use hyper::body::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc::Sender;
use tokio::time::error::Elapsed;
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
    /// The record of an invocation that is over when the extensions have come back.
    pending: Option<Pending>,
    /// The reason for which the sandbox has to end.
    ending: Option<ShutdownReason>,
}

/// An invocation that has answered, while extensions still work.
#[derive(Debug)]
struct Pending {
    invocation: Invocation,
    delivered: Instant,
}

impl Worker {
    /// A worker without a sandbox; its log goes to `log`.
    #[must_use]
    pub fn new(configuration: Configuration, confinement: Confinement, log: Log) -> Self {
        let log = SharedLog::new(log);
        Self { configuration, confinement, log, slot: None, deadline: None, pending: None, ending: None }
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

    /// True when the last invocation has answered and waits for extensions.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
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
            content_type: Arc::default(),
        }
    }

    /// Delivers an event and waits for the answer. Call [`settle`](Self::settle) afterwards.
    ///
    /// With an extension that receives invocations, the record lacks REPORT and the time of the
    /// extensions; [`settle`](Self::settle) returns the final one.
    ///
    /// # Errors
    ///
    /// When the function could not be started; the next event starts a new sandbox.
    pub async fn invoke(&mut self, work: Work) -> Result<Invocation, Error> {
        self.end_if_due().await;
        let result = self.try_invoke(work).await;
        match &result {
            Err(_) => self.shut_down(ShutdownReason::Failure).await,
            Ok(invocation) => match invocation.function_error.as_ref().map(|error| error.cause) {
                Some(Cause::TimedOut) => self.end_soon(ShutdownReason::Timeout),
                Some(cause) if cause.is_fatal() => self.end_soon(ShutdownReason::Failure),
                _ => {}
            },
        }
        result
    }

    /// Ends a sandbox at once, or in [`settle`](Self::settle) if its extensions have a last word, so
    /// that the caller does not wait for them.
    fn end_soon(&mut self, reason: ShutdownReason) {
        if self.slot.as_ref().is_some_and(Sandbox::has_shutdown) {
            self.ending = Some(reason);
        } else {
            self.discard();
        }
    }

    async fn end_if_due(&mut self) {
        if let Some(reason) = self.ending.take() {
            self.shut_down(reason).await;
        }
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
                Delivery::Done { delivered, duration, outcome } => {
                    let is_answered = matches!(outcome, Outcome::Answered(_));
                    let timing = (init_duration, duration);
                    let mut record = outcome::record(&self.configuration, sandbox, &work, timing, outcome);
                    if is_answered && sandbox.reports_late() {
                        self.pending = Some(Pending { invocation: record.clone(), delivered });
                    } else {
                        outcome::report(&self.configuration, &self.log, &mut record);
                        sandbox.trail_reports(&record);
                    }
                    return Ok(record);
                }
                // The process exited after its last answer. Start a new process, as Lambda does.
                Delivery::NotTaken if init_duration.is_none() => {
                    self.replace(ENDED, ShutdownReason::Failure).await;
                }
                Delivery::NotTaken => return Err(sandbox.exited_in_init(&self.configuration).await),
            }
        }
    }

    /// Starts a sandbox; a failed initialisation is logged with an `INIT_REPORT` line.
    async fn start(&mut self) -> Result<Duration, Error> {
        let sandbox = Sandbox::launch(&self.configuration, &self.log, self.confinement.group()?)?;
        let sandbox = self.slot.insert(sandbox);
        let result = sandbox.initialize(&self.configuration, &self.log).await;
        if let Err(error) = &result {
            sandbox.drain_output();
            self.log.lock().line(&init_report(sandbox.age(), &init_status(error)));
        } else if let Some(share) = self.confinement.share() {
            // Throttle after the initialisation, which Lambda does not throttle.
            sandbox.throttle(share)?;
        }
        result
    }

    /// Waits until the function and its extensions ask for their next event, and freezes them.
    ///
    /// Work after the answer still belongs to the invocation and counts towards its timeout. Returns
    /// the final record if the invocation waited for extensions.
    pub async fn settle(&mut self) -> Option<Invocation> {
        self.end_if_due().await;
        let (Some(sandbox), Some(deadline)) = (&mut self.slot, self.deadline.take()) else { return None };
        let end = tokio::time::timeout_at(deadline.into(), sandbox.idle()).await;
        let pending = self.pending.take();
        let settled = pending.map(|pending| self.conclude(pending, &end));
        match end {
            Ok(Ok(())) => {
                if let Some(sandbox) = &self.slot {
                    sandbox.freeze();
                }
            }
            Ok(Err(_)) => self.replace(ENDED, ShutdownReason::Failure).await,
            Err(_) => self.replace(&self.not_idle(), ShutdownReason::Timeout).await,
        }
        settled
    }

    /// The final record of an invocation, logged with END and REPORT.
    fn conclude(&mut self, pending: Pending, end: &Result<Result<(), Outcome>, Elapsed>) -> Invocation {
        let Pending { mut invocation, delivered } = pending;
        let Some(sandbox) = &mut self.slot else { unreachable!("it has answered") };
        let answered = invocation.duration;
        let back = sandbox.last_back().map_or(answered, |last| last.saturating_duration_since(delivered));
        let whole = match end {
            Ok(Ok(())) => back.max(answered),
            Ok(Err(_)) => delivered.elapsed(),
            Err(_) => self.configuration.timeout,
        };
        sandbox.drain_output();
        invocation.max_memory_used = sandbox.max_memory_used(self.configuration.memory_size);
        invocation.extension_overhead = sandbox.invokes_extensions().then(|| whole - answered);
        invocation.duration = whole;
        invocation.billed_duration = billed_duration(whole, invocation.init_duration);
        match end {
            Ok(Ok(())) => {}
            Ok(Err(outcome)) => outcome::fail(&self.configuration, &mut invocation, outcome.clone()),
            Err(_) => outcome::fail(&self.configuration, &mut invocation, Outcome::TimedOut),
        }
        outcome::report(&self.configuration, &self.log, &mut invocation);
        if let Some(sandbox) = &mut self.slot {
            sandbox.trail_reports(&invocation);
        }
        invocation
    }

    /// Stops the sandbox, if any, at once.
    pub fn discard(&mut self) {
        self.slot = None;
        self.deadline = None;
        self.pending = None;
        self.ending = None;
    }

    /// Stops the sandbox, if any, after its shutdown phase; only extensions have one.
    pub async fn shut_down(&mut self, reason: ShutdownReason) {
        if let Some(sandbox) = &mut self.slot {
            sandbox.shut_down(reason, &self.log).await;
        }
        self.discard();
    }

    async fn replace(&mut self, why: &str, reason: ShutdownReason) {
        // The end of the sandbox logs the rest of its output before the reason.
        self.shut_down(reason).await;
        self.log.lock().line(why);
    }

    fn not_idle(&self) -> String {
        let busy = self.slot.as_ref().map(Sandbox::busy).unwrap_or_default();
        match busy.first() {
            None => NOT_IDLE.to_owned(),
            Some(name) => format!(
                "The function answered, but the extension {name} did not ask for its next event before the \
                 timeout; the sandbox was stopped."
            ),
        }
    }
}

const ENDED: &str = "The sandbox ended between two invocations; a new one is started.";
const NOT_IDLE: &str =
    "The function answered, but did not ask for its next event before its timeout; its sandbox was stopped.";
