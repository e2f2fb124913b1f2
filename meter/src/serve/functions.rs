//! The served functions, each with its pool of sandboxes.

use super::ServeArgs;
use super::pool::Pool;
use crate::error::Error;
use crate::matrix::{Draft, DraftTarget, MEMORY_RANGE, MatrixError, within};
use crate::subject::{Configuration, Confinement};
use std::sync::Arc;
use std::time::Duration;

/// Every served function, the one of the command line first.
pub(super) struct Functions(pub(super) Vec<Arc<Pool>>);

impl Functions {
    /// The function of the options, if any, and the binaries of the file.
    ///
    /// # Errors
    ///
    /// When a binary is missing, limits are required and cannot be set, or two functions have one name.
    pub(super) fn open(args: &ServeArgs, file: &Draft) -> Result<Self, Error> {
        let mut configurations = Vec::new();
        if let Some(binary) = &args.binary {
            configurations.push(args.function.configuration(binary)?);
        }
        for target in &file.targets {
            configurations.push(configuration(args, file, target)?);
        }
        if configurations.is_empty() {
            return Err(MatrixError::missing(
                "there is no function",
                "--binary PATH, or [[target]] in the file",
            )
            .into());
        }
        let pool = |configuration: Configuration| {
            configuration.check_binary()?;
            let confinement = Confinement::prepare(configuration.limits, configuration.memory_size)?;
            Ok(Pool::new(configuration, confinement, usize::from(args.concurrency)))
        };
        let functions = Self(configurations.into_iter().map(pool).collect::<Result<_, Error>>()?);
        functions.check_names()?;
        Ok(functions)
    }

    /// Stops all sandboxes.
    pub(super) async fn close(&self) {
        for pool in &self.0 {
            pool.close().await;
        }
    }

    /// The function with this name, for `what`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(super) fn named(&self, what: String, name: &str) -> Result<Arc<Pool>, MatrixError> {
        let found = self.0.iter().find(|pool| pool.configuration().function_name == name);
        found.cloned().ok_or_else(|| MatrixError::unknown_target(what, name, &self.names()))
    }

    /// The names, in the order of the functions.
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|pool| pool.configuration().function_name.as_str()).collect()
    }

    fn check_names(&self) -> Result<(), MatrixError> {
        let names = self.names();
        let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
        twice.map_or(Ok(()), |(_, name)| {
            let hint = "--function-name, or name = \"...\" in [[target]]";
            Err(MatrixError::Twice { kind: "function", name: (*name).to_owned(), hint })
        })
    }
}

/// A target of the file, with its first memory size; what the file does not say is as on the command line.
fn configuration(args: &ServeArgs, file: &Draft, target: &DraftTarget) -> Result<Configuration, Error> {
    let Some(binary) = &target.binary else {
        let name = target.name.as_deref().unwrap_or("without a name");
        return Err(MatrixError::missing(
            format!("the target {name} has no binary, and only binaries can be served"),
            "binary = \"PATH\" in [[target]]",
        )
        .into());
    };
    let mut configuration = Configuration::new(binary);
    if let Some(name) = &target.name {
        configuration.function_name.clone_from(name);
    }
    let sizes = target.memory.as_ref().or(file.memory.as_ref());
    let memory = sizes.and_then(|sizes| sizes.first()).copied().unwrap_or(args.function.memory);
    configuration.memory_size = within("a memory size", memory, MEMORY_RANGE, "MB")?;
    configuration.variables = target.env.clone().into_iter().collect();
    let timeout = within("timeout", file.timeout.unwrap_or(args.function.timeout), (1, 900), "s")?;
    configuration.timeout = Duration::from_secs(timeout);
    configuration.limits = args.function.limits;
    configuration.extend(&target.layers, &target.extensions)?;
    Ok(configuration)
}
