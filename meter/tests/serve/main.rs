//! `lambda-meter serve` over plain HTTP; clients.sh uses the real clients.

mod application;
mod asynchronous;
#[path = "../common/mod.rs"]
mod common;
mod concurrency;
mod extensions;
mod gateway;
mod http;
mod server;
mod streams;

use common::{assert_gone, event, fixture, hanging, http as request};
use server::{INVOKE, Server};
use std::process::Command;

const STREAM: &str = "POST /2021-11-15/functions/fixture/response-streaming-invocations";

#[test]
fn an_invocation_has_lambdas_headers_and_the_log_when_asked_for() {
    let server = Server::start(&[]);
    let (status, head, body) = server.invoke("echo");
    assert_eq!((status, body.as_str()), (200, r#"{"mode":"echo"}"#));
    assert!(head.contains("\r\nx-amz-executed-version: $latest"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/json"));
    assert!(!head.contains("x-amz-function-error") && !head.contains("x-amz-log-result"));
    let id = head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).unwrap();
    server.wait_for(&format!("REPORT RequestId: {id}\t"));
    let (answer, log) = server.tail();
    assert!(answer.ends_with("\r\n\r\n{}"), "no event is an empty one: {answer}");
    assert!(log.starts_with("START RequestId: ") && log.contains("\nREPORT RequestId: "), "{log}");
}

#[test]
fn failures_of_the_function_are_200_with_a_header() {
    // Six megabytes take a second where all tests run at once.
    let server = Server::start(&["--timeout", "5"]);
    for (mode, words) in [
        ("error", r#"{"errorType":"Fixture.Error","errorMessage":"as you wish"}"#),
        ("exit", "Runtime exited with error: exit status 7"),
        ("hang", "Task timed out after 5.00 seconds"),
        ("too-large", "Function.ResponseSizeTooLarge"),
        ("stream-error", "Fixture.Late"),
    ] {
        let (status, head, body) = server.invoke(mode);
        assert!(status == 200 && head.contains("\r\nx-amz-function-error: unhandled"), "{mode}: {head}");
        assert!(body.contains(words), "{mode}: {body}");
    }
    assert_gone(&hanging(&server.log()));
    assert_eq!(server.invoke("echo").0, 200, "each has found a sandbox");
}

#[test]
fn a_failed_start_is_told_to_the_caller_and_explained_in_the_log() {
    let server = Server::start(&["--env", "FIXTURE_INIT=exit"]);
    let (status, head, body) = server.invoke("echo");
    assert!(status == 200 && head.contains("x-amz-function-error: unhandled"));
    assert!(body.contains(r#""errorType":"Runtime.ExitError""#) && body.contains("exit status 42"), "{body}");
    server.wait_for("hint: its output is above");
    assert!(server.log().contains("INIT_REPORT Init Duration: "));
}

#[test]
fn what_the_api_refuses() {
    let server = Server::start(&[]);
    let large = [b"\"".as_slice(), &vec![b'x'; 6 * 1024 * 1024], b"\""].concat();
    let asynchronous = [b"\"".as_slice(), &vec![b'x'; 1024 * 1024], b"\""].concat();
    let other = "POST /2015-03-31/functions/other/invocations";
    let event_type = format!("{INVOKE}\r\nX-Amz-Invocation-Type: Event\r\n");
    let unknown_type = format!("{INVOKE}\r\nX-Amz-Invocation-Type: Later\r\n");
    let cases: [(&str, &[u8], u16, &str, &str); 8] = [
        (
            "GET /",
            b"",
            404,
            "unknownoperationexception",
            "POST an event to /2015-03-31/functions/fixture/inv",
        ),
        (
            "GET /2015-03-31/functions/fixture/invocations",
            b"",
            405,
            "unknownoperationexception",
            "POST an event",
        ),
        (
            other,
            b"{}",
            404,
            "resourcenotfoundexception",
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:other",
        ),
        (INVOKE, b"{", 400, "invalidrequestcontentexception", "Could not parse request body into json"),
        (INVOKE, &large, 413, "requesttoolargeexception", "smaller than 6291456 bytes"),
        (&event_type, &asynchronous, 413, "requesttoolargeexception", "smaller than 1048576 bytes"),
        (&unknown_type, b"{}", 400, "invalidparametervalueexception", "RequestResponse, Event or DryRun"),
        (STREAM, b"{", 400, "invalidrequestcontentexception", "Could not parse request body into json"),
    ];
    for (head, body, expected, error_type, words) in cases {
        let (status, head, body) = server.call(head, body);
        let body = String::from_utf8(body).unwrap();
        assert_eq!(status, expected, "{body}");
        assert!(head.contains(&format!("\r\nx-amzn-errortype: {error_type}")), "{head}");
        assert!(body.contains(words) && body.contains(r#""Type":"User""#), "{body}");
    }
}

#[test]
fn an_interrupt_ends_it_with_0_and_kills_what_runs() {
    let mut server = Server::start(&[]);
    let address = server.address;
    let caller = std::thread::spawn(move || {
        std::panic::catch_unwind(|| request(address, INVOKE, event("hang").as_bytes()))
    });
    server.wait_for("hanging: ");
    let running = hanging(&server.log());
    assert_eq!(server.interrupt(), Some(0));
    assert_gone(&running);
    assert!(caller.join().unwrap().is_err(), "the caller loses the connection");
}

#[test]
fn a_port_that_is_taken_and_a_missing_binary_are_said() {
    let server = Server::start(&[]);
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        let output = command.arg("serve").args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (path, port) = (fixture(), server.address.port().to_string());
    let (code, text) = run(&["--binary", path.to_str().unwrap(), "--port", &port]);
    assert!(code == 3 && text.contains("hint: --port chooses another port"), "{text}");
    let (code, text) = run(&["--binary", "/no/such/bootstrap"]);
    assert!(code == 3 && text.contains("cannot start /no/such/bootstrap"), "{text}");
}

#[test]
fn functions_of_a_file_are_served_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("functions.toml");
    let target = format!("[[target]]\nname = \"second\"\nmemory = [256]\nbinary = {:?}\n", fixture());
    std::fs::write(&file, target).unwrap();
    let server = Server::start(&["--functions", file.to_str().unwrap()]);
    let call = |name: &str| server.call(&format!("POST /2015-03-31/functions/{name}/invocations"), b"{}");
    assert_eq!((call("fixture").0, call("second").0), (200, 200));
    let (status, _, body) = call("third");
    assert_eq!(status, 404);
    assert!(String::from_utf8_lossy(&body).contains("fixture, second"), "{body:?}");
    assert!(server.log().contains("second (256 MB"), "{}", server.log());
}
