//! One process of the function, with its Runtime API.

use super::environment::{self, Configuration};
use super::outcome::function_error;
use super::output::{Output, SharedLog};
use super::{diagnose, exit, memory};
use crate::error::Error;
use crate::runtime_api::{Answer, RuntimeApi, Step, StreamEnd, Streamed, Work};
use crate::sandbox::{CpuShare, Group};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Wait for a process's last bytes in the socket after its exit.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// The fate of an event.
pub(super) enum Delivery {
    /// The function took it.
    Done { duration: Duration, outcome: Outcome },
    /// The process exited before it asked for the event.
    NotTaken,
}

/// The end of an invocation.
pub(super) enum Outcome {
    Answered(Answer),
    Exited(ExitStatus),
    TimedOut,
}

/// A process in its own process group, and in a cgroup if limited; dropping the value kills both.
#[derive(Debug)]
pub(super) struct Sandbox {
    api: RuntimeApi,
    child: Child,
    process_id: u32,
    output: Output,
    spawned: Instant,
    ended: Option<Instant>,
    /// Peak resident memory at the last reading, in kB.
    peak: u64,
    /// Time from the delivery to the first byte of a streamed response.
    first_byte: Option<Duration>,
    /// Declared last, so that the group is removed after the process was reaped.
    group: Option<Group>,
}

/// The next event in the life of a sandbox.
enum Happening {
    Step(Step),
    /// The moment at which the exit was seen, and the status.
    Exited(Instant, ExitStatus),
}

impl Sandbox {
    /// Starts the process, in `group` if given. Call it within the runtime.
    pub(super) fn launch(
        configuration: &Configuration,
        log: &SharedLog,
        group: Option<Group>,
    ) -> Result<Self, Error> {
        let binary = diagnose::absolute(&configuration.binary)?;
        let (mut command, task_root) = command(configuration, &binary);
        let api = RuntimeApi::start().map_err(Error::RuntimeApi)?;
        let (output, stdout, stderr) = Output::open(log).map_err(Error::RuntimeApi)?;
        command
            .envs(environment::variables(configuration, &api.address().to_string(), task_root))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        let (spawned, child) = spawn(&mut command, group.as_ref())?;
        let child = child.map_err(|error| diagnose::not_started(&binary, &error))?;
        // A child has an id until it was waited for.
        let process_id = child.id().unwrap_or_default();
        Ok(Self { api, child, process_id, output, spawned, ended: None, peak: 0, first_byte: None, group })
    }

    /// Waits for the first `next`; returns the init duration.
    pub(super) async fn initialize(&mut self, configuration: &Configuration) -> Result<Duration, Error> {
        let path = configuration.binary.clone();
        let limit = configuration.init_timeout;
        match timeout(limit, self.happening()).await {
            Ok(Happening::Step(Step::Ready(moment))) => {
                self.read_peak();
                Ok(moment - self.spawned)
            }
            Ok(Happening::Step(Step::InitError(reported))) => {
                let error = function_error(&reported);
                Err(Error::InitFailed {
                    path,
                    error_type: error.error_type,
                    error_message: error.error_message,
                })
            }
            Ok(Happening::Step(Step::Delivered(_) | Step::Answered(..) | Step::Idle(_))) => {
                unreachable!("the protocol starts with `next` or an error")
            }
            Ok(Happening::Exited(_, status)) => Err(self.ended_in_init(configuration, status)),
            Err(_) => Err(Error::InitTimedOut { path, limit }),
        }
    }

    /// Delivers an event and waits for its outcome.
    pub(super) async fn deliver(&mut self, work: Work, limit: Duration) -> Delivery {
        if let Some(group) = &self.group {
            let _ = group.thaw();
        }
        self.api.send(work);
        let delivered = loop {
            match self.happening().await {
                Happening::Step(Step::Delivered(moment)) => break moment,
                Happening::Step(_) => {}
                Happening::Exited(..) => return Delivery::NotTaken,
            }
        };
        let (duration, outcome) = match timeout(limit, self.answer(delivered)).await {
            Ok((moment, outcome)) => (moment - delivered, outcome),
            // Lambda reports the timeout itself as the duration.
            Err(_) => (limit, Outcome::TimedOut),
        };
        self.read_peak();
        if matches!(outcome, Outcome::TimedOut) {
            self.kill();
        }
        Delivery::Done { duration, outcome }
    }

    async fn answer(&mut self, delivered: Instant) -> (Instant, Outcome) {
        self.first_byte = None;
        loop {
            match self.happening().await {
                Happening::Step(Step::Answered(moment, answer)) => {
                    if let Answer::Streamed(Streamed { first_byte, .. }) = &answer {
                        self.first_byte = first_byte.map(|first| first - delivered);
                    }
                    let outcome = self.exit_behind(&answer).await.unwrap_or(Outcome::Answered(answer));
                    return (moment, outcome);
                }
                Happening::Step(_) => {}
                Happening::Exited(moment, status) => return (moment, Outcome::Exited(status)),
            }
        }
    }

