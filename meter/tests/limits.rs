//! CPU share, memory limit and freezer, with a real process in a real cgroup.
//!
//! These tests need the right to make cgroups, and fail with that reason where it is missing. On
//! such a machine `LAMBDA_METER_TESTS=without-limits` leaves them out and says so.

mod common;

use common::{Kept, assert_gone, event, fixture, hanging, invoke, limited, payload, runs};
use lambda_meter::error::Error;
use lambda_meter::sandbox::{CpuShare, Group, Layout, Place, Version};
use lambda_meter::subject::{Cause, LocalBinary, Target};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// The cgroups of a process, from `/proc/PID/cgroup`.
fn layout_of(target: &LocalBinary) -> Layout {
    let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", target.process_id().unwrap())).unwrap();
    Layout::find(&std::fs::read_to_string("/proc/self/mountinfo").unwrap(), &groups).unwrap()
}

fn read(place: &Place, v1: &str, v2: &str) -> String {
    let file = if place.version == Version::V1 { v1 } else { v2 };
    std::fs::read_to_string(place.folder.join(file)).unwrap().trim().to_owned()
}

fn number_of_throttlings(layout: &Layout) -> u64 {
    let stat = read(&layout.cpu, "cpu.stat", "cpu.stat");
    stat.lines().find_map(|line| line.strip_prefix("nr_throttled ")).unwrap().parse().unwrap()
}

fn folders(layout: &Layout) -> Vec<PathBuf> {
    [&layout.cpu, &layout.memory, &layout.freezer, &layout.accounting]
        .map(|place| place.folder.clone())
        .into()
}

#[test]
fn the_process_is_in_its_group_with_lambdas_figures_and_the_group_goes_with_it() {
    let Some((mut target, _)) = limited(|configuration| configuration.memory_size = 512) else { return };
    invoke(&mut target, "echo");
    let layout = layout_of(&target);
    assert!(folders(&layout).iter().all(|folder| folder.to_string_lossy().contains("lambda-meter-")));
    let quota = CpuShare::of_memory(512).quota().as_micros();
    let written = match layout.cpu.version {
        Version::V1 => {
            let file = |name| read(&layout.cpu, name, name);
            format!("{} {}", file("cpu.cfs_quota_us"), file("cpu.cfs_period_us"))
        }
        Version::V2 => read(&layout.cpu, "", "cpu.max"),
    };
    assert_eq!(written, format!("{quota} 20000"));
    let memory = read(&layout.memory, "memory.limit_in_bytes", "memory.max");
    assert_eq!(memory, (512 * 1024 * 1024).to_string());
    drop(target);
    assert!(folders(&layout).iter().all(|folder| !folder.exists()), "all are removed");
}

#[test]
fn a_function_gets_no_more_cpu_than_its_memory_buys() {
    let Some((mut target, _)) = limited(|configuration| configuration.memory_size = 256) else { return };
    invoke(&mut target, "echo");
    let before = target.cpu_time().unwrap();
    let duration = invoke(&mut target, "compute").duration;
    let used = target.cpu_time().unwrap() - before;
    let share = duration.mul_f64(CpuShare::of_memory(256).cpus());
    // Allow for two periods at the edges.
    assert!(used < share + 2 * CpuShare::PERIOD, "{used:?} of CPU time in {duration:?}");
}

#[test]
fn the_initialisation_is_not_throttled() {
    let Some((mut target, _)) =
        limited(|configuration| configuration.variables = vec![("FIXTURE_INIT".into(), "compute".into())])
    else {
        return;
    };
    invoke(&mut target, "echo");
    // A quota would have stopped 300 ms of CPU time in each of 15 periods.
    assert!(number_of_throttlings(&layout_of(&target)) < 5);
    invoke(&mut target, "compute");
    assert!(number_of_throttlings(&layout_of(&target)) > 5, "and the invocation is");
}

