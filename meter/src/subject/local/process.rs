//! One process of a sandbox: the function's, or an extension's.

use super::layers::Opt;
use super::output::Output;
use crate::error::Error;
use crate::sandbox::Group;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// A process in its own process group, and its output. The owner kills and reaps it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    id: u32,
    output: Output,
    /// The moment at which the exit was seen, and the status.
    ended: Option<(Instant, ExitStatus)>,
}

impl Process {
    /// Starts a process in `group`, with `opt` at `/opt`; returns the moment just before the start.
    ///
    /// # Errors
    ///
    /// The first error is the tool's, the second is the operating system's answer to the start.
    pub(super) fn start(
        command: &mut Command,
        (output, stdout, stderr): (Output, Stdio, Stdio),
        group: Option<&Group>,
        opt: Option<&Opt>,
    ) -> Result<(Instant, io::Result<Self>), Error> {
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).process_group(0);
        let (spawned, child) = spawn(command, group, opt)?;
        let process = child.map(|child| {
            // A child has an id until it was waited for.
            let id = child.id().unwrap_or_default();
            Self { child, id, output, ended: None }
        });
        Ok((spawned, process))
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Forwards the output so far.
    pub(super) fn drain_output(&self) {
        self.output.drain();
    }

    /// Ends the last line of the output, for subscribers of telemetry.
    pub(super) fn end_line(&self) {
        self.output.end_line();
    }

    /// The moment of the exit, if it was seen.
    pub(super) fn ended(&self) -> Option<Instant> {
        self.ended.map(|(moment, _)| moment)
    }

    /// True when the process has exited, without waiting.
    pub(super) fn has_exited(&mut self) -> bool {
        self.ended.is_some() || matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Ready once the process has exited, at every call from then on.
    pub(super) fn poll_exit(&mut self, context: &mut Context<'_>) -> Poll<(Instant, ExitStatus)> {
        if let Some(ended) = self.ended {
            return Poll::Ready(ended);
        }
        let status = std::task::ready!(pin!(self.child.wait()).poll(context)).unwrap_or_default();
        Poll::Ready(*self.ended.insert((Instant::now(), status)))
    }

    /// Waits for the exit.
    pub(super) async fn exit(&mut self) -> ExitStatus {
        std::future::poll_fn(|context| self.poll_exit(context)).await.1
    }

    /// Asks the process to end, by SIGTERM.
    pub(super) fn terminate(&self) {
        if let (Some(id), None) = (self.pid(), self.ended) {
            // The call fails only for a process that has exited.
            let _ = kill_process(id, Signal::TERM);
        }
    }

    /// Kills the process group.
    pub(super) fn kill(&self) {
        if let Some(group) = self.pid() {
            // The call fails only for an empty process group.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Waits for a killed process, so that no zombie stays.
    pub(super) fn reap(&mut self) {
        while let Ok(None) = self.child.try_wait() {
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.id).ok().and_then(Pid::from_raw)
    }
}

/// Starts the process; returns the moment just before the start.
fn spawn(
    command: &mut Command,
    group: Option<&Group>,
    opt: Option<&Opt>,
) -> Result<(Instant, io::Result<Child>), Error> {
    let runtime = tokio::runtime::Handle::current();
    let mut start = || {
        let _entered = runtime.enter();
        let mounted = opt.map_or(Ok(()), Opt::mount);
        let now = Instant::now();
        (now, mounted.and_then(|()| command.spawn()))
    };
    match (group, opt) {
        (Some(group), _) => group.enter(start).map_err(Error::Cgroup),
        (None, None) => Ok(start()),
        // A mount is private to the thread that makes it, and to the processes that the thread starts.
        (None, Some(_)) => Ok(std::thread::scope(|scope| scope.spawn(start).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
    }
}
