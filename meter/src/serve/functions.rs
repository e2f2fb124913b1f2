//! The served functions, each with its pool of sandboxes.

use super::ServeArgs;
use super::pool::Pool;
use crate::error::Error;
use crate::matrix::{DraftTarget, MatrixError, read_file};
use crate::subject::{Configuration, Confinement};
use std::sync::Arc;
use std::time::Duration;

/// Every served function, the one of the command line first.
pub(super) struct Functions(pub(super) Vec<Arc<Pool>>);

impl Functions {
    /// The function of the options, and the binaries of the matrix file.
    ///
    /// # Errors
    ///
    /// When a binary is missing, limits are required and cannot be set, or the file is invalid.
    pub(super) fn open(args: &ServeArgs) -> Result<Self, Error> {
        let mut configurations = vec![args.function.configuration()?];
        if let Some(file) = &args.functions {
            for target in read_file(file)?.targets {
                configurations.push(configuration(args, &target)?);
            }
        }
        let pool = |configuration: Configuration| {
            configuration.check_binary()?;
            let confinement = Confinement::prepare(configuration.limits, configuration.memory_size)?;
            Ok(Pool::new(configuration, confinement, usize::from(args.concurrency)))
        };
        Ok(Self(configurations.into_iter().map(pool).collect::<Result<_, Error>>()?))
    }

    /// Stops all sandboxes.
    pub(super) async fn close(&self) {
        for pool in &self.0 {
            pool.close().await;
        }
    }
}

/// A target of the file, with its first memory size, and the other options of the command line.
fn configuration(args: &ServeArgs, target: &DraftTarget) -> Result<Configuration, Error> {
    let Some(binary) = &target.binary else {
        let name = target.name.as_deref().unwrap_or("without a name");
        return Err(MatrixError::Missing {
            missing: format!("the target {name} has no binary, and only binaries can be served"),
            hint: "binary = \"PATH\" in [[target]]".to_owned(),
        }
        .into());
    };
    let mut configuration = Configuration::new(binary);
    if let Some(name) = &target.name {
        configuration.function_name.clone_from(name);
    }
    let first = target.memory.as_ref().and_then(|sizes| sizes.first());
    configuration.memory_size = first.copied().unwrap_or(args.function.memory);
    configuration.variables = target.env.clone().into_iter().collect();
    configuration.timeout = Duration::from_secs(args.function.timeout);
    configuration.limits = args.function.limits;
    configuration.extend(&target.layers, &target.extensions)?;
    Ok(configuration)
}
