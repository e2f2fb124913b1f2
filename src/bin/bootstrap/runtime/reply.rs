//! Sends what an invocation is answered: whole, as an error, or as it comes.

use super::{Api, Invocation, PREFIX};
use pi_spigot::event::{Body, EventError, Reply, Stream, base64};
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// A body up to this length goes along with its head.
const ONE_WRITE: usize = 16 * 1024;
/// How long the other side may take nothing of a stream; Lambda itself sends 2 MB a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of an answer.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) written: Written,
    /// What ended a stream before its end.
    pub(crate) error: Option<EventError>,
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Bytes of the body.
    pub(crate) bytes: usize,
    /// Whether it was streamed.
    pub(crate) streamed: bool,
    /// The status with which the runtime API refused it, if it did.
    pub(crate) refused: Option<u16>,
}

impl Api {
    /// Answers an invocation. An error is one of the connection: what the runtime API refuses is
    /// noted, and the next invocation finds the function ready.
    pub(crate) fn reply(&mut self, invocation: &Invocation, reply: Reply) -> io::Result<Sent> {
        match reply {
            Reply::Whole(body) => self.whole(invocation, &body),
            Reply::Error(error) => self.error(invocation, &error),
            Reply::Stream(stream) => self.stream(invocation, *stream),
        }
    }

    /// The head of a request up to the headers that are its own.
    fn head(&self, invocation: &Invocation, what: &str) -> String {
        let mut head = String::with_capacity(512);
        let (base, host, id) = (&self.base, &self.host, &invocation.request_id);
        let _ = write!(head, "POST {base}{PREFIX}/invocation/{id}/{what} HTTP/1.1\r\nHost: {host}\r\n");
        if let Some(id) = &invocation.invocation_id {
            let _ = write!(head, "Lambda-Runtime-Invocation-Id: {id}\r\n");
        }
        head
    }

    fn whole(&mut self, invocation: &Invocation, body: &Body) -> io::Result<Sent> {
        let mut head = self.head(invocation, "response");
        let _ = write!(head, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        let [first, digits, last] = body.parts();
        if body.len() <= ONE_WRITE {
            self.connection.write(&[&[head.as_bytes(), first, digits, last].concat()])?;
        } else {
            self.connection.write(&[head.as_bytes(), first, digits, last])?;
        }
        self.end(Written { bytes: body.len(), ..Written::default() }, None)
    }

    fn error(&mut self, invocation: &Invocation, error: &EventError) -> io::Result<Sent> {
        let mut request = self.head(invocation, "error");
        let body = error.to_json();
        let _ = write!(
            request,
            "Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            error.error_type(),
            body.len()
        );
        self.connection.write(&[request.as_bytes()])?;
        self.end(Written { bytes: body.len(), ..Written::default() }, None)
    }

    /// Sends chunks as they come; an error after the first goes into the trailers.
    fn stream(&mut self, invocation: &Invocation, mut stream: Stream) -> io::Result<Sent> {
        let mut head = self.head(invocation, "response");
        let _ = write!(
            head,
            "Content-Type: {}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\
             Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\
             Trailer: Lambda-Runtime-Function-Error-Body\r\n\r\n",
            stream.content_type()
        );
        self.connection.stream().set_write_timeout(Some(PATIENCE))?;
        let mut written = Written { streamed: true, ..Written::default() };
        let chunks = self.chunks(&head, &mut stream, &mut written);
        self.connection.stream().set_write_timeout(None)?;
        // The work behind it has ended, in time or not, before the next invocation begins.
        drop(stream);
        match chunks {
            Ok(error) => self.end(written, error),
            // A stream that nobody takes is broken off: the other side sees that it has no end.
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                self.connection = super::Connection::open(&self.host)?;
                Ok(Sent { written, error: None })
            }
            Err(error) => Err(error),
        }
    }

    fn chunks(
        &mut self,
        head: &str,
        stream: &mut Stream,
        written: &mut Written,
    ) -> io::Result<Option<EventError>> {
        let mut before = head.to_owned();
        loop {
            match stream.next_chunk() {
                Ok(Some(chunk)) => {
                    let _ = write!(before, "{:x}\r\n", chunk.len());
                    self.connection.write(&[before.as_bytes(), &chunk, b"\r\n"])?;
                    written.bytes += chunk.len();
                    before.clear();
                }
                Ok(None) => {
                    self.connection.write(&[before.as_bytes(), b"0\r\n\r\n"])?;
                    return Ok(None);
                }
                Err(error) => {
                    let _ = write!(
                        before,
                        "0\r\nLambda-Runtime-Function-Error-Type: {}\r\n\
                         Lambda-Runtime-Function-Error-Body: {}\r\n\r\n",
                        error.error_type(),
                        base64(error.to_json().as_bytes())
                    );
                    self.connection.write(&[before.as_bytes()])?;
                    return Ok(Some(error));
                }
            }
        }
    }

    /// Reads what the runtime API says of an answer.
    fn end(&mut self, mut written: Written, error: Option<EventError>) -> io::Result<Sent> {
        let status = self.receive()?.status;
        written.refused = Some(status).filter(|status| !(200..300).contains(status));
        Ok(Sent { written, error })
    }
}
