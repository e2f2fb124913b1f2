//! What a person wrote, and how it becomes a plan.

use super::keys::nearest;
use super::{Check, EventPlan, MEMORY_RANGE, Matrix, MatrixError, Place, Published, TargetPlan};
use crate::cost::Architecture;
use crate::error::Error;
use crate::event;
use crate::sandbox::Limits;
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A matrix with gaps, as in a file or on the command line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// The functions.
    #[serde(rename = "target")]
    pub targets: Vec<DraftTarget>,
    /// The events.
    #[serde(rename = "event")]
    pub events: Vec<DraftEvent>,
    /// Memory sizes in MB.
    pub memory: Option<Vec<u64>>,
    /// Warm samples of each cell.
    pub runs: Option<u32>,
    /// Cold samples of each cell.
    pub cold: Option<u32>,
    /// Invocations before the first warm sample.
    pub warmup: Option<u32>,
    /// Seconds that an invocation may take.
    pub timeout: Option<u64>,
    /// The target that others are compared with.
    pub baseline: Option<String>,
    /// auto, require or off.
    pub limits: Option<String>,
    /// What is compared between the responses.
    pub check: Option<Check>,
    /// Figures of others.
    pub published: Vec<Published>,
}

/// A function as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftTarget {
    /// Its name; otherwise the binary's.
    pub name: Option<String>,
    /// A binary on this machine.
    pub binary: Option<PathBuf>,
    /// Or an endpoint.
    pub endpoint: Option<String>,
    /// Its processor.
    pub architecture: Option<Architecture>,
    /// Memory sizes of its own.
    pub memory: Option<Vec<u64>>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

/// An event as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftEvent {
    /// Its name; otherwise the file's.
    pub name: Option<String>,
    /// A file, or - for standard input.
    pub file: Option<PathBuf>,
    /// Or the event itself.
    pub json: Option<String>,
    /// What the digits of the response must be.
    pub sha256: Option<String>,
}

impl Draft {
    /// This draft with whatever `over` says in the place of its own; targets and events are added.
    #[must_use]
    pub fn merge(mut self, over: Self) -> Self {
        self.targets.extend(over.targets);
        self.events.extend(over.events);
        self.published.extend(over.published);
        Self {
            memory: over.memory.or(self.memory),
            runs: over.runs.or(self.runs),
            cold: over.cold.or(self.cold),
            warmup: over.warmup.or(self.warmup),
            timeout: over.timeout.or(self.timeout),
            baseline: over.baseline.or(self.baseline),
            limits: over.limits.or(self.limits),
            check: over.check.or(self.check),
            ..self
        }
    }

    /// Fills in the defaults, reads the events and finds every mistake.
    ///
    /// # Errors
    ///
    /// A [`MatrixError`], or an event that cannot be read.
    pub fn plan(self) -> Result<Matrix, Error> {
        let memory = self.memory.unwrap_or_else(|| vec![128]);
        let targets: Vec<TargetPlan> =
            self.targets.into_iter().map(|draft| draft.plan(&memory)).collect::<Result<_, _>>()?;
        let events: Vec<EventPlan> =
            self.events.into_iter().map(DraftEvent::plan).collect::<Result<_, _>>()?;
        let Some(first) = targets.first() else {
            return Err(MatrixError::missing(
                "there is nothing to measure",
                "--binary NAME=PATH, --endpoint NAME=URL, or a matrix file with [[target]]",
            )
            .into());
        };
        if events.is_empty() {
            return Err(MatrixError::missing(
                "there is no event",
                "--event FILE, or [[event]] with file or json in the matrix file",
            )
            .into());
        }
        let matrix = Matrix {
            baseline: self.baseline.unwrap_or_else(|| first.name.clone()),
            targets,
            events,
            runs: self.runs.unwrap_or(5),
            cold: self.cold.unwrap_or(0),
            warmup: self.warmup.unwrap_or(1),
            timeout: Duration::from_secs(within("timeout", self.timeout.unwrap_or(900), (1, 900), "s")?),
            limits: self.limits.as_deref().map_or(Ok(Limits::Auto), limits)?,
            check: self.check.unwrap_or_default(),
            published: self.published,
        };
        check(&matrix)?;
        Ok(matrix)
    }
}

