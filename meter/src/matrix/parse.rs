//! The matrix as written in a file or on the command line, and its checks.

use super::keys::nearest;
use super::{
    Check, EventPlan, FunctionPlan, Goal, MEMORY_RANGE, Matrix, MatrixError, Place, Published, TargetPlan,
};
use crate::cost::Architecture;
use crate::error::Error;
use crate::event;
use crate::sandbox::Limits;
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Default number of warm samples, and of cold samples unless warm ones are asked for. On AWS there
/// are no cold samples by default, because they change the function's configuration.
const SAMPLES: u32 = 10;

/// A partial matrix, from a file or the command line.
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
    /// Largest half width of a median's 95 % interval, in percent; 0 takes the planned samples only.
    pub precision: Option<f64>,
    /// Largest number of samples of a cell.
    pub max_runs: Option<u32>,
    /// Seconds after which no further round begins.
    pub max_time: Option<u64>,
    /// Invocations before the first warm sample.
    pub warmup: Option<u32>,
    /// Timeout of an invocation, in seconds.
    pub timeout: Option<u64>,
    /// The target that ratios refer to.
    pub baseline: Option<String>,
    /// auto, require or off.
    pub limits: Option<String>,
    /// The part of the responses that is compared.
    pub check: Option<Check>,
    /// The region of functions on AWS.
    pub region: Option<String>,
    /// The profile for functions on AWS.
    pub profile: Option<String>,
    /// Measures only functions on AWS. A file cannot set this, since it costs money.
    #[serde(skip)]
    pub aws: bool,
    /// Published figures.
    pub published: Vec<Published>,
}

/// A target as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftTarget {
    /// Name; by default that of the binary.
    pub name: Option<String>,
    /// A binary on this machine.
    pub binary: Option<PathBuf>,
    /// An image of a container engine.
    pub image: Option<String>,
    /// The address of an endpoint.
    pub endpoint: Option<String>,
    /// Name or ARN of the function on AWS.
    pub function: Option<String>,
    /// Version or alias of the function on AWS.
    pub qualifier: Option<String>,
    /// Region of the function on AWS.
    pub region: Option<String>,
    /// Profile for the function on AWS.
    pub profile: Option<String>,
    /// Instruction set.
    pub architecture: Option<Architecture>,
    /// Memory sizes in MB, in place of the common ones.
    pub memory: Option<Vec<u64>>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

/// An event as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftEvent {
    /// Name; by default that of the file.
    pub name: Option<String>,
    /// A file, or - for standard input.
    pub file: Option<PathBuf>,
    /// The event itself.
    pub json: Option<String>,
    /// Expected SHA-256 of the digits in the response.
    pub sha256: Option<String>,
}

impl Draft {
    /// Overrides values of this draft with those of `over`; targets and events are added.
    #[must_use]
    pub fn merge(mut self, over: Self) -> Self {
        self.targets.extend(over.targets);
        self.events.extend(over.events);
        self.published.extend(over.published);
        Self {
            memory: over.memory.or(self.memory),
            runs: over.runs.or(self.runs),
            cold: over.cold.or(self.cold),
            precision: over.precision.or(self.precision),
            max_runs: over.max_runs.or(self.max_runs),
            max_time: over.max_time.or(self.max_time),
            warmup: over.warmup.or(self.warmup),
            timeout: over.timeout.or(self.timeout),
            baseline: over.baseline.or(self.baseline),
            limits: over.limits.or(self.limits),
            check: over.check.or(self.check),
            region: over.region.or(self.region),
            profile: over.profile.or(self.profile),
            aws: over.aws || self.aws,
            ..self
        }
    }

