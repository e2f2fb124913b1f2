//! HTTP/1.1 as a client speaks it: requests are written by hand, answers are read whole.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::TcpStream;

/// What is read at once: an invocation without a large payload.
const BUFFER: usize = 8 * 1024;
/// A head is never longer than this, with all of a client context.
const LONGEST_HEAD: usize = 1024 * 1024;

/// A connection, and what was read from it beyond the last message.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) status: u16,
    head: Vec<u8>,
    pub(super) body: Vec<u8>,
    /// Whether the other side closes the connection behind it.
    pub(super) closes: bool,
}

impl Message {
    /// A header by its name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

impl Connection {
    pub(super) fn open(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host)?;
        // Without it a small chunk waits until the one before it was acknowledged, which the other
        // side delays by 40 ms in the hope of an answer that it could go along with.
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(BUFFER) })
    }

    /// Writes parts of a request one behind the other, with as few calls as can be.
    pub(super) fn write(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.stream.write_vectored(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(closed(error)),
            }
        }
        Ok(())
    }

    /// The socket, for whoever sets its timeout.
    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Reads one answer. `ConnectionReset` says that the connection was closed before it began.
    pub(super) fn receive(&mut self) -> io::Result<Message> {
        let head_end = self.head_end()?;
        let head: Vec<u8> = self.buffer.drain(..head_end).collect();
        let status = head.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
        let status = status.ok_or_else(|| invalid("an answer without a status"))?;
        if (100..200).contains(&status) {
            return self.receive();
        }
        let has = |name, value: &str| {
            header(&head, name).is_some_and(|found| found.to_ascii_lowercase().contains(value))
        };
        let body = if has("transfer-encoding", "chunked") {
            self.chunks()?
        } else {
            let length = header(&head, "content-length").map_or(Ok(0), str::parse);
            self.exactly(length.map_err(|_| invalid("an answer without a length"))?)?
        };
        Ok(Message { status, closes: has("connection", "close"), head, body })
    }

    /// Reads until a head is complete; its length, the empty line included.
    fn head_end(&mut self) -> io::Result<usize> {
        let mut looked_at = 0;
        loop {
            let from = looked_at;
            if let Some(at) = self.buffer[from..].windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(from + at + 4);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(invalid("an answer whose head does not end"));
            }
            looked_at = self.buffer.len().saturating_sub(3);
            let begins = self.buffer.is_empty();
            if self.fill()? == 0 {
                return Err(if begins { ErrorKind::ConnectionReset } else { ErrorKind::UnexpectedEof }.into());
            }
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut block = [0; BUFFER];
        loop {
            match self.stream.read(&mut block) {
                Ok(count) => {
                    self.buffer.extend_from_slice(&block[..count]);
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next `length` bytes.
    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if self.buffer.len() >= length {
            let rest = self.buffer.split_off(length);
            let body = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER.max(rest.len())));
            self.buffer.extend_from_slice(&rest);
            return Ok(body);
        }
        let mut body = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER));
        // What is announced is believed only as far as it comes.
        let missing = (length - body.len()) as u64;
        let read = (&self.stream).take(missing).read_to_end(&mut body)?;
        if (read as u64) < missing {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(body)
    }

    /// A body in chunks, RFC 9112 section 7.1; trailers are passed over.
    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let length = line.split(';').next().unwrap_or_default().trim();
            let length =
                usize::from_str_radix(length, 16).map_err(|_| invalid("a chunk without a length"))?;
            if length == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.exactly(length)?);
            self.line()?;
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(invalid("a line that does not end"));
            }
            if self.fill()? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// A write finds a connection that was closed as a broken pipe; to a reader it is a reset.
fn closed(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe { ErrorKind::ConnectionReset.into() } else { error }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    // By bytes: a search for a text would look for its period first, seven times for each invocation.
    let mut lines = head.split(|&byte| byte == b'\n').skip(1);
    let line = lines.find(|line| {
        line.get(name.len()) == Some(&b':') && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    })?;
    std::str::from_utf8(&line[name.len() + 1..]).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Reads the answers that a server writes in these pieces.
    fn answers(pieces: &[&'static [u8]], count: usize) -> io::Result<Vec<Message>> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let pieces = pieces.to_vec();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in pieces {
                stream.write_all(piece).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        let mut connection = Connection::open(&address).unwrap();
        let messages = (0..count).map(|_| connection.receive()).collect();
        server.join().unwrap();
        messages
    }

    #[test]
    fn lengths_and_chunks_in_any_pieces() {
        let messages = answers(
            &[
                b"HTTP/1.1 200 OK\r\nContent-Le",
                b"ngth: 5\r\nLambda-Runtime-Aws-Request-Id: 8f\r\n\r\n{\"a\"",
                b"}HTTP/1.1 202 Accepted\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nab",
                b"c\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 413 Too\r\nConnection: close\r\n\r\n",
            ],
            3,
        )
        .unwrap();
        assert_eq!(messages[0].body, b"{\"a\"}");
        assert_eq!(messages[0].header("lambda-runtime-AWS-request-id"), Some("8f"));
        assert_eq!((messages[1].status, messages[1].body.as_slice()), (202, b"abc0123456789".as_slice()));
        assert_eq!((messages[2].status, messages[2].closes), (413, true));
    }

    #[test]
    fn answers_that_break_off_are_told_from_none() {
        let kind = |pieces: &[&'static [u8]]| answers(pieces, 1).unwrap_err().kind();
        assert_eq!(kind(&[]), ErrorKind::ConnectionReset);
        assert_eq!(kind(&[b"HTTP/1.1 200"]), ErrorKind::UnexpectedEof);
        assert_eq!(kind(&[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12"]), ErrorKind::UnexpectedEof);
        assert_eq!(
            kind(&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n1"]),
            ErrorKind::UnexpectedEof
        );
        assert_eq!(kind(&[b"HTTP/1.1 what\r\n\r\n"]), ErrorKind::InvalidData);
        assert_eq!(kind(&[b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"]), ErrorKind::InvalidData);
        assert_eq!(
            kind(&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"]),
            ErrorKind::InvalidData
        );
    }
}