    /// A truncated stream is often the first sign of a process's exit.
    async fn exit_behind(&mut self, answer: &Answer) -> Option<Outcome> {
        let Answer::Streamed(Streamed { end: StreamEnd::Truncated, .. }) = answer else { return None };
        let status = timeout(LAST_WORDS, self.child.wait()).await.ok()?;
        Some(Outcome::Exited(status.unwrap_or_default()))
    }

    /// Waits for the next `next`; false when the process exits instead.
    pub(super) async fn idle(&mut self) -> bool {
        loop {
            match self.happening().await {
                Happening::Step(Step::Idle(_)) => return true,
                Happening::Step(_) => {}
                Happening::Exited(..) => return false,
            }
        }
    }

    /// Limits the process to this share of a vCPU.
    pub(super) fn throttle(&self, share: CpuShare) -> Result<(), Error> {
        self.group.as_ref().map_or(Ok(()), |group| group.throttle(share)).map_err(Error::Cgroup)
    }

    /// Stops every thread until the next event.
    pub(super) fn freeze(&self) {
        if let Some(group) = &self.group {
            // A failure leaves background threads running, as they do without limits.
            let _ = group.freeze();
        }
    }

    pub(super) fn first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// CPU time of all processes in the group.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        self.group.as_ref().and_then(Group::cpu_time)
    }

    /// The next step of the function, or its exit after the last step.
    async fn happening(&mut self) -> Happening {
        let status = tokio::select! {
            biased;
            step = self.api.step() => return Happening::Step(step),
            status = self.child.wait() => status.unwrap_or_default(),
        };
        let ended = *self.ended.get_or_insert_with(Instant::now);
        // Bytes written to the socket before the exit still count.
        match timeout(LAST_WORDS, self.api.step()).await {
            Ok(step) => Happening::Step(step),
            Err(_) => Happening::Exited(ended, status),
        }
    }

    /// The error for a process that exited between its first `next` and its first event.
    pub(super) async fn exited_in_init(&mut self, configuration: &Configuration) -> Error {
        let status = self.child.wait().await.unwrap_or_default();
        self.ended_in_init(configuration, status)
    }

    fn ended_in_init(&self, configuration: &Configuration, status: ExitStatus) -> Error {
        let hint = if self.ran_out_of_memory() {
            format!("it needs more than {} MB; --memory sets the size", configuration.memory_size)
        } else {
            exit::hint(status).to_owned()
        };
        Error::ExitedInInit { path: configuration.binary.clone(), status: exit::describe(status), hint }
    }

    /// Peak resident memory at the last reading, in MB, rounded up.
    ///
    /// Readings follow the initialisation and each answer. The last use of a process that exited
    /// without an answer is unknown, unless the process reached its limit.
    pub(super) fn max_memory_used(&self, memory_size: u64) -> u64 {
        if self.ran_out_of_memory() { memory_size } else { self.peak.div_ceil(1024) }
    }

    fn ran_out_of_memory(&self) -> bool {
        self.group.as_ref().is_some_and(Group::ran_out_of_memory)
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process_id
    }

    /// Time from the start of the process to its exit, or until now.
    pub(super) fn age(&self) -> Duration {
        self.ended.unwrap_or_else(Instant::now) - self.spawned
    }

    /// Forwards the function's output so far.
    pub(super) fn drain_output(&self) {
        self.output.drain();
    }

    /// Reads the peak of all processes in the group, or of the function's process alone.
    fn read_peak(&mut self) {
        let processes = self.group.as_ref().map(Group::processes).unwrap_or_default();
        let all = processes
            .iter()
            .filter_map(|process| memory::peak(process.as_raw_nonzero().get().cast_unsigned()));
        let sum = all.sum::<u64>().max(memory::peak(self.process_id).unwrap_or_default());
        self.peak = self.peak.max(sum);
    }

    /// Kills the process and its descendants.
    fn kill(&mut self) {
        let group = i32::try_from(self.process_id).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // The call fails only for an empty process group.
            let _ = kill_process_group(group, Signal::KILL);
        }
        // The cgroup also holds processes that left the process group; a frozen process dies when thawed.
        if let Some(group) = &self.group {
            group.kill();
        }
        // Reap the process here, so that no zombie stays.
        while let Ok(None) = self.child.try_wait() {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command with an empty environment, and the function's folder.
fn command<'a>(configuration: &'a Configuration, binary: &'a Path) -> (Command, &'a Path) {
    if let Some(rooted) = &configuration.rooted {
        let mut command = Command::new(&rooted.command[0]);
        command
            .args(&rooted.command[1..])
            .env_clear()
            .envs(rooted.variables.iter().cloned())
            .current_dir("/");
        return (command, &rooted.task_root);
    }
    let folder = binary.parent().unwrap_or(Path::new("/"));
    let mut command = Command::new(binary);
    command.env_clear().current_dir(folder);
    (command, folder)
}

/// Starts the process; returns the moment just before the start.
fn spawn(command: &mut Command, group: Option<&Group>) -> Result<(Instant, io::Result<Child>), Error> {
    let Some(group) = group else { return Ok((Instant::now(), command.spawn())) };
    let runtime = tokio::runtime::Handle::current();
    group
        .enter(|| {
            let _entered = runtime.enter();
            (Instant::now(), command.spawn())
        })
        .map_err(Error::Cgroup)
}
