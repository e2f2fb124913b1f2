//! The initialisation: extensions first, then the function, until all have asked for an event.

use super::{Happening, Sandbox};
use crate::error::Error;
use crate::report_line::Status;
use crate::runtime_api::extensions::{About, Extensions};
use crate::runtime_api::{RuntimeApi, Step};
use crate::sandbox::Group;
use crate::subject::local::diagnose;
use crate::subject::local::environment::{self, Configuration};
use crate::subject::local::exit;
use crate::subject::local::outcome::function_error;
use crate::subject::local::output::{Output, SharedLog};
use crate::subject::local::process::Process;
use crate::telemetry::{Category, Event, Lines, Telemetry};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::time::timeout;

impl Sandbox {
    /// Starts the extensions, or the function without any, in `group` if given. Call it within the
    /// runtime.
    pub(in crate::subject::local) fn launch(
        configuration: &Configuration,
        log: &SharedLog,
        group: Option<Group>,
    ) -> Result<Self, Error> {
        let about = About {
            function_name: configuration.function_name.clone(),
            version: environment::VERSION.to_owned(),
            handler: configuration.handler.clone(),
            account: environment::ACCOUNT.to_owned(),
            logs_json: configuration.logs_json(),
        };
        let telemetry = Arc::new(Telemetry::default());
        telemetry.emit(&Event::init_start(&configuration.function_name, environment::VERSION));
        let names = configuration.extensions.iter().map(|file| file.name.clone()).collect();
        let extensions = Arc::new(Extensions::new(about, names));
        let api = RuntimeApi::start_with(extensions, Arc::clone(&telemetry)).map_err(Error::RuntimeApi)?;
        let mut sandbox = Self {
            api,
            telemetry,
            trail: None,
            runtime: None,
            extensions: Vec::new(),
            spawned: Instant::now(),
            peak: 0,
            first_byte: None,
            group,
        };
        let address = sandbox.api.address().to_string();
        for (index, file) in configuration.extensions.iter().enumerate() {
            let outputs = (log, &sandbox.telemetry);
            let (spawned, process) = file.start(configuration, &address, outputs, sandbox.group.as_ref())?;
            if index == 0 {
                sandbox.spawned = spawned;
            }
            sandbox.extensions.push((file.name.clone(), process));
        }
        if sandbox.extensions.is_empty() {
            sandbox.spawned = sandbox.start_function(configuration, log)?;
        }
        Ok(sandbox)
    }

    /// Starts the function's process; returns the moment just before the start.
    fn start_function(&mut self, configuration: &Configuration, log: &SharedLog) -> Result<Instant, Error> {
        let binary = diagnose::absolute(&configuration.binary)?;
        let (mut command, task_root) = command(configuration, &binary);
        let address = self.api.address().to_string();
        command.envs(environment::variables(configuration, &address, task_root));
        let lines = Lines::new(Arc::clone(&self.telemetry), Category::Function);
        let output = Output::open(log, lines).map_err(Error::RuntimeApi)?;
        let (group, opt) = (self.group.as_ref(), configuration.opt.as_ref());
        let (spawned, process) = Process::start(&mut command, output, group, opt)?;
        self.runtime = Some(process.map_err(|error| diagnose::not_started(&binary, &error))?);
        Ok(spawned)
    }

    /// Waits until the function and all extensions have asked for an event; returns the init duration.
    pub(in crate::subject::local) async fn initialize(
        &mut self,
        configuration: &Configuration,
        log: &SharedLog,
    ) -> Result<Duration, Error> {
        let limit = configuration.init_timeout;
        let result = timeout(limit, self.all_ready(configuration, log)).await;
        let result = match result {
            Ok(result) => result.map(|ready| ready - self.spawned),
            Err(_) => Err(self.too_late(configuration, limit)),
        };
        self.drain_output();
        self.log_extensions(log);
        let failure = result.as_ref().err().map(init_status);
        if failure.is_some() && self.api.extensions().registry().is_open() {
            self.telemetry.emit(&Event::init_runtime_done(failure.as_ref()));
        }
        let duration = result.as_ref().map_or_else(|_| self.age(), |duration| *duration);
        self.telemetry.emit(&Event::init_report(duration, failure.as_ref()));
        self.telemetry.close();
        self.read_peak();
        result
    }

