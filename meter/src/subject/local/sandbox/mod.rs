//! One sandbox: the function's process, its extensions, and their Runtime API.
//!
//! [`init`] starts the processes, [`phase`] follows an invocation, [`shutdown`] ends the sandbox;
//! [`trail`] makes the telemetry of an invocation.

mod init;
mod phase;
mod shutdown;
mod trail;

use super::process::Process;
use super::{exit, memory};
use crate::error::Error;
use crate::runtime_api::extensions::{FailureKind, Kind, Lifecycle};
use crate::runtime_api::{Answer, RuntimeApi, Step};
use crate::sandbox::{CpuShare, Group};
use crate::telemetry::Telemetry;
use std::future::poll_fn;
use std::process::ExitStatus;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use trail::Trail;

pub(super) use init::init_status;

/// Wait for a process's last bytes in the socket after its exit.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// The fate of an event.
pub(super) enum Delivery {
    /// The function took it.
    Done { delivered: Instant, duration: Duration, outcome: Outcome },
    /// A process exited before the function asked for the event.
    NotTaken,
}

/// The end of an invocation.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Answered(Answer),
    Exited(ExitStatus),
    /// An extension ended or reported a failure.
    Extension(Crash),
    TimedOut,
}

/// The end of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crash {
    /// Name of the extension.
    pub(super) name: String,
    /// `errorType` of the invocation that fails with it.
    pub(super) error_type: &'static str,
    /// The exit, or the reported error.
    pub(super) detail: String,
}

/// The processes of a function, in a cgroup if limited; dropping the value kills them.
#[derive(Debug)]
pub(super) struct Sandbox {
    api: RuntimeApi,
    telemetry: Arc<Telemetry>,
    trail: Option<Trail>,
    /// Started after all extensions have registered.
    runtime: Option<Process>,
    /// The external extensions, by name.
    extensions: Vec<(String, Process)>,
    spawned: Instant,
    /// Peak resident memory at the last reading, in kB.
    peak: u64,
    /// Time from the delivery to the first byte of a streamed response.
    first_byte: Option<Duration>,
    /// Declared last, so that the group is removed after the processes were reaped.
    group: Option<Group>,
}

/// The next event in the life of a sandbox.
enum Happening {
    Step(Step),
    /// The function's process exited: the moment at which that was seen, and the status.
    Exited(Instant, ExitStatus),
    /// An extension ended.
    Crashed(Instant, Crash),
}

impl Sandbox {
    /// The next step, or the exit of a process after its last step.
    async fn happening(&mut self) -> Happening {
        let (runtime, extensions) = (&mut self.runtime, &mut self.extensions);
        let first_exit = poll_fn(|context| poll_exits(runtime, extensions, context));
        let exit = tokio::select! {
            biased;
            step = self.api.step() => return self.seen(step),
            exit = first_exit => exit,
        };
        // Bytes written to the socket before the exit still count.
        match timeout(LAST_WORDS, self.api.step()).await {
            Ok(step) => self.seen(step),
            Err(_) => exit,
        }
    }

    /// True when a process has exited, seen before or not.
    fn has_ended(&mut self) -> bool {
        let extensions = self.extensions.iter_mut().map(|(_, process)| process);
        self.runtime.iter_mut().chain(extensions).any(Process::has_exited)
    }

    /// A step, or the failure that an extension reported with it.
    fn seen(&self, step: Step) -> Happening {
        match (&step, self.api.extensions().failure()) {
            (Step::Extension(moment), Some(failure)) => {
                let detail = match failure.message.as_str() {
                    "" => failure.error_type,
                    message => format!("{}: {message}", failure.error_type),
                };
                let error_type = failure.kind.error_type();
                Happening::Crashed(*moment, Crash { name: failure.name, error_type, detail })
            }
            _ => Happening::Step(step),
        }
    }

    /// Limits the processes to this share of a vCPU.
    pub(super) fn throttle(&self, share: CpuShare) -> Result<(), Error> {
        self.group.as_ref().map_or(Ok(()), |group| group.throttle(share)).map_err(Error::Cgroup)
    }

    /// Stops every thread and every delivery of telemetry until the next event.
    pub(super) fn freeze(&self) {
        self.telemetry.freeze();
        if let Some(group) = &self.group {
            // A failure leaves background threads running, as they do without limits.
            let _ = group.freeze();
        }
    }

    fn thaw(&self) {
        self.telemetry.thaw();
        if let Some(group) = &self.group {
            let _ = group.thaw();
        }
    }

