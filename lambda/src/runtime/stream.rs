//! Sends a response as it comes, over a connection of its own.
//!
//! ```text
//! POST /2018-06-01/runtime/invocation/{id}/response     chunked; what ends it early is in the trailers
//! ```
//!
//! Sources: AWS, "Using the Lambda runtime API for custom runtimes" and "Response streaming for
//! custom runtimes"; RFC 9112 for chunks and trailers.

use super::connection::Connection;
use super::invocation::Invocation;
use crate::{EventError, Stream};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::env;
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// What became of a stream.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) written: Written,
    /// For how long digits were computed.
    pub(crate) compute: Option<Duration>,
    /// What ended it before its end.
    pub(crate) error: Option<EventError>,
}

/// What was sent.
#[derive(Debug)]
pub(crate) struct Written {
    /// Bytes of the body.
    pub(crate) bytes: usize,
    /// Whether it was streamed.
    pub(crate) streamed: bool,
    /// The status with which the runtime API refused it, if it did.
    pub(crate) refused: Option<u16>,
}

impl Written {
    /// A body that goes in one piece.
    pub(crate) const fn whole(bytes: usize) -> Self {
        Self { bytes, streamed: false, refused: None }
    }
}

/// Sends chunks as they come. An error is one of the connection: what the runtime API refuses, and
/// a stream that nobody takes, are noted, and the next invocation finds the function ready.
pub(crate) fn send(invocation: &Invocation, mut stream: Stream) -> io::Result<Sent> {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let mut connection = Connection::open(&address)?;
    let mut written = Written { bytes: 0, streamed: true, refused: None };
    let head = head(&connection, invocation, stream.content_type());
    let chunks = chunks(&mut connection, head, &mut stream, &mut written);
    let compute = stream.compute();
    // The work behind it has ended, in time or not, before the next invocation begins.
    drop(stream);
    match chunks {
        Ok(error) => {
            written.refused = Some(connection.status()?).filter(|status| !(200..300).contains(status));
            Ok(Sent { written, compute, error })
        }
        // Broken off: the other side sees that it has no end.
        Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
            Ok(Sent { written, compute, error: None })
        }
        Err(error) => Err(error),
    }
}

fn head(connection: &Connection, invocation: &Invocation, content_type: &str) -> String {
    let (host, base, id) = (connection.host(), connection.base(), &invocation.request_id);
    let mut head = format!(
        "POST {base}/2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {host}\r\n\
         Connection: close\r\nContent-Type: {content_type}\r\n\
         Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\
         Trailer: Lambda-Runtime-Function-Error-Type\r\nTrailer: Lambda-Runtime-Function-Error-Body\r\n"
    );
    if let Some(id) = &invocation.invocation_id {
        let _ = write!(head, "Lambda-Runtime-Invocation-Id: {id}\r\n");
    }
    head.push_str("\r\n");
    head
}

/// Writes the head with the first chunk, and the others as they come.
fn chunks(
    connection: &mut Connection,
    head: String,
    stream: &mut Stream,
    written: &mut Written,
) -> io::Result<Option<EventError>> {
    let mut before = head;
    loop {
        match stream.next_chunk() {
            Ok(Some(chunk)) => {
                let _ = write!(before, "{:x}\r\n", chunk.len());
                connection.write(&[before.as_bytes(), &chunk, b"\r\n"])?;
                written.bytes += chunk.len();
                before.clear();
            }
            Ok(None) => {
                connection.write(&[before.as_bytes(), b"0\r\n\r\n"])?;
                return Ok(None);
            }
            Err(error) => {
                let (name, body) = (error.error_type(), STANDARD.encode(error.to_json()));
                let _ = write!(
                    before,
                    "0\r\nLambda-Runtime-Function-Error-Type: {name}\r\n\
                     Lambda-Runtime-Function-Error-Body: {body}\r\n\r\n"
                );
                connection.write(&[before.as_bytes()])?;
                return Ok(Some(error));
            }
        }
    }
}
