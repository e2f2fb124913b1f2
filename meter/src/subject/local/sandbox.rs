//! One process of the function, with the Runtime API that it polls.

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

/// How long after a process's end its last words may take through the socket.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// What became of an event.
pub(super) enum Delivery {
    /// The function took it.
    Done { duration: Duration, outcome: Outcome },
    /// The process ended before it asked for it.
    NotTaken,
}

/// How an invocation ended.
pub(super) enum Outcome {
    Answered(Answer),
    Exited(ExitStatus),
    TimedOut,
}

/// A process in its own process group, and in a cgroup when it is limited; dropping it kills both.
#[derive(Debug)]
pub(super) struct Sandbox {
    api: RuntimeApi,
    child: Child,
    process_id: u32,
    output: Output,
    spawned: Instant,
    ended: Option<Instant>,
    /// The last reading of `VmHWM`, in kB.
    peak: u64,
    /// From the delivery to the first byte of a streamed response.
    first_byte: Option<Duration>,
    /// Removed after the process was reaped.
    group: Option<Group>,
}

/// What a sandbox waits for.
enum Happening {
    Step(Step),
    /// When it was seen, before the last words were waited for.
    Exited(Instant, ExitStatus),
}

impl Sandbox {
    /// Starts the process, in `group` if there is one; call it within the runtime.
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
        // It has one until it was waited for.
        let process_id = child.id().unwrap_or_default();
        Ok(Self { api, child, process_id, output, spawned, ended: None, peak: 0, first_byte: None, group })
    }

    /// Waits for the first `next` and returns how long that took.
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

    /// Hands over an event and waits for what becomes of it.
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

    /// A stream that breaks off is how the end of a process is seen first.
    async fn exit_behind(&mut self, answer: &Answer) -> Option<Outcome> {
        let Answer::Streamed(Streamed { end: StreamEnd::Truncated, .. }) = answer else { return None };
        let status = timeout(LAST_WORDS, self.child.wait()).await.ok()?;
        Some(Outcome::Exited(status.unwrap_or_default()))
    }

    /// Waits for the next `next`; false when the process ends instead.
    pub(super) async fn idle(&mut self) -> bool {
        loop {
            match self.happening().await {
                Happening::Step(Step::Idle(_)) => return true,
                Happening::Step(_) => {}
                Happening::Exited(..) => return false,
            }
        }
    }

    /// From now on it gets this share of a CPU.
    pub(super) fn throttle(&self, share: CpuShare) -> Result<(), Error> {
        self.group.as_ref().map_or(Ok(()), |group| group.throttle(share)).map_err(Error::Cgroup)
    }

    /// Until the next event not even a background thread runs.
    pub(super) fn freeze(&self) {
        if let Some(group) = &self.group {
            // It was possible when the group was made; if not, a thread runs on as it would unlimited.
            let _ = group.freeze();
        }
    }

    pub(super) fn first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// The CPU time of everything in the group.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        self.group.as_ref().and_then(Group::cpu_time)
    }

    /// The next step of the function, or its end when there is none left.
    async fn happening(&mut self) -> Happening {
        let status = tokio::select! {
            biased;
            step = self.api.step() => return Happening::Step(step),
            status = self.child.wait() => status.unwrap_or_default(),
        };
        let ended = *self.ended.get_or_insert_with(Instant::now);
        // What it wrote into its socket before it ended still counts.
        match timeout(LAST_WORDS, self.api.step()).await {
            Ok(step) => Happening::Step(step),
            Err(_) => Happening::Exited(ended, status),
        }
    }

    /// The error for a process that ended between its first `next` and its first event.
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

    /// The most memory that was resident at the last reading, in MB, rounded up.
    ///
    /// It is read after the initialisation and after each answer; of a process that ended
    /// without an answer, what it used last is not known any more, unless it used up all.
    pub(super) fn max_memory_used(&self, memory_size: u64) -> u64 {
        if self.ran_out_of_memory() { memory_size } else { self.peak.div_ceil(1024) }
    }

    fn ran_out_of_memory(&self) -> bool {
        self.group.as_ref().is_some_and(Group::ran_out_of_memory)
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process_id
    }

    /// From the start of the process to its end, or until now.
    pub(super) fn age(&self) -> Duration {
        self.ended.unwrap_or_else(Instant::now) - self.spawned
    }

    /// Passes on what the function wrote until now.
    pub(super) fn drain_output(&self) {
        self.output.drain();
    }

    /// Of all processes in the group, or else of the function's own.
    fn read_peak(&mut self) {
        let processes = self.group.as_ref().map(Group::processes).unwrap_or_default();
        let all = processes
            .iter()
            .filter_map(|process| memory::peak(process.as_raw_nonzero().get().cast_unsigned()));
        let sum = all.sum::<u64>().max(memory::peak(self.process_id).unwrap_or_default());
        self.peak = self.peak.max(sum);
    }

    /// Kills the process and everything that it started.
    fn kill(&mut self) {
        let group = i32::try_from(self.process_id).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It fails only when nobody is left in the group.
            let _ = kill_process_group(group, Signal::KILL);
        }
        // Also those that left the process group; and a frozen process dies only when thawed.
        if let Some(group) = &self.group {
            group.kill();
        }
        // The process itself is reaped here, so that not even a zombie stays.
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

/// What is executed, with nothing of ours in its environment, and the function's folder.
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

/// Starts the process: nothing but that lies between the moment that is returned and its first instruction.
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
