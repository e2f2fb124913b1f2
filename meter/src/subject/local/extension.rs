//! The external extensions of a function: executables from `/opt/extensions`, or single files.

use super::diagnose;
use super::environment::{self, Configuration};
use super::image::Rooted;
use super::output::{Output, SharedLog};
use super::process::Process;
use crate::error::Error;
use crate::sandbox::Group;
use crate::telemetry::{Category, Lines, Telemetry};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::process::Command;

/// An executable that is started beside the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionFile {
    /// The file's name, by which the extension registers.
    pub name: String,
    /// The path of the file on this machine.
    pub file: PathBuf,
    /// The path in the sandbox.
    pub path: PathBuf,
}

impl ExtensionFile {
    /// A single executable, started where it is.
    ///
    /// # Errors
    ///
    /// When the file cannot be executed.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let file = diagnose::absolute(path)?;
        diagnose::check(&file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, path: file.clone(), file })
    }

    /// The executables in `folder`, by name, which the sandbox sees in `place`; none if it is missing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub(super) fn in_folder(folder: &Path, place: &Path) -> Result<Vec<Self>, Error> {
        let unreadable = |error: io::Error| Error::Layer {
            path: folder.to_owned(),
            problem: error.to_string(),
            hint: "extensions/ in a layer must be a folder that you may read",
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let file = entry.map_err(unreadable)?.path();
            // Lambda starts every file of the folder; a file without the right to run fails there too.
            if file.is_file() {
                let name = file.file_name().unwrap_or_default();
                let path = place.join(name);
                files.push(Self { name: name.to_string_lossy().into_owned(), file: file.clone(), path });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    /// True when the file may be executed.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        fs::metadata(&self.file).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
    }

    /// Starts the extension; returns the moment just before the start.
    pub(super) fn start(
        &self,
        configuration: &Configuration,
        api: &str,
        (log, telemetry): (&SharedLog, &Arc<Telemetry>),
        group: Option<&Group>,
    ) -> Result<(Instant, Process), Error> {
        let mut command = command(configuration.rooted.as_ref(), &self.path);
        command.envs(environment::of_extension(configuration, api));
        let lines = Lines::new(Arc::clone(telemetry), Category::Extension);
        let output = Output::open(log, lines).map_err(Error::RuntimeApi)?;
        let (spawned, process) = Process::start(&mut command, output, group, configuration.opt.as_ref())?;
        match process {
            Ok(process) if self.is_executable() => Ok((spawned, process)),
            Ok(_) => Err(self.not_started(&io::Error::from(ErrorKind::PermissionDenied))),
            Err(error) => Err(self.not_started(&error)),
        }
    }

    fn not_started(&self, error: &io::Error) -> Error {
        let (problem, hint) = match diagnose::not_started(&self.file, error) {
            Error::NotStarted { problem, hint, .. } => (problem, hint),
            other => (other.to_string(), String::new()),
        };
        Error::Extension {
            name: self.name.clone(),
            problem: format!("cannot be started: {problem}"),
            error_type: "Extension.LaunchError".to_owned(),
            hint,
        }
    }
}

/// The command with an empty environment, in the root folder.
fn command(rooted: Option<&Rooted>, path: &Path) -> Command {
    let mut command = match rooted {
        Some(rooted) => {
            let mut command = Command::new(&rooted.prefix[0]);
            command.args(&rooted.prefix[1..]).arg("--wd=/").arg("--").arg(path);
            command.env_clear().envs(rooted.variables.iter().cloned());
            command
        }
        None => {
            let mut command = Command::new(path);
            command.env_clear();
            command
        }
    };
    command.current_dir("/");
    command
}
