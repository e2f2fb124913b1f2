//! The server under test, as a process.

use super::common::{event, fixture, http};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// An invocation of the fixture.
pub(crate) const INVOKE: &str = "POST /2015-03-31/functions/fixture/invocations";

/// The server as a process, and its log.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<Mutex<String>>,
}

impl Server {
    /// The fixture, with further options.
    pub(crate) fn start(args: &[&str]) -> Self {
        let fixture = fixture();
        Self::run(&[&["--binary", fixture.to_str().unwrap()], args].concat())
    }

    /// An application of a file.
    pub(crate) fn application(file: &Path) -> Self {
        Self::run(&["--functions", file.to_str().unwrap()])
    }

    /// An application whose messages nobody reads: standard error is closed behind the address.
    pub(crate) fn unheard(file: &Path) -> Self {
        let (server, stderr) = Self::spawn(&["--functions", file.to_str().unwrap()]);
        drop(stderr);
        server
    }

    fn run(args: &[&str]) -> Self {
        let (server, mut stderr) = Self::spawn(args);
        let kept = Arc::clone(&server.log);
        std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|size| size > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        server
    }

    fn spawn(args: &[&str]) -> (Self, BufReader<ChildStderr>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        command.args(["serve", "--port", "0"]).args(args);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).unwrap();
        let address = first.trim().rsplit_once("http://").expect(&first).1.parse().unwrap();
        (Self { process, address, log: Arc::new(Mutex::new(first)) }, stderr)
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.log().contains(text) {
            assert!(Instant::now() < end, "{text} in {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn call(&self, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        http(self.address, head, body)
    }

    pub(crate) fn invoke(&self, mode: &str) -> (u16, String, String) {
        let (status, head, body) = self.call(INVOKE, event(mode).as_bytes());
        (status, head, String::from_utf8(body).unwrap())
    }

    /// An invocation without an event: the whole answer, and the end of the log in it.
    pub(crate) fn tail(&self) -> (String, String) {
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

    pub(crate) fn interrupt(&mut self) -> Option<i32> {
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
