//! One process of the function, with the Runtime API that it polls.

use super::environment::{self, Configuration};
use super::output::{Output, SharedLog};
use super::{diagnose, exit, function_error, memory};
use crate::error::Error;
use crate::runtime_api::{Answer, RuntimeApi, Step, Work};
use rustix::process::{Pid, Signal, kill_process_group};
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

/// A process in its own process group; dropping it kills the whole group.
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
}

/// What a sandbox waits for.
enum Happening {
    Step(Step),
    /// When it was seen, before the last words were waited for.
    Exited(Instant, ExitStatus),
}

impl Sandbox {
    /// Starts the process; call it within the runtime.
    pub(super) fn launch(configuration: &Configuration, log: &SharedLog) -> Result<Self, Error> {
        let binary = diagnose::absolute(&configuration.binary)?;
        let task_root = binary.parent().unwrap_or(Path::new("/"));
        let api = RuntimeApi::start().map_err(Error::RuntimeApi)?;
        let (output, stdout, stderr) = Output::open(log).map_err(Error::RuntimeApi)?;
        let mut command = Command::new(&binary);
        command
            .env_clear()
            .envs(environment::variables(configuration, &api.address().to_string(), task_root))
            .current_dir(task_root)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        let spawned = Instant::now();
        let child = command.spawn().map_err(|error| diagnose::not_started(&binary, &error))?;
        // It has one until it was waited for.
        let process_id = child.id().unwrap_or_default();
        Ok(Self { api, child, process_id, output, spawned, ended: None, peak: 0 })
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
            Ok(Happening::Step(Step::Delivered(_) | Step::Answered(..))) => {
                unreachable!("the protocol starts with `next` or an error")
            }
            Ok(Happening::Exited(_, status)) => Err(Error::ExitedInInit {
                path,
                status: exit::describe(status),
                hint: exit::hint(status).to_owned(),
            }),
            Err(_) => Err(Error::InitTimedOut { path, limit }),
        }
    }

    /// Hands over an event and waits for what becomes of it.
    pub(super) async fn deliver(&mut self, work: Work, limit: Duration) -> Delivery {
        self.api.send(work);
        let delivered = loop {
            match self.happening().await {
                Happening::Step(Step::Delivered(moment)) => break moment,
                Happening::Step(_) => {}
                Happening::Exited(..) => return Delivery::NotTaken,
            }
        };
        let (duration, outcome) = match timeout(limit, self.answer()).await {
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

    async fn answer(&mut self) -> (Instant, Outcome) {
        loop {
            match self.happening().await {
                Happening::Step(Step::Answered(moment, answer)) => {
                    return (moment, Outcome::Answered(answer));
                }
                Happening::Step(_) => {}
                Happening::Exited(moment, status) => return (moment, Outcome::Exited(status)),
            }
        }
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
        let path = configuration.binary.clone();
        Error::ExitedInInit { path, status: exit::describe(status), hint: exit::hint(status).to_owned() }
    }

    /// The most memory that was resident at the last reading, in MB, rounded up.
    ///
    /// It is read after the initialisation and after each answer; of a process that ended
    /// without an answer, what it used last is not known any more.
    pub(super) fn max_memory_used(&self) -> u64 {
        self.peak.div_ceil(1024)
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

    fn read_peak(&mut self) {
        self.peak = memory::peak(self.process_id).unwrap_or(self.peak);
    }

    /// Kills the process and everything that it started.
    fn kill(&mut self) {
        let group = i32::try_from(self.process_id).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It fails only when nobody is left in the group.
            let _ = kill_process_group(group, Signal::KILL);
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
