//! Reads and writes a function's configuration.

use super::marker::Variables;
use super::{Session, failure};
use crate::cost::Architecture;
use crate::error::Error;
use crate::matrix::FunctionPlan;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput as Output;
use aws_sdk_lambda::types::{self, Environment, LastUpdateStatus, PackageType, State};
use std::time::{Duration, Instant};

/// Longest wait for a change of the configuration.
const PATIENCE: Duration = Duration::from_secs(300);
const STEP: Duration = Duration::from_millis(300);

/// The settings that a measurement changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) memory_mb: u64,
    /// `None` when Lambda hides the variables, because their KMS key is not accessible.
    pub(super) variables: Option<Variables>,
}

/// A configuration in force.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) settings: Settings,
    pub(super) revision: Option<String>,
    pub(super) timeout: Duration,
    pub(super) architecture: Architecture,
    pub(super) package: &'static str,
    pub(super) code_size: u64,
    pub(super) code_sha256: Option<String>,
}

/// Waits until no change is in progress, then reads the configuration in force.
pub(super) fn settled(session: &Session, plan: &FunctionPlan, insist: bool) -> Result<Configuration, Error> {
    let begin = Instant::now();
    loop {
        let output = get(session, plan, insist)?;
        if let Some(reason) = broken(&output) {
            return Err(failure::broken(&plan.name, reason));
        }
        let pending = output.last_update_status() == Some(&LastUpdateStatus::InProgress)
            || output.state() == Some(&State::Pending);
        if !pending {
            return Ok(read(&output));
        }
        if begin.elapsed() > PATIENCE {
            return Err(failure::no_answer(&plan.name, "UpdateFunctionConfiguration", PATIENCE));
        }
        session.sleep(STEP, insist)?;
    }
}

/// Writes `settings`, provided that the function has not changed since `revision`.
pub(super) fn write(
    session: &Session,
    plan: &FunctionPlan,
    settings: &Settings,
    revision: Option<String>,
    insist: bool,
) -> Result<(), Error> {
    let environment = settings
        .variables
        .clone()
        .map(|variables| Environment::builder().set_variables(Some(variables)).build());
    let request = session
        .client()
        .update_function_configuration()
        .function_name(&plan.name)
        .memory_size(i32::try_from(settings.memory_mb).unwrap_or(i32::MAX))
        .set_environment(environment)
        .set_revision_id(revision);
    let operation = "UpdateFunctionConfiguration";
    if insist {
        session.insist(operation, &plan.name, request.send())?;
    } else {
        session.wait(Duration::ZERO, operation, &plan.name, request.send())?;
    }
    Ok(())
}

fn get(session: &Session, plan: &FunctionPlan, insist: bool) -> Result<Output, Error> {
    let request = session
        .client()
        .get_function_configuration()
        .function_name(&plan.name)
        .set_qualifier(plan.qualifier.clone());
    let operation = "GetFunctionConfiguration";
    if insist {
        session.insist(operation, &plan.name, request.send())
    } else {
        session.wait(Duration::ZERO, operation, &plan.name, request.send())
    }
}

fn broken(output: &Output) -> Option<&str> {
    if output.last_update_status() == Some(&LastUpdateStatus::Failed) {
        return Some(output.last_update_status_reason().unwrap_or("its last update failed"));
    }
    (output.state() == Some(&State::Failed)).then(|| output.state_reason().unwrap_or("its state is Failed"))
}

fn read(output: &Output) -> Configuration {
    let whole =
        |number: Option<i32>, default| number.and_then(|it| u64::try_from(it).ok()).unwrap_or(default);
    let variables = match output.environment() {
        Some(environment) if environment.error().is_some() => None,
        environment => Some(environment.and_then(|it| it.variables()).cloned().unwrap_or_default()),
    };
    Configuration {
        settings: Settings { memory_mb: whole(output.memory_size(), 128), variables },
        revision: output.revision_id().map(str::to_owned),
        timeout: Duration::from_secs(whole(output.timeout(), 3)),
        architecture: match output.architectures() {
            [types::Architecture::Arm64, ..] => Architecture::Arm64,
            _ => Architecture::X86_64,
        },
        package: if output.package_type() == Some(&PackageType::Image) { "image" } else { "zip" },
        code_size: u64::try_from(output.code_size()).unwrap_or_default(),
        code_sha256: output.code_sha256().map(str::to_owned),
    }
}