impl DraftTarget {
    fn plan(self, common: &[u64]) -> Result<TargetPlan, MatrixError> {
        let named = self.name.as_deref().unwrap_or("without a name");
        let place = match (self.binary, self.endpoint) {
            (Some(binary), None) => Place::Binary(binary),
            (None, Some(endpoint)) => Place::Endpoint(endpoint),
            _ => {
                return Err(MatrixError::missing(
                    format!("the target {named} needs a binary or an endpoint, one of them"),
                    "binary = \"PATH\" or endpoint = \"http://HOST:PORT\"",
                ));
            }
        };
        let name = self.name.unwrap_or_else(|| default_name(&place));
        let memory = sizes(&name, self.memory.as_deref().unwrap_or(common))?;
        if matches!(place, Place::Endpoint(_)) && memory.len() > 1 {
            return Err(MatrixError::missing(
                format!(
                    "the endpoint {name} has one memory size, which lambda-meter cannot change; {} were given",
                    memory.len()
                ),
                "start one endpoint for each size, or give it `memory = [128]` in a matrix file",
            ));
        }
        let variables = self.env.into_iter().collect();
        Ok(TargetPlan { name, place, architecture: self.architecture, memory, variables })
    }
}

/// The folder's name for a file called `bootstrap`, which every function's is.
fn default_name(place: &Place) -> String {
    let Place::Binary(path) = place else { return "endpoint".to_owned() };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if stem.is_empty() { "function".to_owned() } else { stem }
}

impl DraftEvent {
    fn plan(self) -> Result<EventPlan, Error> {
        let sha256 = self.sha256.map(|text| digest(&text)).transpose()?;
        let (default, bytes) = match (self.file, self.json) {
            (Some(file), None) => {
                let path = file.to_string_lossy().into_owned();
                let bytes = event::read_all(std::slice::from_ref(&path))?.remove(0).bytes;
                (file.file_stem().map_or(path, |stem| stem.to_string_lossy().into_owned()), bytes)
            }
            (None, Some(json)) => (json.clone(), json.into_bytes()),
            _ => {
                return Err(MatrixError::missing(
                    "an [[event]] needs file or json, one of them",
                    "file = \"event.json\" or json = '{\"digits\": 10}'",
                )
                .into());
            }
        };
        Ok(EventPlan { name: self.name.unwrap_or(default), bytes, sha256 })
    }
}

fn digest(text: &str) -> Result<String, MatrixError> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(MatrixError::OutOfRange {
        what: "the expected SHA-256".to_owned(),
        value: format!("{text:?}"),
        allowed: "64 hexadecimal digits, as sha256sum prints them".to_owned(),
    })
}

fn limits(text: &str) -> Result<Limits, MatrixError> {
    Limits::from_str(text, true).map_err(|_| MatrixError::OutOfRange {
        what: "limits".to_owned(),
        value: format!("{text:?}"),
        allowed: "auto, require or off".to_owned(),
    })
}

fn sizes(name: &str, memory: &[u64]) -> Result<Vec<u64>, MatrixError> {
    let mut sizes = memory.to_vec();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        return Err(MatrixError::missing(format!("the target {name} has no memory size"), "memory = [128]"));
    }
    for &size in &sizes {
        within("a memory size", size, MEMORY_RANGE, "MB")?;
    }
    Ok(sizes)
}

fn within(what: &str, value: u64, (low, high): (u64, u64), unit: &str) -> Result<u64, MatrixError> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(MatrixError::OutOfRange {
        what: what.to_owned(),
        value: format!("{value} {unit}"),
        allowed: format!("{low} to {high} {unit}"),
    })
}

/// Mistakes that only the whole plan shows.
fn check(matrix: &Matrix) -> Result<(), MatrixError> {
    let targets: Vec<&str> = matrix.targets.iter().map(|target| target.name.as_str()).collect();
    let events: Vec<&str> = matrix.events.iter().map(|event| event.name.as_str()).collect();
    unique("target", &targets, "--binary NAME=PATH, or name = \"...\" in the matrix file")?;
    unique("event", &events, "name = \"...\" in the matrix file")?;
    known("baseline", &matrix.baseline, &targets)?;
    for name in matrix.published.iter().filter_map(|row| row.target.as_deref()) {
        known("a [[published]] row", name, &targets)?;
    }
    if matrix.cells().is_empty() {
        return Err(MatrixError::missing(
            "no sample would be taken",
            "--runs 5 for warm samples, --cold 5 for cold ones (not of an endpoint)",
        ));
    }
    Ok(())
}

fn unique(kind: &'static str, names: &[&str], hint: &'static str) -> Result<(), MatrixError> {
    let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    twice.map_or(Ok(()), |(_, name)| Err(MatrixError::Twice { kind, name: (*name).to_owned(), hint }))
}

fn known(what: &'static str, name: &str, targets: &[&str]) -> Result<(), MatrixError> {
    if targets.contains(&name) {
        return Ok(());
    }
    Err(MatrixError::UnknownTarget {
        what,
        name: name.to_owned(),
        nearest: nearest(name, targets).map_or_else(String::new, |near| format!("did you mean {near}? ")),
        known: targets.join(", "),
    })
}
