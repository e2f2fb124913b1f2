//! The configuration of a function, and the environment variables that follow from it.

use super::diagnose;
use super::extension::ExtensionFile;
use super::image::Rooted;
use super::layers::Opt;
use crate::clock;
use crate::error::Error;
use crate::sandbox::Limits;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// The unpublished version.
pub const VERSION: &str = "$LATEST";
const REGION: &str = "us-east-1";
/// The account of AWS's examples.
pub const ACCOUNT: &str = "123456789012";

/// Variables of the runtime's process that extensions do not get.
const OF_THE_RUNTIME: [&str; 10] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
];

/// The configuration of a function, with Lambda's defaults where it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The executable.
    pub binary: PathBuf,
    /// The image with the executable, if any.
    pub rooted: Option<Rooted>,
    /// Name of the function.
    pub function_name: String,
    /// Value of `_HANDLER`.
    pub handler: String,
    /// Memory in MB.
    pub memory_size: u64,
    /// Timeout of an invocation.
    pub timeout: Duration,
    /// Timeout of the initialisation.
    pub init_timeout: Duration,
    /// Additional environment variables, which override Lambda's.
    pub variables: Vec<(String, String)>,
    /// Limits of the sandboxes.
    pub limits: Limits,
    /// The files of layers.
    pub opt: Option<Opt>,
    /// The external extensions.
    pub extensions: Vec<ExtensionFile>,
}

impl Configuration {
    /// A function of 128 MB without limits, with a timeout of 900 s, Lambda's maximum.
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
            opt: None,
            extensions: Vec::new(),
            binary,
        }
    }

    /// Checks that the binary exists and can be executed.
    ///
    /// # Errors
    ///
    /// When the binary cannot be executed, with a remedy.
    pub fn check_binary(&self) -> Result<(), Error> {
        diagnose::check(&self.binary)
    }

    /// True when the function's variables say that it logs JSON.
    #[must_use]
    pub fn logs_json(&self) -> bool {
        let format = self.variables.iter().rev().find(|(name, _)| name == "AWS_LAMBDA_LOG_FORMAT");
        format.is_some_and(|(_, value)| value.eq_ignore_ascii_case("json"))
    }

    /// Adds layers and single extensions.
    ///
    /// # Errors
    ///
    /// When a layer cannot be unpacked, an extension cannot be executed, or two have one name.
    pub fn extend(&mut self, layers: &[PathBuf], extensions: &[PathBuf]) -> Result<(), Error> {
        self.opt = Opt::unpack(layers)?;
        self.extensions = self.opt.as_ref().map_or(Ok(Vec::new()), Opt::extensions)?;
        for path in extensions {
            let file = ExtensionFile::at(path)?;
            if self.extensions.iter().any(|other| other.name == file.name) {
                return Err(Error::Extension {
                    name: file.name,
                    problem: "is given twice".to_owned(),
                    error_type: "Extension.LaunchError".to_owned(),
                    hint: "extensions register by their file names, so each needs its own".to_owned(),
                });
            }
            self.extensions.push(file);
        }
        Ok(())
    }

    /// The function's ARN, in the account of AWS's examples.
    #[must_use]
    pub fn function_arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.function_name)
    }
}

/// Every environment variable of the process; none is inherited from the tool.
///
/// The list is Lambda's "defined runtime environment variables", without the credentials of the
/// execution role. A function that calls AWS gets credentials explicitly, by `--env`.
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
        // The slash after /usr/bin is Lambda's own.
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let layers = configuration.opt.iter().flat_map(of_layers);
    own.into_iter().chain(layers).chain(configuration.variables.iter().cloned()).collect()
}

/// The folders of layers, by which a process finds their programs and libraries.
fn of_layers(opt: &Opt) -> [(String, String); 2] {
    let place = opt.place().display();
    [
        ("PATH".to_owned(), format!("/usr/local/bin:/usr/bin/:/bin:{place}/bin")),
        ("LD_LIBRARY_PATH".to_owned(), format!("{place}/lib")),
    ]
}

/// Every environment variable of an extension: the function's, without those of the runtime.
#[must_use]
pub fn of_extension(configuration: &Configuration, runtime_api: &str) -> Vec<(String, String)> {
    let all = variables(configuration, runtime_api, Path::new("/var/task"));
    all.into_iter().filter(|(name, _)| !OF_THE_RUNTIME.contains(&name.as_str())).collect()
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

    #[test]
    fn extensions_get_the_functions_variables_without_those_of_the_runtime() {
        let mut configuration = Configuration::new("/x/bootstrap");
        configuration.variables = vec![("KEY".to_owned(), "value".to_owned())];
        let names: Vec<String> =
            of_extension(&configuration, "127.0.0.1:9001").into_iter().map(|(name, _)| name).collect();
        for present in ["KEY", "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION"] {
            assert!(names.iter().any(|name| name == present), "{present}");
        }
        assert!(OF_THE_RUNTIME.iter().all(|absent| !names.iter().any(|name| name == absent)), "{names:?}");
    }
}
