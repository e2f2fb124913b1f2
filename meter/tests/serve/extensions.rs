//! Extensions of a served function.

use super::common::event;
use super::server::Server;

fn with_extension(mode: &str, log: &std::path::Path) -> Server {
    let plain = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/plain.py");
    let (log, mode) = (format!("EXTENSION_LOG={}", log.display()), format!("EXTENSION_MODE={mode}"));
    let variables = ["--env", log.as_str(), "--env", mode.as_str()];
    let others = ["--extension", plain, "--limits", "off", "--timeout", "2", "--concurrency", "1"];
    Server::start(&[&variables[..], &others[..]].concat())
}

#[test]
fn an_extension_does_not_delay_the_answer() {
    let seen = tempfile::NamedTempFile::new().unwrap();
    let server = with_extension("no-return", seen.path());
    let (status, head, body) = server.invoke("echo");
    assert_eq!((status, body), (200, event("echo")));
    assert!(!head.contains("x-amz-function-error"), "{head}");
    server.wait_for("Status: timeout");
}

#[test]
fn the_tail_waits_for_report_and_the_server_ends_with_the_shutdown_phase() {
    let seen = tempfile::NamedTempFile::new().unwrap();
    let mut server = with_extension("", seen.path());
    let (_, log) = server.tail();
    assert!(log.contains("\nREPORT RequestId: "), "{log}");
    assert_eq!(server.interrupt(), Some(0));
    let seen = std::fs::read_to_string(seen.path()).unwrap();
    assert!(seen.contains("\"shutdownReason\": \"spindown\""), "{seen}");
    assert!(seen.lines().last().unwrap().contains("\"exit\""), "{seen}");
}
