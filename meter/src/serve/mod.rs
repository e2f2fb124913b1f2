//! `lambda-meter serve`: functions behind Lambda's Invoke API, on a loopback port, and their callers.
//!
//! ```text
//! POST /2015-03-31/functions/NAME/invocations                      Invoke            invoke.rs
//! POST /2021-11-15/functions/NAME/response-streaming-invocations   ...WithResponseStream  stream.rs
//! ```
//!
//! [`route`] finds the call, [`api_error`] refuses in AWS's words, [`pool`] lends sandboxes, and
//! [`event_stream`] frames streams. A file adds callers: [`api`] has the routes of an HTTP API and their
//! authorizers, `queue` delivers messages of SQS, [`schedule`] invokes at certain times. Clients are the
//! aws CLI and the SDKs with `--endpoint-url`, and cargo lambda.

mod api;
pub mod api_error;
pub mod event_stream;
mod functions;
mod invoke;
mod path;
pub mod pool;
#[cfg(feature = "aws")]
mod queue;
mod reply;
pub mod route;
mod schedule;
mod server;
mod stream;
pub mod web;

use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::matrix::{MatrixError, read_file};
use crate::say::say;
use crate::subject::FunctionArgs;
use api::HttpApi;
use clap::Args;
use functions::Functions;
use indicatif::HumanCount;
use invoke::Retries;
use jiff::Timestamp;
use pool::Pool;
#[cfg(feature = "aws")]
use queue::EventSource;
use schedule::Schedule;
use server::Front;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use web::Face;

/// The options of `lambda-meter serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The function's executable, usually called `bootstrap`; not needed with --functions
    #[arg(long, value_name = "PATH", required_unless_present = "functions")]
    pub binary: Option<PathBuf>,

    /// The function.
    #[command(flatten)]
    pub function: FunctionArgs,

    /// Port on 127.0.0.1; 0 for a free port, which is printed
    #[arg(long, value_name = "PORT", default_value_t = 9000)]
    pub port: u16,

    /// Concurrent invocations, each in its own sandbox; further callers get 429
    #[arg(
        long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    pub concurrency: u16,

    /// Further attempts at an asynchronous event that failed, 0 to 2
    #[arg(
        long, value_name = "N", default_value_t = 2,
        value_parser = clap::value_parser!(u32).range(0..=2)
    )]
    pub async_retries: u32,

    /// Seconds before the first of these attempts; the second waits twice as long
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub async_wait: u64,

    /// Serve every other path over HTTP, as a Function URL (url) or an HTTP API (api)
    #[arg(long, value_enum, value_name = "FACE", num_args = 0..=1, default_missing_value = "url")]
    pub http: Option<Face>,

    /// A whole application: functions by name, HTTP routes, authorizers, queues and schedules
    ///
    /// The functions are the `[[target]]` binaries of a matrix file; `[[route]]`, `[[authorizer]]`,
    /// `[[queue]]` and `[[schedule]]` are their callers. The format is below.
    #[arg(long, value_name = "FILE")]
    pub functions: Option<PathBuf>,
}

/// Serves until a signal.
///
/// # Errors
///
/// When the port is taken, the binary is missing, or limits are required and cannot be set.
pub fn run(args: &ServeArgs) -> Result<u8, Error> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
    runtime.block_on(serve(args))
}

async fn serve(args: &ServeArgs) -> Result<u8, Error> {
    let mut interrupts = Interrupts::listen().map_err(Error::RuntimeApi)?;
    let file = args.functions.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let functions = Arc::new(Functions::open(args, &file)?);
    let api = HttpApi::open(&file, &functions)?;
    if let (Some(_), Some(_)) = (&api, args.http) {
        let problem = "--http sends every path to one function, and the file has routes";
        return Err(MatrixError::missing(
            problem,
            "leave out --http, or add a route with key = \"$default\"",
        )
        .into());
    }
    let schedules = Schedule::open(&file, &functions)?;
    #[cfg(feature = "aws")]
    let sources = EventSource::open(&file, &functions).await?;
    #[cfg(not(feature = "aws"))]
    if !file.queues.is_empty() {
        return Err(Error::WithoutAws);
    }
    let listener = listen(args.port).await?;
    let address = listener.local_addr().map_err(Error::RuntimeApi)?;
    functions.0.iter().for_each(|pool| announce(address, args, pool));
    let retries = Retries { count: args.async_retries, wait: Duration::from_secs(args.async_wait) };
    // The tasks end with the set.
    let mut callers = JoinSet::new();
    if let Some(api) = &api {
        say(&format!("HTTP API on http://{address}"));
        api.lines().for_each(|line| say(&format!("  {line}")));
    }
    for schedule in schedules {
        say(&format!("schedule {}", schedule.line(Timestamp::now())));
        callers.spawn(schedule.fire(retries));
    }
    #[cfg(feature = "aws")]
    for source in sources {
        say(&format!("queue {}", source.line()));
        callers.spawn(source.deliver());
    }
    let front = Front { http: args.http, api, retries };
    tokio::select! {
        () = server::accept(listener, Arc::clone(&functions), Arc::new(front)) => {}
        () = interrupts.next() => {}
    }
    drop(callers);
    functions.close().await;
    say("stopped; the function's processes were killed");
    Ok(0)
}

