//! Errors of the tool itself, each with its remedy.
//!
//! An error that a function reports is a result, not an error of the tool: see
//! [`FunctionError`](crate::subject::FunctionError).

use crate::export::usd;
use crate::sandbox::Unavailable;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// An error of the tool, or a function that could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The event could not be read.
    #[error(
        "cannot read the event {name}: {source}\n  hint: --event takes the path of a file, - for \
         standard input, or JSON that begins with {{"
    )]
    EventUnreadable {
        /// The path, or `-`.
        name: String,
        /// The operating system's error.
        source: io::Error,
    },

    /// The event is larger than Lambda accepts.
    #[error(
        "the event {name} has {size} bytes; Lambda accepts at most {limit} in a synchronous invocation \
         (6 MB)\n  \
         hint: put large input into S3 and its key into the event"
    )]
    EventTooLarge {
        /// The path, or `-`.
        name: String,
        /// Size in bytes.
        size: usize,
        /// Largest size allowed, in bytes.
        limit: usize,
    },

    /// The binary could not be executed.
    #[error("cannot start {}: {problem}\n  hint: {hint}", path.display())]
    NotStarted {
        /// The binary.
        path: PathBuf,
        /// The problem with it.
        problem: String,
        /// The remedy.
        hint: String,
    },

    /// The process exited before it asked for its first event.
    #[error(
        "{} ended before it asked for its first event: {status} (Runtime.ExitError)\n  hint: {hint}",
        path.display()
    )]
    ExitedInInit {
        /// The binary.
        path: PathBuf,
        /// Exit status or signal.
        status: String,
        /// The remedy.
        hint: String,
    },

    /// The function reported that its initialisation failed.
    #[error(
        "{} reported that its initialisation failed\n  errorType: {error_type}\n  errorMessage: \
         {error_message}\n  \
         hint: this comes from the function's own start-up code; its log is above",
        path.display()
    )]
    InitFailed {
        /// The binary.
        path: PathBuf,
        /// The `errorType` that the function sent.
        error_type: String,
        /// The `errorMessage` that the function sent.
        error_message: String,
    },

    /// The process did not ask for an event in time.
    #[error(
        "{} did not ask for its first event within {} s, Lambda's limit for INIT\n  \
         hint: a Lambda function polls http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next; \
         is this binary one?",
        path.display(),
        limit.as_secs_f64()
    )]
    InitTimedOut {
        /// The binary.
        path: PathBuf,
        /// The time limit.
        limit: Duration,
    },

    /// An extension failed before the function's first event.
    #[error("the extension {name} {problem} ({error_type})\n  hint: {hint}")]
    Extension {
        /// The extension's file name.
        name: String,
        /// The problem, as the rest of a sentence.
        problem: String,
        /// The `errorType` on Lambda.
        error_type: String,
        /// The remedy.
        hint: String,
    },

    /// A layer that cannot be used.
    #[error("cannot use the layer {}: {problem}\n  hint: {hint}", path.display())]
    Layer {
        /// The layer.
        path: PathBuf,
        /// The problem.
        problem: String,
        /// The remedy.
        hint: &'static str,
    },

    /// The embedded server could not be set up.
    #[error(
        "cannot set up the Runtime API on 127.0.0.1: {0}\n  \
        hint: check that the loopback interface is up and that file descriptors are left (ulimit -n)"
    )]
    RuntimeApi(#[source] io::Error),

    /// The server could not be set up.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}\n  hint: --port chooses another port, --port 0 a \
         free one"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// The operating system's error.
        source: io::Error,
    },

    /// CPU and memory cannot be limited.
    #[error(
        "cannot limit the function to its memory and its share of a vCPU: {0}\n  \
        hint: --limits auto measures unscaled in this case"
    )]
    Limits(#[source] Unavailable),

    /// A cgroup that was made could not be used.
    #[error(
        "cannot use the cgroup of the sandbox: {0}\n  \
        hint: --limits off needs no cgroup; a process of real-time priority (chrt) cannot enter one"
    )]
    Cgroup(#[source] io::Error),

    /// The response could not be written.
    #[error("cannot write the response: {0}\n  hint: standard output may be closed, or its disk full")]
    Output(#[source] io::Error),

    /// The address of an endpoint is malformed.
    #[error(
        "{url} is not an endpoint: {problem}\n  \
        hint: give http://HOST:PORT of the runtime interface emulator or of cargo lambda, without TLS"
    )]
    EndpointAddress {
        /// The address, as given.
        url: String,
        /// The problem with it.
        problem: String,
    },

    /// An endpoint gave no usable answer.
    #[error("cannot invoke {url}: {problem}\n  hint: check that it runs: `curl -d '{{}}' {url}`")]
    EndpointFailed {
        /// The whole address.
        url: String,
        /// The problem.
        problem: String,
    },

    /// An image that cannot be run here.
    #[error("cannot run the image {reference}: {problem}\n  hint: {hint}")]
    Image {
        /// The image's name.
        reference: String,
        /// The problem.
        problem: String,
        /// The remedy.
        hint: String,
    },

    /// AWS refused a call or could not be reached.
    #[error("{problem}\n  hint: {hint}")]
    Aws {
        /// The problem.
        problem: String,
        /// The remedy.
        hint: String,
    },

    /// Functions on AWS need the SDK.
    #[error(
        "this lambda-meter was built without AWS, which takes minutes to compile\n  \
         hint: cargo install --path meter --features aws, or cargo meter-aws in the source tree"
    )]
    WithoutAws,

    /// The next invocation on AWS could exceed the budget.
    #[error(
        "{} USD are spent, the next invocation is expected to cost {}, and --max-usd {limit_usd} is the \
         limit\n  \
        hint: raise --max-usd; --dry-run prints the expected cost of the whole measurement",
        usd(*spent_usd), usd(*next_usd)
    )]
    BudgetSpent {
        /// The budget.
        limit_usd: f64,
        /// USD spent so far.
        spent_usd: f64,
        /// Expected cost of the next invocation.
        next_usd: f64,
    },

    /// The whole measurement is expected to exceed the budget.
    #[error(
        "the measurement is expected to cost {} USD on AWS, and --max-usd {limit_usd} is the limit\n  \
        hint: raise --max-usd, or set the expected billed duration with --assume MS; --dry-run prints \
        the plan",
        usd(*expected_usd)
    )]
    TooExpensive {
        /// The budget.
        limit_usd: f64,
        /// Expected cost.
        expected_usd: f64,
    },

    /// Hexadecimal digits that could not be computed.
    #[error("{problem}\n  hint: {hint}")]
    Hex {
        /// The problem.
        problem: String,
        /// The remedy.
        hint: String,
    },

    /// An unknown subcommand.
    #[error("unknown command {name}\n  hint: the commands are {known}")]
    UnknownCommand {
        /// The name given.
        name: String,
        /// All known names.
        known: String,
    },

    /// A plan that cannot be carried out.
    #[error(transparent)]
    Matrix(#[from] crate::matrix::MatrixError),

    /// A file of results that cannot be written, read or continued.
    #[error(transparent)]
    Results(#[from] crate::results::ResultsError),

    /// SIGINT, SIGTERM or SIGHUP.
    #[error("interrupted; all processes of the measurement were stopped")]
    Interrupted,
}

impl Error {
    /// The exit code of the command when it ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            // The code that a shell reports for a command ended by SIGINT.
            Self::Interrupted => 130,
            Self::Matrix(_) | Self::UnknownCommand { .. } => 2,
            _ => 3,
        }
    }
}
