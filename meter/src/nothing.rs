//! The function that does nothing: lambda-meter itself, started with an environment variable.
//!
//! Its init and duration are the tool's own overhead on this machine, the floor under every local
//! figure. It uses one connection, HTTP/1.1 written by hand, and std alone.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

/// The variable that turns `lambda-meter` into the function.
pub const VARIABLE: &str = "LAMBDA_METER_EMPTY_FUNCTION";

/// True when this process is started as the function.
#[must_use]
pub fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// The whole program of the function: serves until the Runtime API is gone.
#[must_use]
pub fn main() -> ExitCode {
    if serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Answers `{}` to every event, until the Runtime API is gone.
///
/// # Errors
///
/// When the Runtime API is missing or has gone away.
fn serve() -> io::Result<()> {
    let missing = |_| io::Error::other("AWS_LAMBDA_RUNTIME_API is not set; only lambda-meter starts this");
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(missing)?;
    let stream = TcpStream::connect(address)?;
    // Without TCP_NODELAY the second of two writes waits for a delayed ACK.
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let id = exchange(&mut stream, "GET", "next", "")?;
        exchange(&mut stream, "POST", &format!("{id}/response"), "{}")?;
    }
}

/// Sends a request, reads the response and returns its request id.
fn exchange(stream: &mut BufReader<TcpStream>, method: &str, path: &str, body: &str) -> io::Result<String> {
    let request = format!(
        "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: api\r\nContent-Length: \
         {}\r\n\r\n{body}",
        body.len()
    );
    stream.get_mut().write_all(request.as_bytes())?;
    let (mut id, mut length) = (String::new(), 0);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().map_err(io::Error::other)?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") => {
                value.clone_into(&mut id);
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    Ok(id)
}
