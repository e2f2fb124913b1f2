//! The options that describe a function on this machine.

use super::Configuration;
use crate::error::Error;
use crate::sandbox::Limits;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A function on this machine, without its executable.
#[derive(Debug, Clone, Args)]
pub struct FunctionArgs {
    /// Memory of the function in MB, 128 to 10240
    ///
    /// The function gets a share of a vCPU in proportion to its memory, a full vCPU at 1769 MB, and
    /// is killed beyond its memory; see --limits.
    #[arg(
        long, value_name = "MB", default_value_t = 128,
        value_parser = clap::value_parser!(u64).range(128..=10_240)
    )]
    pub memory: u64,

    /// Timeout of an invocation in seconds, 1 to 900
    ///
    /// The default is Lambda's maximum, so that no measurement is cut off; a new function on Lambda
    /// has 3.
    #[arg(
        long, value_name = "S", default_value_t = 900,
        value_parser = clap::value_parser!(u64).range(1..=900)
    )]
    pub timeout: u64,

    /// Name of the function [default: the binary's name]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub function_name: Option<String>,

    /// The handler, in the function's variable `_HANDLER`
    #[arg(long, value_name = "HANDLER", default_value = "bootstrap")]
    pub handler: String,

    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,

    /// An external extension, started beside the function; may be repeated
    ///
    /// The file's name is the name by which the extension registers.
    #[arg(long = "extension", value_name = "PATH")]
    pub extensions: Vec<PathBuf>,

    /// A layer, a folder or a zip, whose files appear at /opt; may be repeated
    ///
    /// Every file in its folder extensions/ is started as an extension. Only root can mount /opt;
    /// without the right the extensions are started from a folder for temporary files.
    #[arg(long = "layer", value_name = "FOLDER|ZIP")]
    pub layers: Vec<PathBuf>,

    /// Limit the function to its memory and to Lambda's share of a vCPU for that memory
    ///
    /// A cgroup sets the limits, which takes root or a delegated group. `auto` measures unscaled
    /// and says so where no cgroup can be made; `off` measures at the full speed of this machine.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub limits: Limits,
}

impl FunctionArgs {
    /// The function that these options describe, with its executable.
    ///
    /// # Errors
    ///
    /// When a layer or an extension cannot be used.
    pub fn configuration(&self, binary: &Path) -> Result<Configuration, Error> {
        let mut configuration = Configuration::new(binary);
        configuration.memory_size = self.memory;
        configuration.timeout = Duration::from_secs(self.timeout);
        configuration.handler.clone_from(&self.handler);
        configuration.variables.clone_from(&self.env);
        configuration.limits = self.limits;
        if let Some(name) = &self.function_name {
            configuration.function_name.clone_from(name);
        }
        configuration.extend(&self.layers, &self.extensions)?;
        Ok(configuration)
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, as in RUST_LOG=debug".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_need_a_name_and_keep_their_equal_signs() {
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        assert!(variable("=b").unwrap_err().contains("NAME=VALUE"));
        assert!(variable("A").is_err());
    }
}
