//! A function with its configuration, current and original.

use super::configuration::{Configuration, Settings, settled, write};
use super::{Session, failure, marker};
use crate::cost::Architecture;
use crate::error::Error;
use crate::matrix::{FunctionPlan, Start};
use crate::say::say;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

/// A function on AWS. Dropping the value restores the function's original configuration.
#[derive(Debug)]
pub struct Function {
    session: Rc<Session>,
    plan: FunctionPlan,
    described: Described,
    /// Original settings.
    before: Settings,
    /// Settings written last.
    now: Settings,
    /// Number of forced cold starts.
    forced: u64,
}

/// The fixed properties of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Instruction set.
    pub architecture: Architecture,
    /// `zip` or `image`.
    pub package: &'static str,
    /// Timeout of an invocation.
    pub timeout: Duration,
    /// Configured memory size, in MB.
    pub memory_mb: u64,
    /// Size of the zip in bytes; 0 for an image.
    pub code_size: u64,
    /// SHA-256 of the zip or the image, in base64.
    pub code_sha256: Option<String>,
}

impl Function {
    /// Reads the configuration without changing it.
    ///
    /// # Errors
    ///
    /// When the function does not exist, or reading its configuration is not allowed.
    pub fn open(session: Rc<Session>, plan: FunctionPlan) -> Result<Self, Error> {
        let configuration = settled(&session, &plan, false)?;
        let (before, now) = (before(&plan, &configuration.settings), configuration.settings.clone());
        let described = described(configuration, before.memory_mb);
        Ok(Self { session, plan, described, before, now, forced: 0 })
    }

    /// The fixed properties.
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

    /// Sets the memory size, and forces a new sandbox for a cold start.
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
        // Recorded before the call, because an interrupted call may have taken effect.
        let from = std::mem::replace(&mut self.now, to);
        let written = write(&self.session, &self.plan, &self.now, found.revision, insist);
        if written.is_err() {
            // A refusal changed nothing. After any other error, read the settings that are in force.
            self.now = settled(&self.session, &self.plan, true).map_or(from, |found| found.settings);
            return written;
        }
        settled(&self.session, &self.plan, insist).map(drop)
    }

    /// Restores the original configuration, ignoring signals.
    fn restore(&mut self) {
        if self.now == self.before {
            return;
        }
        let name = self.plan.name.clone();
        let mut said = format!("{name} gets its configuration back");
        if let Err(error) = self.change(self.before.clone(), true) {
            let _ = write!(
                said,
                ": {error}\nlambda-meter: {name} keeps what the measurement set. Put it back by hand: \
                 memory {} MB, and without the variable {}",
                self.before.memory_mb,
                marker::NAME
            );
        }
        say(&said);
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.restore();
    }
}

/// The configuration without the leftovers of an interrupted measurement.
fn before(plan: &FunctionPlan, found: &Settings) -> Settings {
    let mut before = found.clone();
    if let Some(memory_mb) = before.variables.as_mut().filter(|_| plan.is_latest()).and_then(marker::take) {
        say(&format!(
            "{} was left as a measurement had set it; it gets back {memory_mb} MB, without \
             the variable {}",
            plan.name,
            marker::NAME
        ));
        before.memory_mb = memory_mb;
    }
    before
}

fn described(configuration: Configuration, memory_mb: u64) -> Described {
    let Configuration { architecture, package, timeout, code_size, code_sha256, .. } = configuration;
    Described { architecture, package, timeout, memory_mb, code_size, code_sha256 }
}
