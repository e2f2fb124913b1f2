//! Shared by the tests: the path of the fixture, and a log that can be read.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod seen;

use lambda_meter::log::Log;
use lambda_meter::sandbox::Limits;
use lambda_meter::subject::{Configuration, Invocation, LocalBinary, Target};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The example `fixture`, which `cargo test` builds next to the binary.
pub(crate) fn fixture() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_lambda-meter")).with_file_name("examples").join("fixture");
    assert!(path.exists(), "{} is missing: cargo build -p lambda-meter --example fixture", path.display());
    path
}

/// A log kept in memory.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The fixture as a target, and its log.
pub(crate) fn target(change: impl FnOnce(&mut Configuration)) -> (LocalBinary, Kept) {
    let mut configuration = Configuration::new(fixture());
    change(&mut configuration);
    let kept = Kept::default();
    let target = LocalBinary::new(configuration, Log::new(Box::new(kept.clone()))).unwrap();
    (target, kept)
}

/// Invokes the fixture in one of its modes.
pub(crate) fn invoke(target: &mut LocalBinary, mode: &str) -> Invocation {
    target.invoke(event(mode).as_bytes()).unwrap()
}

/// The event for one of the fixture's modes.
pub(crate) fn event(mode: &str) -> String {
    format!(r#"{{"mode":"{mode}"}}"#)
}

/// The payload as text.
pub(crate) fn payload(invocation: &Invocation) -> &str {
    std::str::from_utf8(&invocation.payload).unwrap()
}

/// True when a process runs; a zombie does not.
pub(crate) fn runs(process_id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// The process ids that the fixture printed before it hung.
pub(crate) fn hanging(log: &str) -> Vec<u32> {
    let line =
        log.lines().find_map(|line| line.strip_prefix("hanging: ")).expect("the fixture says that it hangs");
    line.split(' ').map(|id| id.parse().unwrap()).collect()
}

/// Asserts that none of the processes runs; killed grandchildren are reaped a moment later.
pub(crate) fn assert_gone(process_ids: &[u32]) {
    for _ in 0..500 {
        if !process_ids.iter().any(|id| runs(*id)) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("still running: {process_ids:?}");
}

/// The fixture with limits; `None` where limits are impossible and the environment allows it.
pub(crate) fn limited(change: impl FnOnce(&mut Configuration)) -> Option<(LocalBinary, Kept)> {
    if std::env::var("LAMBDA_METER_TESTS").as_deref() == Ok("without-limits") {
        eprintln!("NOT TESTED: LAMBDA_METER_TESTS=without-limits");
        return None;
    }
    let mut configuration = Configuration::new(fixture());
    configuration.limits = Limits::Require;
    change(&mut configuration);
    let kept = Kept::default();
    match LocalBinary::new(configuration, Log::new(Box::new(kept.clone()))) {
        Ok(target) => Some((target, kept)),
        Err(error) => panic!(
            "this test could not run: {error}\n  LAMBDA_METER_TESTS=without-limits leaves out what needs \
             cgroups"
        ),
    }
}

/// One HTTP request on a connection of its own: status, headers in lower case, body.
pub(crate) fn http(address: SocketAddr, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let request = format!(
        "{first} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[request.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a complete head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let body = answer[end + 4..].to_vec();
    let body = if head.contains("transfer-encoding: chunked") { unchunk(&body) } else { body };
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head, body)
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
        if size == 0 {
            break;
        }
    }
    body
}