    /// Fills in the defaults, reads the events and checks the result.
    ///
    /// # Errors
    ///
    /// A [`MatrixError`], or an event that cannot be read.
    pub fn plan(mut self) -> Result<Matrix, Error> {
        let goal = self.goal()?;
        let (drafts, left_out) = self.here();
        let targets: Vec<TargetPlan> =
            drafts.into_iter().map(|draft| draft.plan(&self)).collect::<Result<_, _>>()?;
        let events: Vec<EventPlan> =
            self.events.into_iter().map(DraftEvent::plan).collect::<Result<_, _>>()?;
        let Some(first) = targets.first() else { return Err(nothing(&left_out, self.aws).into()) };
        if events.is_empty() {
            return Err(MatrixError::missing(
                "there is no event",
                "--event FILE, or [[event]] with file or json in the matrix file",
            )
            .into());
        }
        let matrix = Matrix {
            goal,
            baseline: self.baseline.unwrap_or_else(|| first.name.clone()),
            targets,
            events,
            runs: self.runs.unwrap_or(SAMPLES),
            cold: self.cold.unwrap_or(if self.aws || self.runs.is_some() { 0 } else { SAMPLES }),
            warmup: self.warmup.unwrap_or(1),
            timeout: Duration::from_secs(within("timeout", self.timeout.unwrap_or(900), (1, 900), "s")?),
            limits: self.limits.as_deref().map_or(Ok(Limits::Auto), limits)?,
            check: self.check.unwrap_or_default(),
            published: without(self.published, &left_out),
            left_out,
        };
        check(&matrix)?;
        Ok(matrix)
    }

    /// The goal; without a precision, only for default numbers of samples, and never on AWS.
    fn goal(&self) -> Result<Option<Goal>, MatrixError> {
        let is_fixed = self.aws || self.runs.is_some() || self.cold.is_some();
        let percent = self.precision.unwrap_or(if is_fixed { 0.0 } else { Goal::PERCENT });
        if !(0.0..=100.0).contains(&percent) {
            return Err(MatrixError::OutOfRange {
                what: "precision".to_owned(),
                value: format!("{percent} %"),
                allowed: "0 to 100 %; 0 takes no samples beyond --runs and --cold".to_owned(),
            });
        }
        let max_runs = self.max_runs.unwrap_or(Goal::MAX_RUNS);
        let max_time = Duration::from_secs(self.max_time.unwrap_or(Goal::MAX_SECONDS));
        Ok((percent > 0.0).then_some(Goal { percent, max_runs, max_time }))
    }

    /// The targets to measure, and the names of those left out.
    fn here(&mut self) -> (Vec<DraftTarget>, Vec<String>) {
        let aws = self.aws;
        let is_here =
            |draft: &DraftTarget| if aws { draft.function.is_some() } else { !draft.is_only_on_aws() };
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.targets).into_iter().partition(is_here);
        (here, elsewhere.iter().map(DraftTarget::label).collect())
    }
}

fn nothing(left_out: &[String], aws: bool) -> MatrixError {
    let names = left_out.join(", ");
    match (left_out, aws) {
        ([], _) => MatrixError::missing(
            "there is nothing to measure",
            "--binary NAME=PATH, --endpoint NAME=URL, --function NAME, or a matrix file with [[target]]",
        ),
        (_, true) => MatrixError::missing(
            format!("none of the targets is on AWS: {names}"),
            "function = \"NAME\" in [[target]] says what it is called there",
        ),
        (_, false) => MatrixError::missing(
            format!("all targets are functions on AWS: {names}"),
            "--aws measures them there, which costs money; see --max-usd",
        ),
    }
}

/// The published rows. A row whose target is left out stays without a counterpart.
fn without(mut rows: Vec<Published>, left_out: &[String]) -> Vec<Published> {
    for row in &mut rows {
        row.target.take_if(|target| left_out.contains(target));
    }
    rows
}

impl DraftTarget {
    fn is_only_on_aws(&self) -> bool {
        self.function.is_some() && self.binary.is_none() && self.image.is_none() && self.endpoint.is_none()
    }

    fn label(&self) -> String {
        let path = self.binary.as_ref().map(|path| path.to_string_lossy().into_owned());
        let given = [&self.name, &self.function, &path, &self.image, &self.endpoint];
        given.into_iter().flatten().next().cloned().unwrap_or_else(|| "without a name".to_owned())
    }