    /// The moment of the last first `next`.
    async fn all_ready(&mut self, configuration: &Configuration, log: &SharedLog) -> Result<Instant, Error> {
        let mut ready = None;
        loop {
            if self.runtime.is_none() && self.api.extensions().registry().unregistered().is_empty() {
                self.start_function(configuration, log)?;
            }
            if let Some(ready) = ready {
                let registry = self.api.extensions().registry();
                if registry.unready().is_empty() {
                    return Ok(registry.initialized().map_or(ready, |last| last.max(ready)));
                }
            }
            match self.happening().await {
                Happening::Step(Step::Ready(moment)) => {
                    ready = Some(moment);
                    self.telemetry.emit(&Event::init_runtime_done(None));
                }
                Happening::Step(Step::InitError(reported)) => {
                    let error = function_error(&reported);
                    return Err(Error::InitFailed {
                        path: configuration.binary.clone(),
                        error_type: error.error_type,
                        error_message: error.error_message,
                    });
                }
                Happening::Step(_) => {}
                Happening::Exited(_, status) => return Err(self.ended_in_init(configuration, status)),
                Happening::Crashed(_, crash) => return Err(crash.in_init()),
            }
        }
    }

    /// The log's line for each registered extension.
    fn log_extensions(&self, log: &SharedLog) {
        let summaries = self.api.extensions().registry().summaries();
        for (name, state, events, error) in summaries {
            self.telemetry.emit(&Event::extension(&name, state, &events, error.as_deref()));
            let error = error.map(|error| format!("\tError Type: {error}")).unwrap_or_default();
            let events = events.join(",");
            log.lock().line(&format!("EXTENSION\tName: {name}\tState: {state}\tEvents: [{events}]{error}"));
        }
    }

    fn too_late(&self, configuration: &Configuration, limit: Duration) -> Error {
        let registry = self.api.extensions().registry();
        let unregistered = registry.unregistered().first().map(|name| (*name).to_owned());
        let unready = registry.unready().first().map(|name| (*name).to_owned());
        // Without its own `next` the function is to blame, not an extension that may wait for it.
        let function_waits = !registry.is_open();
        let seconds = limit.as_secs_f64();
        let (name, problem, path) = match (unregistered, unready) {
            (Some(name), _) => (name, "did not register", "register"),
            (None, Some(name)) if function_waits => (name, "did not ask for an event", "event/next"),
            _ => return Error::InitTimedOut { path: configuration.binary.clone(), limit },
        };
        let hint = format!(
            "an extension calls http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension/{path}; is this file one?"
        );
        let problem = format!("{problem} within {seconds} s, Lambda's limit for INIT");
        Error::Extension { name, problem, error_type: "Sandbox.Timedout".to_owned(), hint }
    }

    /// The error for a sandbox that ended between its initialisation and its first event.
    pub(in crate::subject::local) async fn exited_in_init(&mut self, configuration: &Configuration) -> Error {
        match self.happening().await {
            Happening::Crashed(_, crash) => crash.in_init(),
            _ => {
                let Some(runtime) = &mut self.runtime else { unreachable!("it was started") };
                let status = runtime.exit().await;
                self.ended_in_init(configuration, status)
            }
        }
    }

    fn ended_in_init(&self, configuration: &Configuration, status: ExitStatus) -> Error {
        let hint = if self.ran_out_of_memory() {
            format!("it needs more than {} MB; --memory sets the size", configuration.memory_size)
        } else {
            exit::hint(status).to_owned()
        };
        Error::ExitedInInit { path: configuration.binary.clone(), status: exit::describe(status), hint }
    }
}

/// The status of a failed initialisation.
pub(in crate::subject::local) fn init_status(error: &Error) -> Status {
    match error {
        Error::InitTimedOut { .. } => Status::Timeout,
        Error::InitFailed { error_type, .. } => Status::Error(error_type.clone()),
        Error::Extension { error_type, .. } if error_type == "Sandbox.Timedout" => Status::Timeout,
        Error::Extension { error_type, .. } => Status::Error(error_type.clone()),
        _ => Status::Error("Runtime.ExitError".to_owned()),
    }
}

/// The command with an empty environment, and the function's folder.
fn command<'a>(configuration: &'a Configuration, binary: &'a Path) -> (Command, &'a Path) {
    if let Some(rooted) = &configuration.rooted {
        let mut command = Command::new(&rooted.prefix[0]);
        command
            .args(&rooted.prefix[1..])
            .arg(format!("--wd={}", rooted.task_root.display()))
            .arg("--")
            .args(&rooted.command)
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
