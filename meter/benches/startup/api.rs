//! The Runtime API for a bench, in one blocking thread, so that no scheduler is measured.
//!
//! A client may use one connection or several; `poll` waits on all of them.

use crate::Result;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

/// Timeout for a function.
const PATIENCE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };
const REQUEST_ID: &str = "8f5d7a52-0d5e-4c8e-9f40-1c0a2c7f0f11";

/// Serves one function process.
pub(crate) struct Api {
    listener: TcpListener,
    connections: Vec<Connection>,
    /// The connection whose request expects an answer.
    current: usize,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A request, and the arrival of its last byte.
pub(crate) struct Call {
    head: String,
    arrived: Instant,
}

impl Call {
    /// The moment, if the request asks for an event.
    pub(crate) fn expect_next(self) -> Result<Instant> {
        self.expect("GET /2018-06-01/runtime/invocation/next ")
    }

    /// The moment, if the request is a response.
    pub(crate) fn expect_response(self) -> Result<Instant> {
        self.expect(&format!("POST /2018-06-01/runtime/invocation/{REQUEST_ID}/response "))
    }

    fn expect(self, start: &str) -> Result<Instant> {
        if self.head.starts_with(start) {
            return Ok(self.arrived);
        }
        let line = self.head.lines().next().unwrap_or_default();
        Err(format!("expected {start}but got {line}; does the function accept this --event?").into())
    }
}

impl Api {
    pub(crate) fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { listener, connections: Vec::new(), current: 0 })
    }

    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers the pending request with an event; the moment is taken before the write.
    pub(crate) fn deliver(&mut self, event: &[u8]) -> Result<Instant> {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: \
             {REQUEST_ID}\r\n\
             Lambda-Runtime-Deadline-Ms: 9999999999999\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:startup\r\n\
             Lambda-Runtime-Trace-Id: \
             Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0\r\n\
             Content-Length: {}\r\n\r\n",
            event.len()
        );
        let message = [head.as_bytes(), event].concat();
        let moment = Instant::now();
        self.connections[self.current].stream.write_all(&message)?;
        Ok(moment)
    }

    /// Answers the pending request with 202.
    pub(crate) fn accept(&mut self) -> Result<()> {
        let message = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: \
        16\r\n\r\n{\"status\":\"OK\"}\n";
        Ok(self.connections[self.current].stream.write_all(message)?)
    }

    /// Waits for the next request.
    pub(crate) fn receive(&mut self) -> Result<Call> {
        loop {
            for index in self.ready()? {
                if index == self.connections.len() {
                    self.connect()?;
                    continue;
                }
                let open = self.connections[index].fill()?;
                let arrived = Instant::now();
                if let Some(head) = self.connections[index].take_request()? {
                    self.current = index;
                    return Ok(Call { head, arrived });
                }
                if !open {
                    // Later indices have changed; poll again.
                    self.connections.remove(index);
                    break;
                }
            }
        }
    }

    /// Waits for a streamed response; returns the arrival of its first digits and of its end.
    pub(crate) fn receive_stream(&mut self) -> Result<(Instant, Instant)> {
        let mut first = None;
        loop {
            for index in self.ready()? {
                if index == self.connections.len() {
                    self.connect()?;
                    continue;
                }
                let connection = &mut self.connections[index];
                if !connection.fill()? {
                    if connection.received.is_empty() {
                        // The connection of the previous stream; later indices have changed.
                        self.connections.remove(index);
                        break;
                    }
                    return Err("the function hung up within a stream".into());
                }
                let arrived = Instant::now();
                if connection.received.windows(4).any(|window| window == b"3.14") {
                    first.get_or_insert(arrived);
                }
                if let Some(head) = connection.take_request()? {
                    self.current = index;
                    Call { head, arrived }.expect_response()?;
                    return Ok((first.ok_or("a stream without digits")?, arrived));
                }
            }
        }
    }

    /// The readable connections; the index after the last stands for the listener.
    fn ready(&self) -> Result<Vec<usize>> {
        let streams =
            self.connections.iter().map(|connection| PollFd::new(&connection.stream, PollFlags::IN));
        let mut sources: Vec<PollFd<'_>> =
            streams.chain([PollFd::new(&self.listener, PollFlags::IN)]).collect();
        if poll(&mut sources, Some(&PATIENCE))? == 0 {
            return Err(format!("nothing happened for {} s", PATIENCE.tv_sec).into());
        }
        let ready = sources.iter().enumerate().filter(|(_, source)| !source.revents().is_empty());
        Ok(ready.map(|(index, _)| index).collect())
    }

    fn connect(&mut self) -> Result<()> {
        let (stream, _) = self.listener.accept()?;
        stream.set_nodelay(true)?;
        self.connections.push(Connection { stream, received: Vec::new() });
        Ok(())
    }
}

impl Connection {
    /// Reads the bytes that have arrived; false when the other side has closed.
    fn fill(&mut self) -> Result<bool> {
        let mut buffer = [0; 16 * 1024];
        let size = self.stream.read(&mut buffer)?;
        self.received.extend_from_slice(&buffer[..size]);
        Ok(size > 0)
    }

    /// The head of a request whose body is complete.
    fn take_request(&mut self) -> Result<Option<String>> {
        let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = String::from_utf8(self.received[..end].to_vec())?;
        let Some(length) = body_length(&head, &self.received[end + 4..])? else { return Ok(None) };
        self.received.drain(..end + 4 + length);
        Ok(Some(head))
    }
}

/// Length of the body, if complete.
fn body_length(head: &str, received: &[u8]) -> Result<Option<usize>> {
    let lower = head.to_ascii_lowercase();
    if lower.contains("\r\ntransfer-encoding: chunked") {
        // The last chunk, without trailers; small responses contain these bytes nowhere else.
        let last = received.windows(5).position(|window| window == b"0\r\n\r\n");
        return Ok(last.map(|position| position + 5));
    }
    let length = lower.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(Ok(0), |length| length.trim().parse())?;
    Ok((received.len() >= length).then_some(length))
}
