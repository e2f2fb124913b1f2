//! A stream that the runtime API cuts is noted, and the next event is served by the same process.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const STREAM: &str = r#"{"digits": 3000000, "output": "stream"}"#;

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A runtime API that hands out a stream and an event after it.
struct Api {
    listener: TcpListener,
    /// The connection by which the function asks for events.
    events: BufReader<TcpStream>,
    process: Process,
}

impl Api {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "pi")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let process = Process(process);
        let events = accept(&listener);
        Self { listener, events, process }
    }

    /// Waits for the request for an event, and hands one out.
    fn deliver(&mut self, event: &str) {
        let head = head(&mut self.events).unwrap_or_else(|| {
            // The client may have opened another connection.
            self.events = accept(&self.listener);
            head(&mut self.events).expect("a request for the next event")
        });
        assert!(head.starts_with("GET /2018-06-01/runtime/invocation/next "), "{head}");
        let answer = format!(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\n\
             Lambda-Runtime-Deadline-Ms: 99999999999999\r\nContent-Length: {}\r\n\r\n{event}",
            event.len()
        );
        self.events.get_mut().write_all(answer.as_bytes()).unwrap();
    }

    /// Hands out a stream, cuts it, and returns the line of the log after the next event was served.
    fn cut(mut self, cut: impl FnOnce(BufReader<TcpStream>)) -> String {
        self.deliver(STREAM);
        let mut stream = accept(&self.listener);
        let request = head(&mut stream).expect("the head of a stream");
        assert!(request.contains("Transfer-Encoding: chunked"), "{request}");
        let mut first = [0; 64];
        stream.read_exact(&mut first).unwrap();
        cut(stream);
        self.deliver(r#"{"digits": 10}"#);
        let answer = head(&mut self.events).expect("the answer to the next event");
        assert!(answer.starts_with("POST /2018-06-01/runtime/invocation/id/response "), "{answer}");
        let mut log = BufReader::new(self.process.0.stdout.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        line
    }
}

fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    BufReader::new(stream)
}

/// The first line and the headers of a request; none if the connection was closed.
fn head(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("{error} after {head:?}"),
        }
    }
    Some(head)
}

#[test]
fn a_status_before_the_end_is_noted() {
    let line = Api::start().cut(|mut stream| {
        stream.get_mut().write_all(b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n").unwrap();
        stream.get_mut().shutdown(Shutdown::Write).unwrap();
        // Bytes that nobody reads turn the close into a reset, behind the status.
        std::thread::sleep(Duration::from_millis(50));
    });
    assert!(line.starts_with("WARN cut requestId=id "), "{line}");
    assert!(line.contains(" streamed=true runtimeApiStatus=413 "), "{line}");
}

#[test]
fn a_connection_that_is_closed_is_noted() {
    let line = Api::start().cut(|mut stream| {
        // Read until nothing is left for a moment, so that the close is a FIN and no reset.
        stream.get_mut().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        stream.get_mut().shutdown(Shutdown::Write).unwrap();
        let mut bytes = [0; 1 << 16];
        while stream.read(&mut bytes).is_ok_and(|count| count > 0) {}
    });
    assert!(line.starts_with("WARN cut requestId=id ") && line.contains(" connectionError="), "{line}");
}

#[test]
fn a_connection_that_is_reset_is_noted() {
    // Closed with bytes unread.
    let line = Api::start().cut(drop);
    assert!(line.starts_with("WARN cut requestId=id ") && line.contains(" connectionError="), "{line}");
}
