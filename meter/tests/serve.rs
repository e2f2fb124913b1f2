//! `lambda-meter serve` over plain HTTP; clients.sh uses the real clients.

mod common;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::{assert_gone, event, fixture, hanging, http};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const INVOKE: &str = "POST /2015-03-31/functions/fixture/invocations";
const STREAM: &str = "POST /2021-11-15/functions/fixture/response-streaming-invocations";

/// The server as a process, and its log.
struct Server {
    process: Child,
    address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        command.arg("serve").arg("--binary").arg(fixture()).args(["--port", "0"]).args(args);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).unwrap();
        let address = first.trim().rsplit_once("http://").expect(&first).1.parse().unwrap();
        let log = Arc::new(Mutex::new(first));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|size| size > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Self { process, address, log }
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn wait_for(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.log().contains(text) {
            assert!(Instant::now() < end, "{text} in {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn call(&self, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        http(self.address, head, body)
    }

    fn invoke(&self, mode: &str) -> (u16, String, String) {
        let (status, head, body) = self.call(INVOKE, event(mode).as_bytes());
        (status, head, String::from_utf8(body).unwrap())
    }

    /// An invocation without an event: the whole answer, and the end of the log in it.
    fn tail(&self) -> (String, String) {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        let request = format!(
            "{INVOKE} HTTP/1.1\r\nHost: api\r\nConnection: close\r\nX-Amz-Log-Type: Tail\r\nContent-Length: \
             0\r\n\r\n"
        );
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let log = answer.lines().find_map(|line| line.strip_prefix("x-amz-log-result: ")).unwrap();
        let log = String::from_utf8(BASE64_STANDARD.decode(log).unwrap()).unwrap();
        (answer, log)
    }

    fn interrupt(&mut self) -> Option<i32> {
        let process = Pid::from_raw(self.process.id().cast_signed()).unwrap();
        kill_process(process, Signal::INT).unwrap();
        self.process.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.interrupt();
        }
    }
}

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
    let server = Server::start(&["--timeout", "1"]);
    for (mode, words) in [
        ("error", r#"{"errorType":"Fixture.Error","errorMessage":"as you wish"}"#),
        ("exit", "Runtime exited with error: exit status 7"),
        ("hang", "Task timed out after 1.00 seconds"),
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
fn an_event_may_wait_and_a_dry_run_runs_nothing() {
    let server = Server::start(&["--concurrency", "1"]);
    let (status, ..) = server.call(&format!("{INVOKE}\r\nX-Amz-Invocation-Type: DryRun\r\n"), b"{}");
    assert_eq!((status, server.log().contains("START")), (204, false));
    for _ in 0..3 {
        let (status, ..) =
            server.call(&format!("{INVOKE}\r\nX-Amz-Invocation-Type: Event\r\n"), event("slow").as_bytes());
        assert_eq!(status, 202, "even while another one runs");
    }
    let end = Instant::now() + Duration::from_secs(30);
    while server.log().matches("REPORT").count() < 3 {
        assert!(Instant::now() < end, "{}", server.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn as_many_at_once_as_there_are_sandboxes_and_429_beyond() {
    let server = Server::start(&["--concurrency", "2"]);
    let slow = || {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| server.invoke("slow"))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>()
        })
    };
    let answers = slow();
    let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.0 == 200);
    assert_eq!((good.len(), refused.len()), (2, 2), "{answers:?}");
    for (status, head, body) in refused {
        assert!(*status == 429 && head.contains("x-amzn-errortype: toomanyrequestsexception"), "{head}");
        assert!(body.contains("ReservedFunctionConcurrentInvocationLimitExceeded"), "{body}");
    }
    for _ in 0..5 {
        assert_eq!(server.invoke("echo").0, 200, "one after the other never meets a busy one");
    }
    assert_eq!(server.log().matches("fixture: starting").count(), 2, "sandboxes are used again");
}

/// The messages of an event stream: type and payload.
fn messages(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (total, headers) = (number(bytes), number(&bytes[4..]));
        let text = String::from_utf8_lossy(&bytes[12..12 + headers]).into_owned();
        let kind = ["PayloadChunk", "InvokeComplete"].into_iter().find(|kind| text.contains(kind)).unwrap();
        messages.push((kind.to_owned(), bytes[12 + headers..total - 4].to_vec()));
        bytes = &bytes[total..];
    }
    messages
}

#[test]
fn a_stream_arrives_in_messages() {
    let server = Server::start(&[]);
    let stream = |mode: &str| {
        let (status, head, body) = server.call(STREAM, event(mode).as_bytes());
        assert!(status == 200 && head.contains("content-type: application/vnd.amazon.eventstream"), "{head}");
        let text = |(kind, payload)| format!("{kind} {}", String::from_utf8(payload).unwrap().trim_end());
        messages(&body).into_iter().map(text).collect::<Vec<_>>()
    };
    let pieces =
        ["PayloadChunk 0000000", "PayloadChunk 0000001", "PayloadChunk 0000002", "InvokeComplete {}"];
    assert_eq!(stream("stream"), pieces);
    assert_eq!(stream("echo"), ["PayloadChunk {\"mode\":\"echo\"}", "InvokeComplete {}"]);
    let failed = stream("stream-error");
    assert_eq!(failed.len(), 3);
    assert!(failed[2].contains(r#""ErrorCode":"Fixture.Late","ErrorDetails":"{\"errorType\""#), "{failed:?}");
    let broken = stream("stream-exit");
    assert!(broken[2].contains(r#""ErrorCode":"Runtime.ExitError""#), "{broken:?}");
}

#[test]
fn an_interrupt_ends_it_with_0_and_kills_what_runs() {
    let mut server = Server::start(&[]);
    let address = server.address;
    let caller = std::thread::spawn(move || {
        std::panic::catch_unwind(|| http(address, INVOKE, event("hang").as_bytes()))
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

#[test]
fn an_asynchronous_event_that_fails_is_tried_twice_more_with_its_request_id() {
    let server = Server::start(&["--async-wait", "0", "--concurrency", "1"]);
    let head = format!("{INVOKE}\r\nX-Amz-Invocation-Type: Event\r\n");
    assert_eq!(server.call(&head, event("error").as_bytes()).0, 202);
    server.wait_for("was dropped after 3 attempts");
    let log = server.log();
    let ids: Vec<&str> =
        log.lines().filter_map(|line| line.strip_prefix("START RequestId: ")?.split(' ').next()).collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{log}");
    let once = Server::start(&["--async-wait", "0", "--async-retries", "0"]);
    assert_eq!(once.call(&head, event("error").as_bytes()).0, 202);
    once.wait_for("was dropped after 1 attempt");
}

#[test]
fn a_refused_call_says_when_to_try_again() {
    let server = Server::start(&["--concurrency", "1", "--timeout", "3"]);
    let address = server.address;
    let busy = std::thread::spawn(move || http(address, INVOKE, event("hang").as_bytes()).0);
    server.wait_for("hanging: ");
    let (status, head, _) = server.invoke("echo");
    assert_eq!(status, 429);
    assert!(head.contains("\r\nretry-after: 1"), "{head}");
    assert_eq!(busy.join().unwrap(), 200);
}
