//! How the function is configured, and the environment that Lambda makes of it.

use super::diagnose;
use super::image::Rooted;
use crate::clock;
use crate::error::Error;
use crate::sandbox::Limits;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// The version that is invoked when none was published.
pub const VERSION: &str = "$LATEST";
const REGION: &str = "us-east-1";

/// The configuration of a function, with Lambda's defaults where it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The executable.
    pub binary: PathBuf,
    /// The image that the executable is in.
    pub rooted: Option<Rooted>,
    /// Its name.
    pub function_name: String,
    /// `_HANDLER`.
    pub handler: String,
    /// Memory in MB.
    pub memory_size: u64,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How long the initialisation may take.
    pub init_timeout: Duration,
    /// Further environment variables; they win over Lambda's.
    pub variables: Vec<(String, String)>,
    /// Whether it is held to its memory and to the share of a CPU that comes with it.
    pub limits: Limits,
}

impl Configuration {
    /// A function of 128 MB, not held to them, that may run for 900 s, the longest that Lambda allows.
    #[must_use]
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let binary = binary.into();
        let stem = binary.file_stem().unwrap_or_default().to_string_lossy();
        Self {
            function_name: if stem.is_empty() { "function".into() } else { stem.into_owned() },
            rooted: None,
            handler: "bootstrap".to_owned(),
            memory_size: 128,
            timeout: Duration::from_secs(900),
            init_timeout: Duration::from_secs(10),
            variables: Vec::new(),
            limits: Limits::Off,
            binary,
        }
    }

    /// Looks whether the binary is there and can be executed.
    ///
    /// # Errors
    ///
    /// When it cannot, with the reason and a remedy.
    pub fn check_binary(&self) -> Result<(), Error> {
        diagnose::check(&self.binary)
    }

    /// The function's ARN, in the account of AWS's examples.
    #[must_use]
    pub fn function_arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:123456789012:function:{}", self.function_name)
    }
}

/// Every variable that the process sees; nothing of ours is inherited.
///
/// Lambda's list of defined runtime environment variables without the credentials of the
/// execution role: a function that calls AWS gets them by `--env`, on purpose.
#[must_use]
pub fn variables(
    configuration: &Configuration,
    runtime_api: &str,
    task_root: &Path,
) -> Vec<(String, String)> {
    let name = &configuration.function_name;
    let stream =
        format!("{}/[{VERSION}]{}", clock::log_stream_day(SystemTime::now()), Uuid::new_v4().simple());
    let own = [
        ("_HANDLER", configuration.handler.clone()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", configuration.memory_size.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", VERSION.to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", task_root.to_string_lossy().into_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        // The slash behind /usr/bin is Lambda's own.
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    own.into_iter().chain(configuration.variables.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_variables_come_last_and_win() {
        let mut configuration = Configuration::new("/x/bootstrap");
        configuration.variables = vec![("TZ".to_owned(), "Europe/Berlin".to_owned())];
        let variables = variables(&configuration, "127.0.0.1:9001", Path::new("/x"));
        assert_eq!(variables.last().unwrap(), &("TZ".to_owned(), "Europe/Berlin".to_owned()));
        assert!(variables.contains(&("AWS_LAMBDA_RUNTIME_API".to_owned(), "127.0.0.1:9001".to_owned())));
        assert!(variables.contains(&("AWS_LAMBDA_FUNCTION_NAME".to_owned(), "bootstrap".to_owned())));
    }
}
