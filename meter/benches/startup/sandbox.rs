//! One process of a function, with its Runtime API.

use crate::Result;
use crate::api::{Api, Call};
use lambda_meter::subject::{Configuration, environment, resident_memory};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that waits for an event. Dropping the value kills the process.
pub(crate) struct Sandbox {
    api: Api,
    process: Process,
    /// Time from the spawn to the first request for an event.
    pub(crate) init_duration: Duration,
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Sandbox {
    /// Starts the binary and waits until it asks for an event.
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path)?;
        let mut api = Api::open()?;
        let task_root = path.parent().unwrap_or(Path::new("/"));
        let mut command = Command::new(&path);
        command.env_clear().current_dir(task_root);
        command.envs(environment::variables(
            &Configuration::new(&path),
            &api.address()?.to_string(),
            task_root,
        ));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let spawned = Instant::now();
        let child = command.spawn().map_err(|error| format!("cannot start {}: {error}", path.display()))?;
        let mut process = Process(child);
        let first = api.receive().and_then(Call::expect_next);
        let arrived = first.map_err(|error| {
            let ended = process.0.try_wait().ok().flatten().map(|status| format!(" ({status})"));
            format!("{} did not ask for an event: {error}{}", path.display(), ended.unwrap_or_default())
        })?;
        Ok(Self { init_duration: arrived - spawned, api, process })
    }

    /// Time from the event's delivery to the complete response; then waits for the next request.
    pub(crate) fn invoke(&mut self, event: &[u8]) -> Result<Duration> {
        let delivered = self.api.deliver(event)?;
        let answered = self.api.receive()?.expect_response()?;
        self.api.accept()?;
        self.api.receive()?.expect_next()?;
        Ok(answered - delivered)
    }

    /// Times from the event's delivery to the first digits of a stream, and to its end.
    pub(crate) fn stream(&mut self, event: &[u8]) -> Result<(Duration, Duration)> {
        let delivered = self.api.deliver(event)?;
        let (first, end) = self.api.receive_stream()?;
        self.api.accept()?;
        self.api.receive()?.expect_next()?;
        Ok((first - delivered, end - delivered))
    }

    /// `VmRSS` in kB.
    pub(crate) fn resident_kb(&self) -> u64 {
        resident_memory(self.process.0.id()).unwrap_or_default()
    }
}
