//! A stub of Lambda: one function, whose sandbox is lost when its configuration changes. Its
//! figures are exact, and it can refuse calls.

#![allow(dead_code, reason = "each test file uses a part of it")]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The function's state and its calls.
pub(crate) struct State {
    pub(crate) memory: u64,
    pub(crate) environment: Value,
    pub(crate) revision: u32,
    /// Remaining reads that report an update in progress.
    pub(crate) pending: u32,
    pub(crate) warm: bool,
    /// Operations in their order: `get`, `update`, `invoke`.
    pub(crate) calls: Vec<&'static str>,
    /// The operation to refuse, and the position in `calls` from which on.
    pub(crate) refusal: Option<Refusal>,
    /// Time of an invocation on the wire.
    pub(crate) delay: Duration,
    /// Payload of invocations; `None` for digits.
    pub(crate) function_error: Option<&'static str>,
    /// True when the log ends with a report.
    pub(crate) reports: bool,
    /// The access key id of signed requests.
    pub(crate) authorization: String,
}

pub(crate) struct Refusal {
    pub(crate) operation: &'static str,
    /// Calls of the operation that succeed first.
    pub(crate) after: usize,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

/// A server that lives as long as the test's process.
pub(crate) struct Stub {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Stub {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            memory: 512,
            environment: json!({"Variables": {"SECRET": "s3cret"}}),
            revision: 1,
            pending: 0,
            warm: false,
            calls: Vec::new(),
            refusal: None,
            delay: Duration::ZERO,
            function_error: None,
            reports: true,
            authorization: String::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || while_open(&stream.unwrap(), &state));
            }
        });
        Self { url, state }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.state.lock().unwrap().calls.iter().filter(|call| **call == operation).count()
    }

    /// Memory and variables.
    pub(crate) fn settings(&self) -> (u64, Value) {
        let state = self.state.lock().unwrap();
        (state.memory, state.environment["Variables"].clone())
    }
}

fn while_open(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = request(&mut reader) {
        let response = answer(&head, &body, state);
        if reader.get_mut().write_all(response.as_bytes()).is_err() {
            break;
        }
    }
}

fn request(reader: &mut BufReader<&TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn answer(head: &str, body: &[u8], state: &Mutex<State>) -> String {
    let operation = match (head.split(' ').next().unwrap(), head.split(' ').nth(1).unwrap()) {
        ("GET", path) if path.contains("/functions/pi/configuration") => "get",
        ("PUT", path) if path.contains("/functions/pi/configuration") => "update",
        ("POST", path) if path.contains("/functions/pi/invocations") => "invoke",
        (_, path) => {
            let message =
                format!("Function not found: arn:aws:lambda:eu-west-1:123456789012:function:{path}");
            return refuse(404, "ResourceNotFoundException", &message);
        }
    };
    let mut state = state.lock().unwrap();
    let authorization = head.lines().find(|line| line.to_lowercase().starts_with("authorization: "));
    state.authorization = authorization.unwrap_or_default().to_owned();
    let earlier = state.calls.iter().filter(|call| **call == operation).count();
    state.calls.push(operation);
    if let Some(refusal) =
        state.refusal.as_ref().filter(|it| it.operation == operation && earlier >= it.after)
    {
        return refuse(refusal.status, refusal.code, refusal.message);
    }
    match operation {
        "get" => {
            let status = if state.pending > 0 { "InProgress" } else { "Successful" };
            state.pending = state.pending.saturating_sub(1);
            respond(200, "", &configuration(&state, status))
        }
        "update" => update(&mut state, body),
        _ => {
            let delay = state.delay;
            let response = invoke(&mut state);
            drop(state);
            std::thread::sleep(delay);
            response
        }
    }
}

fn configuration(state: &State, status: &str) -> String {
    json!({
        "FunctionName": "pi", "MemorySize": state.memory, "Timeout": 30, "Environment": state.environment,
        "RevisionId": state.revision.to_string(), "LastUpdateStatus": status, "State": "Active",
        "Architectures": ["arm64"], "PackageType": "Zip", "CodeSize": 800_694,
        "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    })
    .to_string()
}

fn update(state: &mut State, body: &[u8]) -> String {
    let wanted: Value = serde_json::from_slice(body).unwrap();
    if wanted["RevisionId"].as_str() != Some(&state.revision.to_string()) {
        return refuse(412, "PreconditionFailedException", "The Revision Id provided does not match");
    }
    state.memory = wanted["MemorySize"].as_u64().unwrap();
    if wanted.get("Environment").is_some() {
        state.environment = wanted["Environment"].clone();
    }
    state.revision += 1;
    (state.warm, state.pending) = (false, 1);
    respond(200, "", &configuration(state, "InProgress"))
}

/// 128 seconds divided by the memory in MB, and 20 ms of init when it is cold.
fn invoke(state: &mut State) -> String {
    let duration = 128_000.0 / state.memory as f64;
    let init = if state.warm { "" } else { "Init Duration: 20.00 ms\t" };
    let billed = duration + if state.warm { 0.0 } else { 20.0 };
    state.warm = true;
    let log = if state.reports {
        format!(
            "START RequestId: r\nEND RequestId: r\nREPORT RequestId: r\tDuration: {duration:.2} \
             ms\tBilled Duration: \
             {billed:.0} ms\tMemory Size: {} MB\tMax Memory Used: 14 MB\t{init}\n",
            state.memory
        )
    } else {
        "START RequestId: r\nEND RequestId: r\n".to_owned()
    };
    let log = format!("X-Amz-Log-Result: {}\r\n", BASE64_STANDARD.encode(log));
    match state.function_error {
        Some(payload) => respond(200, &format!("{log}X-Amz-Function-Error: Unhandled\r\n"), payload),
        None => respond(200, &log, r#"{"pi":"3.14"}"#),
    }
}

fn refuse(status: u16, code: &str, message: &str) -> String {
    respond(status, &format!("X-Amzn-ErrorType: {code}\r\n"), &json!({"message": message}).to_string())
}

fn respond(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}
