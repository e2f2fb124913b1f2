//! Answers as HTTP requests to the runtime API, each over a connection of its own.
//!
//! ```text
//! POST /2018-06-01/runtime/invocation/{id}/response     chunked; an early end is told in the trailers
//! POST /2018-06-01/runtime/invocation/{id}/error        an error before the first byte
//! ```
//!
//! Sources: AWS, "Using the Lambda runtime API for custom runtimes" and "Response streaming for
//! custom runtimes"; RFC 9112 for chunks and trailers.

use super::connection::Connection;
use crate::log::Sent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::LambdaInvocation;
use pi_spigot_lambda::{EventError, Reply, Stream};
use std::env;
use std::fmt::Write;
use std::io;

/// Sends an answer. An error is that no connection could be opened; a connection that the runtime API
/// breaks is noted in the result, so that the next invocation finds the function ready.
pub(super) fn send(invocation: &LambdaInvocation, reply: Reply) -> io::Result<Sent> {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let mut connection = Connection::open(&address)?;
    let (mut sent, written) = match reply {
        Reply::Stream(stream) => send_stream(&mut connection, invocation, *stream),
        Reply::Whole(json) => send_whole(&mut connection, invocation, "response", json.get()),
        Reply::Error(error) => {
            let (mut sent, written) = send_whole(&mut connection, invocation, "error", &error.to_json());
            sent.error = Some(error);
            (sent, written)
        }
    };
    let status = match &written {
        Ok(()) => connection.status(),
        // The reason of a refusal was often sent before the connection was closed.
        Err(_) => connection.status_soon(),
    };
    sent.refused = status.as_ref().ok().copied().filter(|status| !(200..300).contains(status));
    sent.broken = written.err().or(status.err()).map(|error| error.to_string());
    Ok(sent)
}

/// The bytes that were sent, and the fault of the connection that ended them.
type Outcome = (Sent, io::Result<()>);

fn send_whole(
    connection: &mut Connection,
    invocation: &LambdaInvocation,
    resource: &str,
    json: &str,
) -> Outcome {
    let mut head = head(connection, invocation, resource);
    let _ = write!(head, "Content-Type: application/json\r\nContent-Length: {}\r\n", json.len());
    if resource == "error" {
        head.push_str("Lambda-Runtime-Function-Error-Type: unhandled\r\n");
    }
    head.push_str("\r\n");
    (Sent::whole(json.len()), connection.write(&[head.as_bytes(), json.as_bytes()]))
}

fn send_stream(connection: &mut Connection, invocation: &LambdaInvocation, mut stream: Stream) -> Outcome {
    let mut head = head(connection, invocation, "response");
    let _ = write!(
        head,
        "Content-Type: {}\r\n\
         Lambda-Runtime-Function-Response-Mode: streaming\r\n\
         Transfer-Encoding: chunked\r\n\
         Trailer: Lambda-Runtime-Function-Error-Type\r\n\
         Trailer: Lambda-Runtime-Function-Error-Body\r\n\r\n",
        stream.content_type()
    );
    let mut sent = Sent { streamed: true, ..Sent::whole(0) };
    let written = send_chunks(connection, head, &mut stream, &mut sent);
    sent.compute = stream.compute();
    // The work behind the stream ends here, before the next invocation begins.
    drop(stream);
    (sent, written)
}

/// The head of a request without its last line.
fn head(connection: &Connection, invocation: &LambdaInvocation, resource: &str) -> String {
    let (host, base, id) = (connection.host(), connection.base(), &invocation.context.request_id);
    let mut head = format!(
        "POST {base}/2018-06-01/runtime/invocation/{id}/{resource} HTTP/1.1\r\n\
         Host: {host}\r\n\
         Connection: close\r\n"
    );
    // Returned, so that a late answer is not taken for that of another invocation.
    let invocation_id = invocation.parts.headers.get("lambda-runtime-invocation-id");
    if let Some(id) = invocation_id.and_then(|id| id.to_str().ok()) {
        let _ = write!(head, "Lambda-Runtime-Invocation-Id: {id}\r\n");
    }
    head
}

/// Writes the head with the first chunk, and the others as they come.
fn send_chunks(
    connection: &mut Connection,
    head: String,
    stream: &mut Stream,
    sent: &mut Sent,
) -> io::Result<()> {
    let mut before = head;
    loop {
        match stream.next_chunk() {
            Ok(Some(chunk)) => {
                let _ = write!(before, "{:x}\r\n", chunk.len());
                connection.write(&[before.as_bytes(), &chunk, b"\r\n"])?;
                sent.bytes += chunk.len();
                before.clear();
            }
            Ok(None) => return connection.write(&[before.as_bytes(), b"0\r\n\r\n"]),
            Err(error) => {
                before.push_str(&trailers(&error));
                sent.error = Some(error);
                return connection.write(&[before.as_bytes()]);
            }
        }
    }
}

/// The last chunk, and the error that ended the stream before its end.
fn trailers(error: &EventError) -> String {
    let (name, body) = (error.error_type(), STANDARD.encode(error.to_json()));
    format!(
        "0\r\n\
         Lambda-Runtime-Function-Error-Type: {name}\r\n\
         Lambda-Runtime-Function-Error-Body: {body}\r\n\r\n"
    )
}