#[test]
fn too_much_memory_is_lambdas_kill_and_the_next_event_finds_a_new_sandbox() {
    let Some((mut target, log)) = limited(|_| {}) else { return };
    let invocation = invoke(&mut target, "memory");
    let error = invocation.function_error.clone().unwrap();
    assert_eq!((error.cause, error.error_type.as_str()), (Cause::Exited, "Runtime.ExitError"));
    assert_eq!(
        error.error_message,
        format!("RequestId: {} Error: Runtime exited with error: signal: killed", invocation.request_id)
    );
    assert_eq!((invocation.max_memory_used, invocation.memory_size), (128, 128));
    assert!(log.text().ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"));
    assert!(invoke(&mut target, "echo").init_duration.is_some());
}

#[test]
fn too_much_memory_in_the_initialisation_names_the_remedy() {
    let Some((mut target, _)) =
        limited(|configuration| configuration.variables = vec![("FIXTURE_INIT".into(), "memory".into())])
    else {
        return;
    };
    let error = target.invoke(b"{}").unwrap_err();
    assert!(matches!(&error, Error::ExitedInInit { status, .. } if status == "signal: killed"), "{error}");
    assert!(error.to_string().contains("it needs more than 128 MB; --memory sets the size"), "{error}");
}

#[test]
fn between_two_invocations_nothing_runs() {
    let Some((mut target, _)) = limited(|configuration| configuration.memory_size = 1769) else { return };
    let count = |target: &mut LocalBinary| payload(&invoke(target, "count")).parse::<u64>().unwrap();
    count(&mut target);
    let layout = layout_of(&target);
    assert_eq!(
        read(&layout.freezer, "freezer.state", "cgroup.freeze"),
        match layout.freezer.version {
            Version::V1 => "FROZEN",
            Version::V2 => "1",
        }
    );
    let frozen = target.cpu_time().unwrap();
    let first = count(&mut target);
    let stopped = target.cpu_time().unwrap();
    assert!(stopped > frozen, "it was thawed for the event");
    sleep(Duration::from_millis(300));
    assert_eq!(target.cpu_time().unwrap(), stopped, "a thread that counts each millisecond stands still");
    let before = (first, count(&mut target));
    sleep(Duration::from_secs(1));
    let after = count(&mut target);
    assert!(after - before.1 < 700, "{before:?} {after}: it counted through a pause of 1000 ms");
}

#[test]
fn a_timeout_also_ends_what_left_the_process_group() {
    let Some((mut target, log)) = limited(|configuration| configuration.timeout = Duration::from_secs(1))
    else {
        return;
    };
    let elsewhere: u32 = payload(&invoke(&mut target, "leave-the-group")).parse().unwrap();
    assert!(runs(elsewhere));
    assert_eq!(invoke(&mut target, "hang").function_error.unwrap().cause, Cause::TimedOut);
    let mut ended = hanging(&log.text());
    ended.push(elsewhere);
    assert_gone(&ended);
}

#[test]
fn a_tool_that_was_killed_leaves_nothing_for_long() {
    let Some((mut target, _)) = limited(|_| {}) else { return };
    let mut tool = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
    tool.arg("invoke").arg("--binary").arg(fixture()).args(["--event", "-", "--limits", "require"]);
    let mut tool = tool.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut tool.stdin.take().unwrap(), event("hang").as_bytes()).unwrap();
    let mut log = std::io::BufReader::new(tool.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("hanging: ") {
        assert!(std::io::BufRead::read_line(&mut log, &mut text).unwrap() > 0, "{text}");
    }
    tool.kill().unwrap();
    tool.wait().unwrap();
    let orphans = hanging(&text);
    assert!(runs(orphans[0]), "nobody could end it");
    invoke(&mut target, "echo");
    assert_gone(&orphans);
}

#[test]
fn version_2_freezes_and_counts_where_it_is_mounted() {
    if limited(|_| {}).is_none() {
        return;
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let unified: Vec<&str> = mounts.lines().filter(|line| line.contains(" - cgroup2 ")).collect();
    let Some(mount) = unified.first() else {
        eprintln!("NOT TESTED: no cgroup hierarchy of version 2 is mounted here");
        return;
    };
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap();
    let own = own.lines().find_map(|line| line.strip_prefix("0::/")).unwrap();
    let place =
        Place { version: Version::V2, folder: PathBuf::from(mount.split(' ').nth(4).unwrap()).join(own) };
    let layout = Layout { freezer: place.clone(), accounting: place, ..Layout::detect().unwrap() };
    let group = Group::create(&layout, 128).unwrap();
    let spawn = || Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
    let mut child = group.enter(spawn).unwrap();
    let back = std::fs::read_to_string("/proc/self/cgroup").unwrap();
    assert!(back.lines().any(|line| line == format!("0::/{own}")), "this process is where it was: {back}");
    assert_eq!(group.processes().len(), 1);
    while group.cpu_time().unwrap() < Duration::from_millis(5) {
        sleep(Duration::from_millis(1));
    }
    group.freeze().unwrap();
    let frozen = group.cpu_time().unwrap();
    sleep(Duration::from_millis(100));
    assert_eq!(group.cpu_time().unwrap(), frozen);
    group.thaw().unwrap();
    while group.cpu_time().unwrap() == frozen {
        sleep(Duration::from_millis(1));
    }
    group.freeze().unwrap();
    drop(group);
    assert!(!child.wait().unwrap().success(), "a frozen process is killed as well");
}

#[test]
fn a_panic_removes_the_group() {
    let Some((mut target, _)) = limited(|_| {}) else { return };
    invoke(&mut target, "echo");
    let (layout, process) = (layout_of(&target), target.process_id().unwrap());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _target = target;
        panic!("as you wish");
    }));
    assert!(panicked.is_err());
    assert_gone(&[process]);
    assert!(folders(&layout).iter().all(|folder| !folder.exists()));
}

#[test]
fn a_function_that_answers_and_does_not_ask_again_is_stopped_at_its_timeout() {
    let Some((mut target, log)) = limited(|configuration| configuration.timeout = Duration::from_secs(1))
    else {
        return;
    };
    let invocation = invoke(&mut target, "answer-and-stay");
    assert_eq!((payload(&invocation), invocation.function_error.clone()), ("\"answered\"", None));
    assert!(log.text().contains("did not ask for its next event before its timeout"), "{}", log.text());
    assert_gone(&hanging(&log.text()));
    assert!(invoke(&mut target, "echo").init_duration.is_some());
    let _: Kept = log;
}
