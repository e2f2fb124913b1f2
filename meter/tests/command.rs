//! The command line of `invoke`: output, log and exit codes.

mod common;

use common::{assert_gone, event, fixture, hanging};
use lambda_meter::report_line::Report;
use lambda_meter::sandbox::Layout;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
    command.arg("invoke").arg("--binary").arg(fixture()).args(args);
    command
}

/// Runs with this event on standard input.
fn invoke(event: &[u8], args: &[&str]) -> Output {
    let mut command = command(args);
    command.args(["--event", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(event);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_response_on_standard_output_and_everything_else_on_standard_error() {
    let output = invoke(b"{\"a\": 1.0}", &["--memory", "1769"]);
    assert_eq!((code(&output), text(&output.stdout)), (0, "{\"a\": 1.0}\n"));
    let lines: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!((lines.len(), lines[0]), (5, "fixture: starting"));
    assert!(
        lines[1].starts_with("START RequestId: ") && lines[2].starts_with("END RequestId: "),
        "{lines:?}"
    );
    let report: Report = lines[3].parse().unwrap();
    assert!(report.memory_size == 1769 && report.init_duration.is_some() && lines[3].ends_with('\t'));
    assert!(
        lines[4].contains("Local run: excludes microVM start and code download; your CPU is not Lambda's."),
        "{lines:?}"
    );
}

#[test]
fn raw_is_byte_exact() {
    for event in [&b"\xff\x00\xfe no newline"[..], b"", b"two\n\n", b"{"] {
        let output = invoke(event, &["--raw"]);
        assert_eq!((code(&output), output.stdout.as_slice()), (0, event));
    }
}

#[test]
fn a_function_error_is_1_and_printed() {
    let output = invoke(event("error").as_bytes(), &[]);
    assert_eq!(code(&output), 1);
    assert_eq!(text(&output.stdout), "{\"errorType\":\"Fixture.Error\",\"errorMessage\":\"as you wish\"}\n");
    assert!(text(&output.stderr).contains("\n  errorType: Fixture.Error\n  errorMessage: as you wish\n"));
}

#[test]
fn wrong_usage_is_2() {
    for args in [
        &["--memory", "127"][..],
        &["--memory", "10241"],
        &["--timeout", "901"],
        &["--env", "A"],
        &["--repeat", "0"],
    ] {
        let output = invoke(b"{}", args);
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{args:?}");
    }
    assert_eq!(code(&command(&[]).output().unwrap()), 2, "--event is required");
}

#[test]
fn crash_timeout_and_failed_start_are_3() {
    let crash = invoke(event("exit").as_bytes(), &[]);
    assert_eq!(code(&crash), 3);
    assert!(text(&crash.stderr).contains("Runtime exited with error: exit status 7"));
    let timeout = invoke(event("hang").as_bytes(), &["--timeout", "1"]);
    assert_eq!(code(&timeout), 3);
    assert!(text(&timeout.stderr).contains(" Task timed out after 1.00 seconds\n"));
    assert_gone(&hanging(text(&timeout.stderr)));
    let init = invoke(b"{}", &["--env", "FIXTURE_INIT=exit"]);
    assert_eq!((code(&init), init.stdout.len()), (3, 0));
    assert!(text(&init.stderr).contains("ended before it asked for its first event: exit status 42"));
    let missing = command(&["--event", "no/such/event"]).output().unwrap();
    assert_eq!(code(&missing), 3);
    assert!(text(&missing.stderr).contains("lambda-meter: error: cannot read the event no/such/event: "));
    assert!(!text(&missing.stderr).contains("fixture: starting"), "a bad path fails first");
}

#[test]
fn several_events_share_a_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, bad) = (path("good", "1"), path("bad", &event("error")));
    let output = command(&["--event", &good, "--event", &bad, "--repeat", "2"]).output().unwrap();
    assert_eq!(code(&output), 1);
    let responses: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!((responses.len(), responses[0], responses[2]), (4, "1", "1"));
    let reports: Vec<Report> = text(&output.stderr).lines().filter_map(|line| line.parse().ok()).collect();
    let cold: Vec<bool> = reports.iter().map(|report| report.init_duration.is_some()).collect();
    assert_eq!(cold, [true, false, false, false]);
}

#[test]
fn an_interrupt_kills_the_function_and_is_130() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("event");
    std::fs::write(&path, event("hang")).unwrap();
    let mut child = command(&["--event", path.to_str().unwrap()]).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut log = String::new();
    let mut buffer = [0; 1024];
    while !log.contains("hanging: ") || !log.ends_with('\n') {
        let size = stderr.read(&mut buffer).unwrap();
        assert!(size > 0, "{log}");
        log.push_str(text(&buffer[..size]));
    }
    if std::env::var("LAMBDA_METER_TESTS").as_deref() != Ok("without-limits") {
        assert!(!groups_of(child.id()).is_empty(), "LAMBDA_METER_TESTS=without-limits leaves this out");
    }
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    stderr.read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(log.contains("lambda-meter: error: interrupted"), "{log}");
    assert_gone(&hanging(&log));
    assert_eq!(groups_of(child.id()), Vec::<PathBuf>::new(), "its cgroups are removed");
}

/// Leftover cgroups of a tool; empty where no cgroup can be made.
fn groups_of(tool: u32) -> Vec<PathBuf> {
    let Ok(layout) = Layout::detect() else { return Vec::new() };
    let places = [layout.cpu, layout.memory, layout.freezer, layout.accounting];
    let folders = places.iter().flat_map(|place| place.folder.ancestors());
    let entries = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let own = format!("-{tool}-");
    let is_its = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("lambda-meter-") && name.contains(&own)
    };
    entries.map(|entry| entry.path()).filter(is_its).collect()
}

#[test]
fn a_closed_standard_output_is_success() {
    let mut command = command(&["--event", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(b"{}").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Nobody reads the messages; the exit code is that of the error.
#[test]
fn a_closed_standard_error_changes_no_exit_code() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command(&["--event", "no/such/event"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(3));
}