    /// The place, if exactly one is given.
    fn place(&self, common: &Draft) -> Option<Place> {
        let function = || {
            let (name, qualifier) = named(self.function.as_deref().unwrap_or_default());
            FunctionPlan {
                name,
                qualifier: self.qualifier.clone().or(qualifier),
                region: self.region.clone().or_else(|| common.region.clone()),
                profile: self.profile.clone().or_else(|| common.profile.clone()),
            }
        };
        match (&self.binary, &self.image, &self.endpoint) {
            _ if common.aws => Some(Place::Function(function())),
            (Some(binary), None, None) => Some(Place::Binary(binary.clone())),
            (None, Some(image), None) => Some(Place::Image(image.clone())),
            (None, None, Some(endpoint)) => Some(Place::Endpoint(endpoint.clone())),
            _ => None,
        }
    }

    fn plan(self, common: &Draft) -> Result<TargetPlan, MatrixError> {
        let Some(place) = self.place(common) else {
            return Err(MatrixError::missing(
                format!("the target {} needs a binary, an image or an endpoint, one of them", self.label()),
                "binary = \"PATH\", image = \"NAME:TAG\" or endpoint = \"http://HOST:PORT\"; function = \
                 \"NAME\" beside it for --aws",
            ));
        };
        let name = self.name.unwrap_or_else(|| default_name(&place));
        let memory = match (self.memory.as_deref().or(common.memory.as_deref()), &place) {
            // A function on AWS keeps its configured size by default.
            (None, Place::Function(_)) => Vec::new(),
            (given, _) => sizes(&name, given.unwrap_or(&[128]))?,
        };
        if matches!(place, Place::Endpoint(_)) && memory.len() > 1 {
            return Err(MatrixError::missing(
                format!(
                    "the endpoint {name} has one memory size, which lambda-meter cannot change; {} were \
                     given",
                    memory.len()
                ),
                "start one endpoint for each size, or give it `memory = [128]` in a matrix file",
            ));
        }
        let variables = self.env.into_iter().collect();
        Ok(TargetPlan { name, place, architecture: self.architecture, memory, variables })
    }
}

/// Splits a function's name or ARN from a version or an alias.
fn named(function: &str) -> (String, Option<String>) {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME contains six colons.
    let colons = if function.starts_with("arn:") { 7 } else { 1 };
    match function.match_indices(':').nth(colons - 1) {
        Some((end, _)) => (function[..end].to_owned(), Some(function[end + 1..].to_owned())),
        None => (function.to_owned(), None),
    }
}

/// The default name of a target.
fn default_name(place: &Place) -> String {
    let path = match place {
        Place::Binary(path) => path,
        Place::Image(reference) => return reference.rsplit('/').next().unwrap_or_default().to_owned(),
        Place::Endpoint(_) => return "endpoint".to_owned(),
        Place::Function(function) => {
            return function.name.rsplit(':').next().unwrap_or_default().to_owned();
        }
    };
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

/// Checks across the whole matrix.
fn check(matrix: &Matrix) -> Result<(), MatrixError> {
    let targets: Vec<&str> = matrix.targets.iter().map(|target| target.name.as_str()).collect();
    let events: Vec<&str> = matrix.events.iter().map(|event| event.name.as_str()).collect();
    unique("target", &targets, "--binary NAME=PATH, or name = \"...\" in the matrix file")?;
    unique("event", &events, "name = \"...\" in the matrix file")?;
    known("baseline", &matrix.baseline, &targets)?;
    for name in matrix.published.iter().filter_map(|row| row.target.as_deref()) {
        known("a [[published]] row", name, &targets)?;
    }
    if !matrix.takes_samples() {
        return Err(MatrixError::missing(
            "no sample would be taken",
            "--runs 10 for warm samples, --cold 10 for cold ones (not of an endpoint)",
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
