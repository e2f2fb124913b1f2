//! The floor of extensions: registers for both events, waits, and exits at SHUTDOWN; std alone.
//!
//! `lambda-meter run --binary FUNCTION --extension target/release/examples/idle --bare` measures what
//! an extension costs that does nothing.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let missing = |_| Error::other("AWS_LAMBDA_RUNTIME_API is not set; start this by lambda-meter");
    let mut stream = TcpStream::connect(std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(missing)?)?;
    // Without TCP_NODELAY the second of two writes waits for a delayed ACK.
    stream.set_nodelay(true)?;
    let name = std::env::args().next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let body = r#"{"events":["INVOKE","SHUTDOWN"]}"#;
    let head = format!("Lambda-Extension-Name: {name}\r\nContent-Length: {}\r\n", body.len());
    let answer = call(&mut stream, "POST", "register", &head, body)?;
    let id = answer.lines().find_map(|line| line.strip_prefix("lambda-extension-identifier: "));
    let head = format!("Lambda-Extension-Identifier: {}\r\n", id.unwrap_or_default());
    loop {
        let event = call(&mut stream, "GET", "event/next", &head, "")?;
        if event.contains("\"SHUTDOWN\"") {
            return Ok(());
        }
    }
}

/// One call of the Extensions API; returns the whole answer.
fn call(stream: &mut TcpStream, method: &str, path: &str, head: &str, body: &str) -> io::Result<String> {
    let request = format!("{method} /2020-01-01/extension/{path} HTTP/1.1\r\nHost: api\r\n{head}\r\n{body}");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            size => answer.extend_from_slice(&buffer[..size]),
        }
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
            return Ok(text.into_owned());
        }
    }
}
