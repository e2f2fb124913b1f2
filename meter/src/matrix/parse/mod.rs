//! The matrix as written in a file or on the command line.
//!
//! [`target`] and [`event`] read one entry each, [`checks`] looks across the whole matrix. [`front`] has the
//! sections for `lambda-meter serve`.

mod checks;
mod event;
mod front;
mod target;

pub use event::DraftEvent;
pub use front::{DraftAuthorizer, DraftCors, DraftQueue, DraftRoute, DraftSchedule, PayloadFormat};
pub use target::DraftTarget;

use super::Check;
use super::{EventPlan, Goal, Matrix, MatrixError, Published, TargetPlan};
use crate::error::Error;
use crate::listed::listed;
use crate::sandbox::Limits;
pub(crate) use checks::within;
use checks::{check, limits};
use serde::Deserialize;
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
    /// Routes of an HTTP API, which `serve` alone reads.
    #[serde(rename = "route")]
    pub routes: Vec<DraftRoute>,
    /// Authorizers of the routes.
    #[serde(rename = "authorizer")]
    pub authorizers: Vec<DraftAuthorizer>,
    /// CORS of the routes.
    pub cors: Option<DraftCors>,
    /// Queues whose messages `serve` delivers.
    #[serde(rename = "queue")]
    pub queues: Vec<DraftQueue>,
    /// Schedules of `serve`.
    #[serde(rename = "schedule")]
    pub schedules: Vec<DraftSchedule>,
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

    /// Adds each target with extensions or layers a second time, before it and without them.
    ///
    /// # Errors
    ///
    /// When no target has any.
    pub fn with_bare(mut self) -> Result<Self, MatrixError> {
        let count = self.targets.len();
        let both = |target: DraftTarget| target.bare().into_iter().chain([target]);
        self.targets = self.targets.into_iter().flat_map(both).collect();
        if self.targets.len() == count {
            return Err(MatrixError::missing(
                "--bare measures binaries without their extensions, and none has any",
                "--extension PATH or --layer PATH; in a matrix file, extensions = [\"PATH\"]",
            ));
        }
        Ok(self)
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
    let names = listed(left_out);
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
