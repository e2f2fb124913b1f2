//! `lambda-meter serve`: the function behind Lambda's own Invoke API, on a loopback port.
//!
//! ```text
//! POST /2015-03-31/functions/NAME/invocations                      Invoke            invoke.rs
//! POST /2021-11-15/functions/NAME/response-streaming-invocations   ...WithResponseStream  stream.rs
//! ```
//!
//! [`route`] reads what is asked for, [`api_error`] says no in AWS's words, [`pool`] lends
//! sandboxes, [`event_stream`] frames what is streamed. The aws CLI, the SDKs and cargo lambda
//! are clients, with `--endpoint-url`.

pub mod api_error;
pub mod event_stream;
mod invoke;
pub mod pool;
pub mod route;
mod server;
mod stream;

use crate::cli::ServeArgs;
use crate::error::Error;
use crate::interrupt::Interrupts;
use crate::render::thousands;
use crate::target::{Configuration, Confinement};
use pool::Pool;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Serves until it is interrupted.
///
/// # Errors
///
/// When the port is taken, the binary is missing, or limits are required and cannot be had.
pub fn run(args: &ServeArgs) -> Result<u8, Error> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::RuntimeApi)?;
    runtime.block_on(serve(args))
}

async fn serve(args: &ServeArgs) -> Result<u8, Error> {
    let mut interrupts = Interrupts::listen().map_err(Error::RuntimeApi)?;
    let configuration = args.function.configuration();
    configuration.check_binary()?;
    let confinement = Confinement::prepare(configuration.limits, configuration.memory_size)?;
    let listener = listen(args.port).await?;
    let address = listener.local_addr().map_err(Error::RuntimeApi)?;
    announce(address, args, &configuration, &confinement);
    let pool = Pool::new(configuration, confinement, usize::from(args.concurrency));
    tokio::select! {
        () = server::accept(listener, Arc::clone(&pool)) => {}
        () = interrupts.next() => {}
    }
    pool.close();
    let _ = writeln!(std::io::stderr(), "lambda-meter: stopped; the function's processes were killed");
    Ok(0)
}

async fn listen(port: u16) -> Result<TcpListener, Error> {
    let address = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(address).await.map_err(|source| Error::PortTaken { port, source })
}

/// Says where it listens, and how it is called.
fn announce(address: SocketAddr, args: &ServeArgs, configuration: &Configuration, confinement: &Confinement) {
    let (name, memory) = (&configuration.function_name, thousands(args.function.memory as usize));
    let text = format!(
        "lambda-meter: {name} ({memory} MB, concurrency {}) on http://{address}\n  \
         {}\n  \
         aws lambda invoke --endpoint-url http://{address} --function-name {name} --payload fileb://event.json /dev/stdout\n  \
         curl http://{address}{} -d '{{}}'",
        args.concurrency,
        confinement.remark(),
        route::invocations(name),
    );
    let _ = writeln!(std::io::stderr(), "{text}");
}
