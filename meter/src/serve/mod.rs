//! `lambda-meter serve`: a function behind Lambda's Invoke API, on a loopback port.
//!
//! ```text
//! POST /2015-03-31/functions/NAME/invocations                      Invoke            invoke.rs
//! POST /2021-11-15/functions/NAME/response-streaming-invocations   ...WithResponseStream  stream.rs
//! ```
//!
//! [`route`] finds the call, [`api_error`] refuses in AWS's words, [`pool`] lends sandboxes, and
//! [`event_stream`] frames streams. Clients are the aws CLI and the SDKs with `--endpoint-url`, and
//! cargo lambda.

pub mod api_error;
pub mod event_stream;
mod functions;
mod invoke;
mod path;
pub mod pool;
mod reply;
pub mod route;
mod server;
mod stream;
pub mod web;

use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::subject::FunctionArgs;
use clap::Args;
use functions::Functions;
use indicatif::HumanCount;
use invoke::Retries;
use pool::Pool;
use server::Front;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use web::Face;

/// The options of `lambda-meter serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
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

    /// Further functions, by name: the `[[target]]` binaries of a matrix file
    #[arg(long, value_name = "MATRIX")]
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
    let functions = Arc::new(Functions::open(args)?);
    let listener = listen(args.port).await?;
    let address = listener.local_addr().map_err(Error::RuntimeApi)?;
    functions.0.iter().for_each(|pool| announce(address, args, pool));
    let retries = Retries { count: args.async_retries, wait: Duration::from_secs(args.async_wait) };
    let front = Front { http: args.http, retries };
    tokio::select! {
        () = server::accept(listener, Arc::clone(&functions), front) => {}
        () = interrupts.next() => {}
    }
    functions.close().await;
    let _ = writeln!(std::io::stderr(), "lambda-meter: stopped; the function's processes were killed");
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
    let text = format!(
        "lambda-meter: {name} ({memory} MB, concurrency {}) on http://{address}\n  \
         {}\n  \
         aws lambda invoke --endpoint-url http://{address} --function-name {name} --payload \
         fileb://event.json /dev/stdout\n  \
         curl http://{address}{}",
        args.concurrency,
        pool.confinement().remark(),
        if args.http.is_some() { "/".to_owned() } else { path::invocations(name) + " -d '{}'" },
    );
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter serve --binary ./bootstrap --memory 128 --port 9000 --function-name pi
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json /dev/stdout
  lambda-meter serve --binary ./bootstrap --http & curl http://127.0.0.1:9000/pi/20";

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
  an HTTP API buffers. With --functions the binaries of a matrix file are served
  by name.
  The log of all sandboxes goes to standard error. Ctrl-C ends the server and
  kills the function's processes.

Clients:
  export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 --function-name pi \\
    --payload fileb://events/digits-1000.json --log-type Tail /dev/stdout
  cargo lambda invoke pi --invoke-address 127.0.0.1 --invoke-port 9000 \\
    --data-file events/digits-1000.json
  curl http://127.0.0.1:9000/2015-03-31/functions/pi/invocations -d '{\"digits\": 50}'";
