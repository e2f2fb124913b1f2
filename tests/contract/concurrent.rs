//! Managed instances: as many invocations at once as Lambda says, each on a connection of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads until the text contains this.
fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the function hung up after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

#[test]
fn three_invocations_at_once_are_answered_in_any_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let process = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", &address)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
        .env("AWS_LAMBDA_MAX_CONCURRENCY", "3")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _process = Process(process);
    let mut waiting: Vec<TcpStream> = (0..3)
        .map(|_| {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            assert!(
                read_until(&mut stream, "\r\n\r\n").starts_with("GET /2018-06-01/runtime/invocation/next")
            );
            stream
        })
        .collect();
    // All three wait before the first is served, and the last is served first.
    for (index, stream) in waiting.iter_mut().enumerate().rev() {
        let event = format!(r#"{{"digits": {}, "reuse": true}}"#, index + 5);
        let head = format!(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-{index}\r\n\
             Lambda-Runtime-Invocation-Id: inv-{index}\r\nContent-Length: {}\r\n\r\n{event}",
            event.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
    }
    for (index, stream) in waiting.iter_mut().enumerate() {
        let answer = read_until(stream, &format!("\"request_id\":\"id-{index}\"}}"));
        assert!(answer.contains(&format!("/invocation/id-{index}/response")), "{answer}");
        assert!(answer.contains(&format!("Lambda-Runtime-Invocation-Id: inv-{index}\r\n")), "{answer}");
        assert!(answer.contains(&format!("\"digits\":{}", index + 5)), "{answer}");
    }
}
