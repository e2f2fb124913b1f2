//! A function that misbehaves on demand, for the tests of lambda-meter; std only.
//!
//! `FIXTURE_INIT` = exit | signal | error | hang makes the function fail before its first event.
//! `FIXTURE_INTERNAL` is the name of an internal extension that the function registers.
//! An event of an authorizer is answered as its header `authorization` says, see [`authorize`].
//! An event `{"mode": "..."}` selects one of the modes below; any other event is echoed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, process, thread};

const API: &str = "/2018-06-01/runtime";

fn main() {
    println!("fixture: starting");
    let mut api = Api::connect();
    initialise(&mut api);
    if let Ok(name) = env::var("FIXTURE_INTERNAL") {
        internal(&name);
    }
    loop {
        let (id, event) = api.next();
        let text = String::from_utf8_lossy(&event).into_owned();
        if text.contains(r#""type":"REQUEST""#) && !text.contains(r#""authorizer":"#) {
            authorize(&mut api, &id, &text);
            continue;
        }
        let mode = text.strip_prefix(r#"{"mode":""#).and_then(|rest| rest.strip_suffix(r#""}"#));
        // A request of HTTP names the mode in its path.
        let path = text.split(r#""path":"/mode/"#).nth(1).and_then(|rest| rest.split('"').next());
        serve(&mut api, &id, &event, mode.or(path).unwrap_or("echo"));
    }
}

fn initialise(api: &mut Api) {
    match env::var("FIXTURE_INIT").as_deref() {
        Ok("exit") => process::exit(42),
        Ok("signal") => process::abort(),
        Ok("hang") => hang(),
        Ok("memory") => drop(eat_memory()),
        Ok("compute") => compute(300),
        Ok("error") => {
            api.post("/init/error", br#"{"errorType":"Fixture.NoConfig","errorMessage":"no configuration"}"#);
            process::exit(1);
        }
        _ => {}
    }
}

/// Decides as an authorizer does.
fn authorize(api: &mut Api, id: &str, event: &str) {
    println!("fixture: asked");
    let asked = event.split(r#""authorization":""#).nth(1).and_then(|rest| rest.split('"').next());
    let policy = r#"{"principalId":"me","context":{"by":"policy"},"policyDocument":{"Version":"2012-10-17",
        "Statement":[{"Effect":"Allow","Action":"execute-api:Invoke",
            "Resource":"arn:aws:execute-api:*/GET/*"}]}}"#;
    match asked {
        Some("allow") => respond(api, id, br#"{"isAuthorized":true,"context":{"by":"simple"}}"#),
        Some("deny") => respond(api, id, br#"{"isAuthorized":false}"#),
        Some("policy") => respond(api, id, policy.as_bytes()),
        // The whole event as context.
        Some("tell") => {
            let answer = policy.replacen(r#"{"by":"policy"}"#, event, 1);
            respond(api, id, answer.as_bytes());
        }
        Some("fail") => {
            let body = br#"{"errorType":"Fixture.Error","errorMessage":"no table"}"#;
            assert_eq!(api.post(&format!("/invocation/{id}/error"), body).0, 202);
        }
        _ => respond(api, id, b"{}"),
    }
}

/// Registers an internal extension, which prints each of its events from a thread.
fn internal(name: &str) {
    let mut api = Api::connect();
    api.extra = format!("Lambda-Extension-Name: {name}\r\n");
    let (status, body) = api.extension("POST", "/register", br#"{"events":["SHUTDOWN"]}"#);
    let error =
        body.split("errorType\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    println!("internal: SHUTDOWN {status} {error}");
    let (status, body) = api.extension("POST", "/register", br#"{"events":["INVOKE"]}"#);
    assert_eq!(status, 200, "{body}");
    let id = api.header("lambda-extension-identifier");
    api.extra = format!("Lambda-Extension-Identifier: {id}\r\n");
    thread::spawn(move || {
        loop {
            let (status, body) = api.extension("GET", "/event/next", b"");
            println!("internal: {} {status}", if body.contains("INVOKE") { "INVOKE" } else { "other" });
        }
    });
}

fn serve(api: &mut Api, id: &str, event: &[u8], mode: &str) {
    match mode {
        // A reply of both payload formats, with the event as its body.
        "reply" => {
            let text = String::from_utf8_lossy(event).replace('\\', r"\\").replace('"', r#"\""#);
            let head = r#"{"statusCode":201,
                "headers":{"X-A":"1","Access-Control-Allow-Origin":"https://own.example"},
                "multiValueHeaders":{"x-a":["1"],"x-b":["2","3"]},"cookies":["c=d"],"body":""#;
            respond(api, id, format!("{head}{text}\"}}").as_bytes());
        }
        "error" => {
            let body = br#"{"errorType":"Fixture.Error","errorMessage":"as you wish"}"#;
            assert_eq!(api.post(&format!("/invocation/{id}/error"), body).0, 202);
        }
        "exit" => process::exit(7),
        "exit-0" => process::exit(0),
        "abort" => process::abort(),
        "panic" => panic!("as you wish"),
        "hang" => hang(),
        "respond-and-exit" => {
            respond(api, id, b"\"last words\"");
            process::exit(0);
        }
        "log" => {
            println!("to stdout");
            eprintln!("to stderr");
            print!("without a newline");
            std::io::stdout().flush().unwrap();
            respond(api, id, b"\"logged\"");
        }
        "json" => {
            println!(r#"{{"level":"INFO","message":"hello"}}"#);
            respond(api, id, b"\"logged\"");
        }
        "flood" => {
            let line = "x".repeat(99);
            (0..20_000).for_each(|_| println!("{line}"));
            respond(api, id, b"\"flooded\"");
        }
        "environment" => {
            let lines: Vec<String> = env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
            respond(api, id, lines.concat().as_bytes());
        }
        "largest" => respond(api, id, &vec![b'x'; 6 * 1024 * 1024 + 100]),
        "too-large" => {
            let (status, body) = api.post(&format!("/invocation/{id}/response"), &vec![b'x'; 7_340_060]);
            assert_eq!(status, 413, "{body}");
        }
        "bad-request-id" => {
            let (status, body) = api.post("/invocation/not-the-id/response", b"{}");
            respond(api, id, format!("{status} {body}").as_bytes());
        }
        "next-without-answer" => {
            let (status, body) = api.get("/invocation/next");
            respond(api, id, format!("{status} {body}").as_bytes());
        }
        "stream" => stream(api, id, Stream { chunks: 3, ..Stream::default() }),
        "stream-http" => {
            let prelude = r#"{"statusCode":201,"headers":{"x-a":"b"},"cookies":["c=d"]}"#;
            let kind = "application/vnd.awslambda.http-integration-response";
            stream(api, id, Stream { chunks: 2, kind, prelude: Some(prelude), ..Stream::default() });
        }
        "stream-gate" => stream(api, id, Stream { chunks: 2, gate: true, ..Stream::default() }),
        "stream-error" => {
            let error = "Lambda-Runtime-Function-Error-Type: Fixture.Late\r\n\
                 Lambda-Runtime-Function-Error-Body: \
                 eyJlcnJvclR5cGUiOiJGaXh0dXJlLkxhdGUiLCJlcnJvck1lc3NhZ2UiOiJvaCJ9\r\n";
            stream(api, id, Stream { chunks: 2, trailers: error, ..Stream::default() });
        }
        "stream-exit" => {
            stream(api, id, Stream { chunks: 2, end: false, ..Stream::default() });
            process::exit(9);
        }
        "stream-break" => {
            stream(api, id, Stream { chunks: 2, end: false, ..Stream::default() });
            *api = Api::connect();
        }
        "stream-7-mb" => stream(api, id, Stream { chunks: 112, size: 65_536, ..Stream::default() }),
        "memory" => {
            let eaten = eat_memory().len();
            respond(api, id, eaten.to_string().as_bytes());
        }
        "compute" => {
            compute(500);
            respond(api, id, b"\"computed\"");
        }
        "slow" => {
            thread::sleep(Duration::from_millis(700));
            respond(api, id, b"\"slept\"");
        }
        "count" => {
            // A background thread that counts without a pause; the answer is its count.
            static COUNT: AtomicU64 = AtomicU64::new(0);
            static COUNTER: Once = Once::new();
            COUNTER.call_once(|| {
                thread::spawn(|| {
                    loop {
                        COUNT.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(Duration::from_millis(1));
                    }
                });
            });
            respond(api, id, COUNT.load(Ordering::Relaxed).to_string().as_bytes());
        }
        "answer-and-stay" => {
            respond(api, id, b"\"answered\"");
            hang();
        }
        "leave-the-group" => {
            // `setsid` makes a new process group, which kill(-group) does not reach.
            #[expect(clippy::zombie_processes, reason = "it is killed from outside, that is the test")]
            let child = Command::new("setsid").args(["sleep", "600"]).stdin(Stdio::null()).spawn().unwrap();
            respond(api, id, child.id().to_string().as_bytes());
        }
        "group" => respond(api, id, &std::fs::read("/proc/self/cgroup").unwrap()),
        "headers" => {
            let headers = api.headers.join("\n");
            respond(api, id, headers.as_bytes());
        }
        _ => respond(api, id, event),
    }
}

/// Writes to more memory than any function may have, so that the kernel commits it.
fn eat_memory() -> Vec<Vec<u8>> {
    (0..20_000).map(|_| vec![1; 1024 * 1024]).collect()
}

fn compute(milliseconds: u64) {
    let end = Instant::now() + Duration::from_millis(milliseconds);
    while Instant::now() < end {}
}

/// Starts a child process, which has to die too, and prints both process ids.
fn hang() -> ! {
    #[expect(clippy::zombie_processes, reason = "it is killed from outside, that is the test")]
    let child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    println!("hanging: {} {}", process::id(), child.id());
    loop {
        thread::park();
    }
}

/// A streamed response of numbered chunks.
#[derive(Clone, Copy)]
struct Stream {
    chunks: usize,
    size: usize,
    trailers: &'static str,
    end: bool,
    kind: &'static str,
    prelude: Option<&'static str>,
    /// Waits before the second chunk until the file `FIXTURE_GATE` exists.
    gate: bool,
}

impl Default for Stream {
    fn default() -> Self {
        let kind = "text/plain";
        Self { chunks: 0, size: 8, trailers: "", end: true, kind, prelude: None, gate: false }
    }
}

fn stream(api: &mut Api, id: &str, stream: Stream) {
    let head = format!(
        "POST {API}/invocation/{id}/response HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\
         Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: {}\r\n\
         Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n",
        stream.kind
    );
    let connection = api.stream.get_mut();
    connection.write_all(head.as_bytes()).unwrap();
    if let Some(prelude) = stream.prelude {
        // Separate writes, as `lambda_runtime` makes them.
        write!(connection, "{:x}\r\n{prelude}\r\n", prelude.len()).unwrap();
        write!(connection, "8\r\n{}\r\n", "\0".repeat(8)).unwrap();
    }
    for chunk in 0..stream.chunks {
        while stream.gate && chunk == 1 && !std::path::Path::new(&env::var("FIXTURE_GATE").unwrap()).exists()
        {
            thread::sleep(Duration::from_millis(5));
        }
        let text = format!("{chunk:07}\n").repeat(stream.size / 8);
        write!(connection, "{:x}\r\n{text}\r\n", text.len()).unwrap();
        // The pause keeps the chunks in separate segments.
        thread::sleep(Duration::from_millis(2));
    }
    if stream.end {
        write!(connection, "0\r\n{}\r\n", stream.trailers).unwrap();
        let (status, body) = api.receive_text();
        assert_eq!(status, 202, "{body}");
    }
}

fn respond(api: &mut Api, id: &str, body: &[u8]) {
    let (status, body) = api.post(&format!("/invocation/{id}/response"), body);
    assert_eq!(status, 202, "{body}");
}

/// A client of the Runtime API over one connection.
struct Api {
    stream: BufReader<TcpStream>,
    headers: Vec<String>,
    /// Lines of headers for every request.
    extra: String,
}

impl Api {
    fn connect() -> Self {
        let stream = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API").unwrap()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), headers: Vec::new(), extra: String::new() }
    }

    fn next(&mut self) -> (String, Vec<u8>) {
        let (status, body) = loop {
            self.send("GET", "/invocation/next", b"");
            let (status, body) = self.receive();
            if status != 403 {
                break (status, body);
            }
            // The client does not see the end of a broken stream at once.
            thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status, 200);
        (self.header("lambda-runtime-aws-request-id"), body)
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        self.send("GET", path, b"");
        self.receive_text()
    }

    fn post(&mut self, path: &str, body: &[u8]) -> (u16, String) {
        self.send("POST", path, body);
        self.receive_text()
    }

    /// A call of the Extensions API.
    fn extension(&mut self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        self.send_to(method, &format!("/2020-01-01/extension{path}"), body);
        self.receive_text()
    }

    fn send(&mut self, method: &str, path: &str, body: &[u8]) {
        self.send_to(method, &format!("{API}{path}"), body);
    }

    fn send_to(&mut self, method: &str, path: &str, body: &[u8]) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: api\r\n{}Content-Length: {}\r\n\r\n",
            self.extra,
            body.len()
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat()).unwrap();
    }

    fn receive_text(&mut self) -> (u16, String) {
        let (status, body) = self.receive();
        (status, String::from_utf8(body).unwrap())
    }

    fn receive(&mut self) -> (u16, Vec<u8>) {
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        self.headers = std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty())).collect();
        let mut body = vec![0; self.header("content-length").parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        (status, body)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.stream.read_line(&mut line).unwrap() > 0, "the connection was closed");
        line.trim_end().to_owned()
    }

    fn header(&self, name: &str) -> String {
        let value = |line: &String| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        };
        self.headers.iter().find_map(value).unwrap_or_default()
    }
}
