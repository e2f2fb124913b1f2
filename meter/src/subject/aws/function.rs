//! A function with its configuration, now and before the measurement.

use super::configuration::{Configuration, Settings, settled, write};
use super::{Session, failure, marker};
use crate::cost::Architecture;
use crate::error::Error;
use crate::matrix::{FunctionPlan, Start};
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

/// A function on AWS. Dropped, it has the configuration again that it had before.
#[derive(Debug)]
pub struct Function {
    session: Rc<Session>,
    plan: FunctionPlan,
    described: Described,
    /// Before the measurement.
    before: Settings,
    /// What Lambda has from us.
    now: Settings,
    /// How many cold starts were forced.
    forced: u64,
}

/// What is known about a function, and does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its processor.
    pub architecture: Architecture,
    /// `zip` or `image`.
    pub package: &'static str,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// The memory size that it is configured for, in MB.
    pub memory_mb: u64,
    /// The bytes of its zip; 0 for an image.
    pub code_size: u64,
    /// SHA-256 of its zip, or of its image, in base64.
    pub code_sha256: Option<String>,
}

impl Function {
    /// Reads the configuration, and changes nothing.
    ///
    /// # Errors
    ///
    /// When there is no such function, or it may not be read.
    pub fn open(session: Rc<Session>, plan: FunctionPlan) -> Result<Self, Error> {
        let configuration = settled(&session, &plan, false)?;
        let (before, now) = (before(&plan, &configuration.settings), configuration.settings.clone());
        let described = described(configuration, before.memory_mb);
        Ok(Self { session, plan, described, before, now, forced: 0 })
    }

    /// What is known about it.
    #[must_use]
    pub fn described(&self) -> &Described {
        &self.described
    }

    pub(super) fn plan(&self) -> &FunctionPlan {
        &self.plan
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Makes sure that the next invocation finds this much memory, and a new sandbox if wanted.
    pub(super) fn prepare(&mut self, memory_mb: u64, start: Start) -> Result<(), Error> {
        if start == Start::Warm && memory_mb == self.now.memory_mb {
            return Ok(());
        }
        if !self.plan.is_latest() {
            return Err(failure::published(&self.plan, self.now.memory_mb));
        }
        let Some(variables) = &self.before.variables else {
            return Err(failure::hidden_environment(&self.plan.name));
        };
        self.forced += 1;
        let variables = Some(marker::with(variables, self.before.memory_mb, self.forced));
        self.change(Settings { memory_mb, variables }, false)
    }

    fn change(&mut self, to: Settings, insist: bool) -> Result<(), Error> {
        let found = settled(&self.session, &self.plan, insist)?;
        if found.settings != self.now {
            return Err(failure::changed_by_others(&self.plan.name));
        }
        // Set before the call: one that breaks off may have been carried out.
        let from = std::mem::replace(&mut self.now, to);
        let written = write(&self.session, &self.plan, &self.now, found.revision, insist);
        if written.is_err() {
            // A refusal changed nothing; whatever else happened is found out by reading.
            self.now = settled(&self.session, &self.plan, true).map_or(from, |found| found.settings);
            return written;
        }
        settled(&self.session, &self.plan, insist).map(drop)
    }

    /// Puts the configuration back, whatever signals come.
    fn restore(&mut self) {
        if self.now == self.before {
            return;
        }
        let name = self.plan.name.clone();
        let mut said = format!("lambda-meter: {name} gets its configuration back");
        if let Err(error) = self.change(self.before.clone(), true) {
            let _ = write!(
                said,
                ": {error}\nlambda-meter: {name} keeps what the measurement set. Put it back by hand: \
                 memory {} MB, and without the variable {}",
                self.before.memory_mb,
                marker::NAME
            );
        }
        eprintln!("{said}");
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.restore();
    }
}

/// The configuration without what a measurement that was cut off left in it.
fn before(plan: &FunctionPlan, found: &Settings) -> Settings {
    let mut before = found.clone();
    if let Some(memory_mb) = before.variables.as_mut().filter(|_| plan.is_latest()).and_then(marker::take) {
        eprintln!(
            "lambda-meter: {} was left as a measurement had set it; it gets back {memory_mb} MB, without the variable {}",
            plan.name,
            marker::NAME
        );
        before.memory_mb = memory_mb;
    }
    before
}

fn described(configuration: Configuration, memory_mb: u64) -> Described {
    let Configuration { architecture, package, timeout, code_size, code_sha256, .. } = configuration;
    Described { architecture, package, timeout, memory_mb, code_size, code_sha256 }
}
