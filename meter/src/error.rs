//! What can go wrong in the tool itself, each with its remedy.
//!
//! A function that answers with an error is not one of these: that is a result,
//! see [`FunctionError`](crate::subject::FunctionError).

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
        "cannot read the event {name}: {source}\n  hint: --event takes the path of a file, or - for standard input"
    )]
    EventUnreadable {
        /// The path, or `-`.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },

    /// The event is larger than Lambda accepts.
    #[error(
        "the event {name} has {size} bytes; Lambda accepts at most {limit} in a synchronous invocation (6 MB)\n  \
         hint: put large input into S3 and its key into the event"
    )]
    EventTooLarge {
        /// The path, or `-`.
        name: String,
        /// Its size in bytes.
        size: usize,
        /// The most that is allowed.
        limit: usize,
    },

    /// The binary could not be executed.
    #[error("cannot start {}: {problem}\n  hint: {hint}", path.display())]
    NotStarted {
        /// The binary.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        hint: String,
    },

    /// The process ended before it asked for its first event.
    #[error(
        "{} ended before it asked for its first event: {status} (Runtime.ExitError)\n  hint: {hint}",
        path.display()
    )]
    ExitedInInit {
        /// The binary.
        path: PathBuf,
        /// Exit status or signal.
        status: String,
        /// What to do about it.
        hint: String,
    },

    /// The function reported that its initialisation failed.
    #[error(
        "{} reported that its initialisation failed\n  errorType: {error_type}\n  errorMessage: {error_message}\n  \
         hint: this comes from the function's own start-up code; its log is above",
        path.display()
    )]
    InitFailed {
        /// The binary.
        path: PathBuf,
        /// The type that the function gave.
        error_type: String,
        /// The message that the function gave.
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
        /// How long it was given.
        limit: Duration,
    },

    /// The embedded server could not be set up.
    #[error(
        "cannot set up the Runtime API on 127.0.0.1: {0}\n  hint: is the loopback interface up, are file descriptors left?"
    )]
    RuntimeApi(#[source] io::Error),

    /// The server could not be set up.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}\n  hint: --port chooses another port, --port 0 a free one"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },

    /// CPU and memory cannot be limited.
    #[error(
        "cannot hold the function to its memory and its share of a CPU: {0}\n  hint: --limits auto measures unscaled then"
    )]
    Limits(#[source] Unavailable),

    /// A cgroup that was made could not be used.
    #[error(
        "cannot use the cgroup of the sandbox: {0}\n  hint: --limits off does without; a process of real-time priority (chrt) may not enter one"
    )]
    Cgroup(#[source] io::Error),

    /// The response could not be written.
    #[error("cannot write the response: {0}\n  hint: is there space where standard output goes?")]
    Output(#[source] io::Error),

    /// The address of an endpoint makes no sense.
    #[error(
        "{url} is no endpoint: {problem}\n  hint: http://HOST:PORT of the runtime interface emulator or of cargo lambda, without TLS"
    )]
    EndpointAddress {
        /// The address, as given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },

    /// An endpoint gave no answer to speak of.
    #[error(
        "{url} cannot be invoked: {problem}\n  hint: does it run, and does `curl -d '{{}}' {url}` answer?"
    )]
    EndpointFailed {
        /// The whole address.
        url: String,
        /// What happened.
        problem: String,
    },

    /// An image that cannot be run here.
    #[error("the image {reference} cannot be run here: {problem}\n  hint: {hint}")]
    Image {
        /// Its name.
        reference: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        hint: String,
    },

    /// AWS refused, or could not be asked.
    #[error("{problem}\n  hint: {hint}")]
    Aws {
        /// What happened.
        problem: String,
        /// What to do about it.
        hint: String,
    },

    /// Functions on AWS need the SDK.
    #[error(
        "this lambda-meter was built without AWS, which takes minutes to compile\n  \
         hint: cargo install --path meter --features aws, or cargo meter-aws in the source tree"
    )]
    WithoutAws,

    /// The next invocation on AWS could cost more than was allowed.
    #[error(
        "{} USD are spent, the next invocation is expected to cost {}, and --max-usd {limit_usd} is the limit\n  \
         hint: --max-usd allows more; --dry-run says what all of it is expected to cost",
        usd(*spent_usd), usd(*next_usd)
    )]
    BudgetSpent {
        /// What may be spent.
        limit_usd: f64,
        /// What was.
        spent_usd: f64,
        /// What the next invocation is expected to cost.
        next_usd: f64,
    },

    /// The whole measurement is expected to cost more than was allowed.
    #[error(
        "the measurement is expected to cost {} USD on AWS, and --max-usd {limit_usd} is the limit\n  \
         hint: --max-usd allows more, --assume MS says what an invocation is expected to be billed, --dry-run shows the plan",
        usd(*expected_usd)
    )]
    TooExpensive {
        /// What may be spent.
        limit_usd: f64,
        /// What is expected.
        expected_usd: f64,
    },

    /// A command that there is not.
    #[error("there is no command {name}\n  hint: the commands are {known}")]
    UnknownCommand {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },

    /// A plan that cannot be carried out.
    #[error(transparent)]
    Matrix(#[from] crate::matrix::MatrixError),

    /// A file of results that cannot be written, read or continued.
    #[error(transparent)]
    Results(#[from] crate::results::ResultsError),

    /// Ctrl-C, or a polite request to end.
    #[error("interrupted; nothing of the measurement is left running")]
    Interrupted,
}

impl Error {
    /// The exit code of the command when it ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            // What a shell reports for a command that SIGINT ended.
            Self::Interrupted => 130,
            Self::Matrix(_) | Self::UnknownCommand { .. } => 2,
            _ => 3,
        }
    }
}
