//! `lambda-meter hex` against a stub of the function: plan, budget, parts that are kept, refusals.
//!
//! The real function, faults, an interrupt and the state machine are those of `ci/hex.sh`.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A function with two sums of three parts, and the requests that it got.
struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<Value>>>,
    folder: TempDir,
}

impl Stub {
    /// A function that refuses part `refused` of the second sum.
    fn start(refused: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&stream.unwrap(), &seen, refused);
            }
        });
        Self { url, requests, folder: tempfile::tempdir().unwrap() }
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        command.current_dir(self.folder.path()).args(["hex", "1e6", "--endpoint", &self.url]);
        command.args(["--architecture", "x86_64"]).args(args).output().unwrap()
    }

    /// The number of requests of an operation.
    fn count(&self, op: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request["op"] == op).count()
    }

    fn kept(&self) -> usize {
        fs::read_to_string(self.folder.path().join("hex-1e6.jsonl")).map_or(0, |text| text.lines().count())
    }
}

fn serve(stream: &TcpStream, seen: &Mutex<Vec<Value>>, refused: Option<u64>) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let (answer, header) = match answer(&request, refused) {
        Some(answer) => (answer, ""),
        None => (
            json!({"errorType": "InvalidParts", "errorMessage": "no such part"}),
            "x-amz-function-error: Unhandled\r\n",
        ),
    };
    seen.lock().unwrap().push(request);
    let (body, mut stream) = (answer.to_string(), stream);
    let head = format!("HTTP/1.1 200 OK\r\n{header}content-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
}

fn answer(request: &Value, refused: Option<u64>) -> Option<Value> {
    let job = &request["job"];
    Some(match request["op"].as_str().unwrap() {
        "hex-plan" => {
            let parts = request["parts"].as_u64().unwrap_or(3);
            let job = format!("{}-4-{parts}", request["formula"].as_str().unwrap());
            let batches = vec![json!({"from": 0, "to": parts - 1})];
            json!({"job": job, "parts": parts, "seconds": 300.0, "gb_seconds": 600.0, "batches": batches})
        }
        "hex-part" if job.as_str()?.starts_with("bbp") && request["part"].as_u64() == refused => return None,
        "hex-part" => json!({"job": job, "part": request["part"], "sum": "0f", "mb_ms": 102_400_000}),
        "hex-sum" => json!({"job": job, "sum": "2d", "error": 9, "digits": "26C6", "position": 1_000_000}),
        _ => json!({
            "position": 1_000_000, "digits": "26C65E52", "agreed": 8, "sums": request["sums"], "parts": 6,
            "seconds": 600.0, "gb_seconds": 600.0, "usd": 0.01,
        }),
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_dry_run_tells_cost_and_time_and_computes_nothing() {
    let stub = Stub::start(None);
    let output = stub.run(&["--dry-run", "--concurrency", "2"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    // 1,200 GB-seconds at 16.67 USD a million; two rounds of 100 s for each sum.
    assert!(said.contains("expected: 0.0200 USD and about 7 min with 2 at a time"), "{said}");
    assert_eq!((stub.count("hex-plan"), stub.requests.lock().unwrap().len(), stub.kept()), (2, 2, 0));
}

#[test]
fn a_plan_above_the_budget_is_refused_before_its_first_part() {
    let stub = Stub::start(None);
    let output = stub.run(&["--max-usd", "0.019"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("0.0200 USD, and --max-usd 0.019 is the limit") && said.contains("hint:"),
        "{said}"
    );
    assert_eq!((stub.count("hex-part"), stub.kept()), (0, 0));
}

#[test]
fn digits_come_with_their_proof_and_parts_are_computed_once() {
    let stub = Stub::start(None);
    let output = stub.run(&["--parts", "4"]);
    let (stdout, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(stdout.starts_with("26C65E52\n") && stdout.contains("bbp-4-4: 2d +- 9"), "{stdout}");
    assert!(stdout.contains("6 parts, 600.0 s, 600.0 GB-seconds: 0.0100 USD"), "{stdout}");
    assert_eq!((stub.count("hex-part"), stub.kept()), (8, 8));
    // The file's number of parts counts, not that of a new measurement.
    let again = stub.run(&["--json"]);
    let proof: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(proof["sums"][0]["job"], "bellard-4-4");
    assert_eq!(stub.count("hex-part"), 8, "{}", text(&again.stderr));
}

#[test]
fn a_part_that_fails_for_good_leaves_the_others_in_the_file() {
    let stub = Stub::start(Some(2));
    let output = stub.run(&["--concurrency", "1"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the function refused hex-part: InvalidParts: no such part"), "{said}");
    assert!(said.contains("5 of 6 parts are kept in hex-1e6.jsonl"), "{said}");
    assert_eq!(stub.kept(), 5);
}

#[test]
fn an_endpoint_excludes_a_function_and_a_state_machine() {
    let stub = Stub::start(None);
    for args in [["--function", "pi"], ["--state-machine", "arn:aws:states:x:1:stateMachine:pi-hex"]] {
        let output = stub.run(&args);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
    assert!(stub.requests.lock().unwrap().is_empty());
}