    pub(super) fn first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// CPU time of all processes in the group.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        self.group.as_ref().and_then(Group::cpu_time)
    }

    /// True when an extension receives invocations.
    pub(super) fn invokes_extensions(&self) -> bool {
        self.api.extensions().registry().hears(Lifecycle::Invoke)
    }

    /// True when REPORT follows only after the function and its extensions have asked for their next
    /// event.
    pub(super) fn reports_late(&self) -> bool {
        self.invokes_extensions() || self.telemetry.has_subscribers()
    }

    /// True when the end of the sandbox takes time, because an extension has registered.
    pub(super) fn has_shutdown(&self) -> bool {
        let extensions = self.api.extensions();
        extensions.has(Kind::External) || extensions.has(Kind::Internal)
    }

    /// Peak resident memory at the last reading, in MB, rounded up.
    ///
    /// Readings follow the initialisation and each answer. The last use of a process that exited
    /// without an answer is unknown, unless the sandbox reached its limit.
    pub(super) fn max_memory_used(&self, memory_size: u64) -> u64 {
        if self.ran_out_of_memory() { memory_size } else { self.peak.div_ceil(1024) }
    }

    fn ran_out_of_memory(&self) -> bool {
        self.group.as_ref().is_some_and(Group::ran_out_of_memory)
    }

    /// The id of the function's process; 0 before its start.
    pub(super) fn process_id(&self) -> u32 {
        self.runtime.as_ref().map(Process::id).unwrap_or_default()
    }

    /// Time from the start of the first process to the exit of the function's, or until now.
    pub(super) fn age(&self) -> Duration {
        self.runtime.as_ref().and_then(Process::ended).unwrap_or_else(Instant::now) - self.spawned
    }

    /// Forwards the output of all processes so far.
    pub(super) fn drain_output(&self) {
        self.processes().for_each(Process::drain_output);
    }

    /// Reads the peak of all processes in the group, or of the processes that were started.
    fn read_peak(&mut self) {
        let group = self.group.as_ref().map(Group::processes).unwrap_or_default();
        let all = group.iter().filter_map(|id| memory::peak(id.as_raw_nonzero().get().cast_unsigned()));
        let own = self.processes().filter_map(|process| memory::peak(process.id()));
        self.peak = self.peak.max(all.sum::<u64>()).max(own.sum());
    }

    fn processes(&self) -> impl Iterator<Item = &Process> {
        self.runtime.iter().chain(self.extensions.iter().map(|(_, process)| process))
    }

    /// Kills the processes and their descendants.
    fn kill(&mut self) {
        self.processes().for_each(Process::kill);
        // The cgroup also holds processes that left the process group; a frozen process dies when thawed.
        if let Some(group) = &self.group {
            group.kill();
        }
        self.runtime.iter_mut().for_each(Process::reap);
        self.extensions.iter_mut().for_each(|(_, process)| process.reap());
    }
}

/// Ready when a process has exited, the function's first.
fn poll_exits(
    runtime: &mut Option<Process>,
    extensions: &mut [(String, Process)],
    context: &mut Context<'_>,
) -> Poll<Happening> {
    if let Some(runtime) = runtime
        && let Poll::Ready((moment, status)) = runtime.poll_exit(context)
    {
        return Poll::Ready(Happening::Exited(moment, status));
    }
    for (name, process) in extensions {
        if let Poll::Ready((moment, status)) = process.poll_exit(context) {
            return Poll::Ready(Happening::Crashed(moment, Crash::exited(name, status)));
        }
    }
    Poll::Pending
}

impl Crash {
    fn exited(name: &str, status: ExitStatus) -> Self {
        Self { name: name.to_owned(), error_type: "Extension.Crash", detail: exit::describe(status) }
    }

    /// The error of the tool when the crash ended the initialisation.
    fn in_init(self) -> Error {
        let Self { name, error_type, detail } = self;
        let (problem, hint) = if error_type == FailureKind::Init.error_type() {
            (format!("reported that its initialisation failed: {detail}"), "its own log is above")
        } else if error_type == FailureKind::Exit.error_type() {
            (format!("reported that it exits: {detail}"), "its own log is above")
        } else {
            let hint =
                "its own log is above; --env NAME=VALUE sets variables of the function and its extensions";
            (format!("ended before the function's first event: {detail}"), hint)
        };
        Error::Extension { name, problem, error_type: error_type.to_owned(), hint: hint.to_owned() }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}
