//! The floor of the start-up bench: a minimal Lambda function, with std alone.
//!
//! The function uses one connection, one buffer, and HTTP/1.1 written by hand. It asks for an event
//! and answers `{}` in a loop, and parses only the request id and the length of the event. The
//! bench reports a framework's overhead as a ratio to this floor (see benches/startup).

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::TcpStream;

const NEXT: &[u8] = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: api\r\n\r\n";

fn main() -> io::Result<()> {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(|_| {
        Error::new(ErrorKind::NotFound, "AWS_LAMBDA_RUNTIME_API is not set; start this by lambda-meter")
    })?;
    let mut stream = TcpStream::connect(address)?;
    // Without TCP_NODELAY the second of two writes waits for a delayed ACK.
    stream.set_nodelay(true)?;
    let mut reader = Reader { buffer: vec![0; 16 * 1024], length: 0 };
    loop {
        stream.write_all(NEXT)?;
        let id = reader.message(&mut stream)?;
        let response = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: api\r\nContent-Length: \
             2\r\n\r\n{{}}"
        );
        stream.write_all(response.as_bytes())?;
        reader.message(&mut stream)?;
    }
}

/// Reads HTTP messages; bytes of the next message stay in the buffer.
struct Reader {
    buffer: Vec<u8>,
    length: usize,
}

impl Reader {
    /// Reads one message; returns its request id, or an empty text without one.
    fn message(&mut self, stream: &mut TcpStream) -> io::Result<String> {
        let head_length = loop {
            let head = &self.buffer[..self.length];
            if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill(stream)?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_length]);
        let id = header(&head, "lambda-runtime-aws-request-id").to_owned();
        let body_length: usize = header(&head, "content-length").parse().unwrap_or(0);
        let total = head_length + body_length;
        while self.length < total {
            self.fill(stream)?;
        }
        self.buffer.copy_within(total..self.length, 0);
        self.length -= total;
        Ok(id)
    }

    fn fill(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        if self.length == self.buffer.len() {
            self.buffer.resize(2 * self.length, 0);
        }
        match stream.read(&mut self.buffer[self.length..])? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            size => {
                self.length += size;
                Ok(())
            }
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let value = |line: &'a str| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    };
    head.split("\r\n").find_map(value).unwrap_or_default()
}
