//! A client of the Lambda runtime API: HTTP/1.1 over one connection, std alone.
//!
//! ```text
//! GET  /2018-06-01/runtime/invocation/next              waits for an invocation
//! POST /2018-06-01/runtime/invocation/{id}/response     answers it, whole or as it comes
//! POST /2018-06-01/runtime/invocation/{id}/error        or says what went wrong
//! ```
//!
//! `lambda_runtime` 1.5 was here before. It cannot end a stream with an error (what should be
//! trailers goes into the body, where it looks like digits), leaves Nagle's algorithm on, so that
//! a small chunk waits 40 ms for a delayed acknowledgement, and brings an executor, an HTTP client
//! and a tracing stack that are most of the file. The protocol is four requests; docs/runtime.md
//! has the figures and the report. Source: AWS, "Using the Lambda runtime API for custom runtimes"
//! and "Response streaming for custom runtimes"; RFC 9112 for HTTP/1.1.

mod http;
mod invocation;
mod reply;

pub(crate) use invocation::Invocation;
pub(crate) use reply::Written;

use http::{Connection, Message};
use std::io;

const PREFIX: &str = "/2018-06-01/runtime";

/// The runtime API, through one connection that is opened again when the other side closes it.
#[derive(Debug)]
pub(crate) struct Api {
    /// `host:port`, and a path that an emulator may have before its own.
    host: String,
    base: String,
    connection: Connection,
}

impl Api {
    /// Connects to `host:port`; emulators also give `http://host:port/path`.
    pub(crate) fn connect(address: &str) -> io::Result<Self> {
        let address = address.strip_prefix("http://").unwrap_or(address);
        let (host, base) = address.find('/').map_or((address, ""), |slash| address.split_at(slash));
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { host: host.to_owned(), base, connection: Connection::open(host)? })
    }

    /// Waits for the next invocation.
    pub(crate) fn next(&mut self) -> io::Result<Invocation> {
        let request =
            format!("GET {}{PREFIX}/invocation/next HTTP/1.1\r\nHost: {}\r\n\r\n", self.base, self.host);
        let message = match self.ask(&request) {
            // It may have been closed while the sandbox was frozen; nothing was asked by then.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                self.connection = Connection::open(&self.host)?;
                self.ask(&request)?
            }
            other => other?,
        };
        Invocation::of(message)
    }

    fn ask(&mut self, request: &str) -> io::Result<Message> {
        self.connection.write(&[request.as_bytes()])?;
        self.receive()
    }

    /// The answer to what was sent; afterwards the connection is ready for the next request.
    fn receive(&mut self) -> io::Result<Message> {
        let message = self.connection.receive()?;
        if message.closes {
            self.connection = Connection::open(&self.host)?;
        }
        Ok(message)
    }
}
