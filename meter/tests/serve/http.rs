//! Function URLs and HTTP APIs of `--http`.

use super::server::{INVOKE, Server};
use std::io::Read;
use std::time::Duration;

#[test]
fn any_path_is_an_event_over_http() {
    let server = Server::start(&["--http", "api"]);
    let (status, head, body) = server.call("GET /pi/20?x=1", b"");
    assert_eq!(status, 200, "{head}");
    // The fixture echoes its event.
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (event["rawPath"].as_str(), event["queryStringParameters"]["x"].as_str()),
        (Some("/pi/20"), Some("1"))
    );
    assert_eq!(server.call(INVOKE, b"{}").0, 200, "the Invoke API is served beside it");
}

#[test]
fn a_function_url_streams_with_the_status_and_headers_of_the_prelude() {
    let server = Server::start(&["--http"]);
    let (status, head, body) = server.call("GET /mode/stream-http", b"");
    assert_eq!((status, body.as_slice()), (201, &b"0000000\n0000001\n"[..]));
    assert!(head.contains("\r\nx-a: b") && head.contains("\r\nset-cookie: c=d"), "{head}");
    let (status, head, body) = server.call("GET /mode/stream", b"");
    assert_eq!((status, body.len()), (200, 24));
    assert!(head.contains("\r\ncontent-type: text/plain"), "{head}");
}

#[test]
fn the_first_piece_arrives_before_the_last_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let server = Server::start(&["--http", "--env", &format!("FIXTURE_GATE={}", gate.display())]);
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let request = "GET /mode/stream-gate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    // The function waits for the file: a reply that is buffered would never come.
    while !String::from_utf8_lossy(&answer).contains("0000000\n") {
        let size = stream.read(&mut buffer).expect("the first piece comes");
        answer.extend_from_slice(&buffer[..size]);
    }
    std::fs::write(&gate, "").unwrap();
    stream.read_to_end(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("0000001\n"));
}

#[test]
fn a_stream_that_fails_breaks_the_connection_off() {
    let server = Server::start(&["--http"]);
    for mode in ["stream-error", "stream-exit"] {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        let request = format!("GET /mode/{mode} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("0000001\n"), "{answer}");
        assert!(!answer.ends_with("0\r\n\r\n"), "the body is not complete: {answer}");
    }
}