async fn listen(port: u16) -> Result<TcpListener, Error> {
    let address = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(address).await.map_err(|source| Error::PortTaken { port, source })
}

/// Prints the address, and how to call the function.
fn announce(address: SocketAddr, args: &ServeArgs, pool: &Pool) {
    let configuration = pool.configuration();
    let (name, memory) = (&configuration.function_name, HumanCount(configuration.memory_size));
    say(&format!(
        "{name} ({memory} MB, concurrency {}) on http://{address}\n  \
         {}\n  \
         aws lambda invoke --endpoint-url http://{address} --function-name {name} --payload \
         fileb://event.json /dev/stdout\n  \
         curl http://{address}{}",
        args.concurrency,
        pool.confinement().remark(),
        if args.http.is_some() { "/".to_owned() } else { path::invocations(name) + " -d '{}'" },
    ));
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter serve --binary ./bootstrap --memory 128 --port 9000 --function-name pi
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json /dev/stdout
  lambda-meter serve --binary ./bootstrap --http & curl http://127.0.0.1:9000/pi/20
  lambda-meter serve --functions app.toml";

/// The long help, printed below the options.
pub const HELP: &str = "\
Calls:
  Invoke                    RequestResponse, Event and DryRun; LogType Tail
  InvokeWithResponseStream  200 MB, the first 6 MB at full speed, then 2 MB/s
  Credentials are ignored. The function is called by its name, by an ARN of any
  account and region, or by a part of one, with no qualifier or $LATEST. An
  asynchronous event that fails is tried again after one minute and after two
  more, as on Lambda; --async-retries and --async-wait change that.
  With --http every other path is an event of payload format 2.0, as a Function
  URL or an HTTP API sends it, for the function of --binary. A Function URL
  streams what the function streams, with the status and headers of its prelude;
  an HTTP API buffers.
  The log of all sandboxes goes to standard error. Ctrl-C ends the server and
  kills the function's processes.

An application (--functions FILE), of which every section may be repeated:
  timeout = 30                            of every function, in seconds

  [[target]]                              a function, as for `run`
  name = \"api\"
  binary = \"target/debug/api\"            relative to the file
  memory = [512]
  env = { TABLE = \"measurements\" }

  [[route]]                               HTTP API
  key = \"GET /pi/{digits}\"              or \"ANY /{proxy+}\", \"$default\"
  target = \"api\"
  authorizer = \"tokens\"                 optional
  payload = \"1.0\"                       of event and answer; \"2.0\"

  [[authorizer]]                          a Lambda authorizer
  name = \"tokens\"
  target = \"authorizer\"
  identity = [\"$request.header.Authorization\", \"$context.routeKey\"]
  ttl = 60                                seconds that an answer is kept; 0
  simple_responses = true                 isAuthorized beside IAM policies; false
  payload = \"2.0\"                       \"1.0\" has no simple responses

  [cors]                                  as CorsConfiguration; browsers' preflights
  allow_origins = [\"https://example.com\"]  or \"*\", \"https://*\", \"http://*\"
  allow_methods = [\"GET\", \"POST\"]      allow_headers, expose_headers, max_age and
                                          allow_credentials as well

  [[queue]]                               an event source of SQS, feature `aws`
  url = \"http://127.0.0.1:4566/000000000000/telegrams\"
  target = \"consumer\"
  batch_size = 100                        1 to 10000; 10
  window = 5                              seconds for a full batch, 0 to 300; 0
  report_batch_item_failures = true       false
  concurrency = 2                         events at a time; 5

  [[schedule]]                            EventBridge Scheduler, in UTC
  expression = \"rate(6 hours)\"          or \"cron(0 12 ? * MON-FRI *)\"
  target = \"recorder\"
  event = '{\"scheduled\": \"<aws.scheduler.scheduled-time>\"}'

  A caller without an identity source gets 401 and the authorizer is not asked,
  a refusal is 403, a failure or a wrong answer 500, and is not kept. Queues are
  found as by the aws CLI: credentials, region and AWS_ENDPOINT_URL_SQS come from
  the environment. Messages that fail come again after the queue's own visibility
  timeout, and go to its own dead letter queue. A rate begins with the server.

Clients:
  export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json --log-type Tail /dev/stdout
  cargo lambda invoke pi --invoke-address 127.0.0.1 --invoke-port 9000 \\
    --data-file events/digits-1000.json
  curl http://127.0.0.1:9000/2015-03-31/functions/pi/invocations -d '{\"digits\": 50}'";
