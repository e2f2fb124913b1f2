//! External and internal extensions beside a real function: registration, events, failures, shutdown.

mod common;

use common::seen::{Seen, plain};
use common::{event, fixture, invoke, limited, payload, runs, target};
use lambda_meter::error::Error;
use lambda_meter::log::Log;
use lambda_meter::subject::{Cause, Configuration, Invocation, LocalBinary, Target};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn failure(invocation: &Invocation) -> (&str, &str) {
    let error = invocation.function_error.as_ref().unwrap();
    assert_eq!(error.cause, Cause::Exited);
    (&error.error_type, &error.error_message)
}

#[test]
fn an_extension_registers_gets_every_invocation_and_the_shutdown() {
    let seen = Seen::new();
    let (mut target, log) = target(seen.configure("log"));
    let first = invoke(&mut target, "echo");
    let second = invoke(&mut target, "echo");
    assert!(first.init_duration.is_some() && second.init_duration.is_none());
    assert!(first.extension_overhead.is_some());
    drop(target);
    assert_eq!(seen.events(), ["INVOKE", "INVOKE", "SHUTDOWN"]);

    let registered = &seen.of("registered")[0];
    assert_eq!(registered["status"], 200);
    let expected = json!({
        "functionName": "fixture", "functionVersion": "$LATEST", "handler": "bootstrap",
        "accountId": "123456789012",
    });
    assert_eq!(registered["body"], expected);
    assert_eq!(registered["folder"], "/");
    let environment = registered["environment"].as_object().unwrap();
    assert!(environment.contains_key("AWS_LAMBDA_FUNCTION_NAME") && !environment.contains_key("_HANDLER"));
    assert_eq!(seen.of("again")[0]["status"], 403);
    assert_eq!(seen.of("again")[0]["body"]["errorType"], "Extension.InvalidExtensionState");

    let event = &seen.of("event")[0]["event"];
    assert_eq!(event["requestId"], first.request_id.as_str());
    assert!(event["deadlineMs"].as_u64().is_some() && event["tracing"]["type"] == "X-Amzn-Trace-Id");
    let shutdown = &seen.of("event")[2]["event"];
    assert_eq!(shutdown["shutdownReason"], "spindown");
    assert!(shutdown["deadlineMs"].as_u64().unwrap() > event["deadlineMs"].as_u64().unwrap() - 900_000);
    assert_eq!(seen.of("exit").len(), 1, "it ended by itself");

    let log = log.text();
    let line = "EXTENSION\tName: plain.py\tState: Ready\tEvents: [INVOKE,SHUTDOWN]\n";
    assert!(log.contains(line), "{log}");
    let invoked = log.find("extension: invoked").expect(&log);
    assert!(log.find("START RequestId").unwrap() < invoked && invoked < log.find("REPORT").unwrap(), "{log}");
}

#[test]
fn the_duration_lasts_until_the_extension_is_back() {
    let seen = Seen::new();
    let (mut target, _) = target(seen.configure("slow"));
    let invocation = invoke(&mut target, "echo");
    let overhead = invocation.extension_overhead.unwrap();
    // The extension slept 300 ms, in part before the function answered.
    assert!(invocation.duration >= Duration::from_millis(300), "{invocation:?}");
    assert!(overhead <= invocation.duration, "{invocation:?}");
    assert!(invocation.billed_duration >= invocation.duration, "{invocation:?}");
    assert_eq!(payload(&invocation), event("echo"));
}

#[test]
fn an_extension_without_invoke_events_delays_nothing_and_one_without_shutdown_is_killed() {
    let seen = Seen::new();
    let (mut target, _) = target(|configuration| {
        configuration.variables = vec![("EXTENSION_EVENTS".into(), "[]".into())];
        seen.configure("no-return")(configuration);
    });
    assert_eq!(invoke(&mut target, "echo").extension_overhead, None);
    drop(target);
    assert!(seen.events().is_empty() && seen.of("exit").is_empty());
}

#[test]
fn a_failed_initialisation_names_the_extension_and_the_error_on_lambda() {
    let problem = |mode: &str, limit: Duration| {
        let seen = Seen::new();
        let (mut target, log) = target(|configuration| {
            configuration.init_timeout = limit;
            seen.configure(mode)(configuration);
        });
        let error = target.invoke(b"{}").unwrap_err();
        assert!(matches!(&error, Error::Extension { name, .. } if name == "plain.py"), "{error}");
        (error.to_string(), log.text())
    };
    let long = Duration::from_secs(10);
    let (error, log) = problem("exit-in-init", long);
    assert!(error.contains("exit status 3 (Extension.Crash)"), "{error}");
    assert!(log.contains("Phase: init\tStatus: error\tError Type: Extension.Crash"), "{log}");
    let (error, log) = problem("init-error", long);
    assert!(error.contains("Fatal.Connect: no route (Extension.InitError)"), "{error}");
    assert!(log.contains("State: InitError\tEvents: [INVOKE,SHUTDOWN]\tError Type: Fatal.Connect"), "{log}");
    let (error, log) = problem("no-register", Duration::from_millis(300));
    assert!(error.contains("did not register within 0.3 s"), "{error}");
    assert!(log.contains("Status: timeout") && !log.contains("fixture: starting"), "{log}");
    let (error, _) = problem("no-next", Duration::from_millis(2_000));
    assert!(error.contains("did not ask for an event within 2 s"), "{error}");
}

#[test]
fn a_file_that_cannot_run_is_a_launch_error() {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("extensions");
    std::fs::create_dir(&layer).unwrap();
    std::fs::write(layer.join("text"), "no program").unwrap();
    let (mut target, _) = target(|configuration| {
        configuration.extend(&[folder.path().to_owned()], &[]).unwrap();
    });
    let error = target.invoke(b"{}").unwrap_err().to_string();
    assert!(error.contains("the extension text cannot be started"), "{error}");
    assert!(error.contains("(Extension.LaunchError)") && error.contains("chmod +x"), "{error}");
}

#[test]
fn a_crash_in_an_invocation_fails_it_and_the_next_one_is_cold() {
    let seen = Seen::new();
    let (mut target, log) = target(seen.configure("exit-in-invoke"));
    let invocation = target.invoke(event("slow").as_bytes()).unwrap();
    let (error_type, message) = failure(&invocation);
    assert_eq!(error_type, "Extension.Crash");
    assert!(message.ends_with("Error: exit status 4"), "{message}");
    assert!(log.text().contains("Status: error\tError Type: Extension.Crash"), "{}", log.text());
    assert!(invoke(&mut target, "echo").init_duration.is_some());
}

#[test]
fn a_reported_exit_fails_the_invocation() {
    let seen = Seen::new();
    let (mut target, _) = target(seen.configure("exit-error"));
    let invocation = target.invoke(event("slow").as_bytes()).unwrap();
    assert_eq!(failure(&invocation).0, "Extension.ExitError");
    assert!(failure(&invocation).1.ends_with("Error: Fatal.Lost"));
    assert_eq!(seen.of("exit-error")[0]["status"], 202);
}

#[test]
fn an_extension_that_does_not_come_back_times_the_invocation_out() {
    let seen = Seen::new();
    let (mut target, log) = target(|configuration| {
        configuration.timeout = Duration::from_secs(1);
        seen.configure("no-return")(configuration);
    });
    let invocation = invoke(&mut target, "echo");
    assert_eq!(invocation.function_error.unwrap().cause, Cause::TimedOut);
    assert_eq!(invocation.duration, Duration::from_secs(1));
    let log = log.text();
    assert!(log.contains("the extension plain.py did not ask for its next event"), "{log}");
    assert!(log.contains("Status: timeout"), "{log}");
}

#[test]
fn a_function_that_fails_or_times_out_gives_its_extensions_the_reason() {
    let reason = |mode: &str, timeout: Duration| {
        let seen = Seen::new();
        let (mut target, _) = target(|configuration| {
            configuration.timeout = timeout;
            seen.configure("")(configuration);
        });
        let failed = invoke(&mut target, mode);
        assert!(failed.function_error.is_some());
        assert!(target.process_id().is_none());
        let shutdown = seen.of("event").pop().unwrap()["event"].clone();
        assert_eq!((shutdown["eventType"].as_str(), seen.of("exit").len()), (Some("SHUTDOWN"), 1));
        shutdown["shutdownReason"].as_str().unwrap().to_owned()
    };
    assert_eq!(reason("exit", Duration::from_secs(9)), "failure");
    assert_eq!(reason("hang", Duration::from_secs(1)), "timeout");
}

#[test]
fn an_extension_that_does_not_exit_is_killed_after_2_seconds() {
    let seen = Seen::new();
    let (mut target, log) = target(seen.configure("no-exit"));
    invoke(&mut target, "echo");
    let id = target.process_id().unwrap();
    drop(target);
    assert!(!runs(id));
    let log = log.text();
    assert!(log.contains("the extension plain.py did not exit within 2000 ms"), "{log}");
    assert!(seen.of("exit").is_empty());
}

#[test]
fn an_extension_that_crashes_between_two_invocations_costs_a_cold_start() {
    // Without limits nothing is frozen, so that the extension can end while it waits.
    let seen = Seen::new();
    let (mut target, log) = target(seen.configure(""));
    invoke(&mut target, "echo");
    let script = "extensions/plain.py";
    let stopped = std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let ours = seen.file().to_string_lossy().into_owned();
        let is_ours = environment.windows(ours.len()).any(|window| window == ours.as_bytes());
        let line = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        (is_ours && line.contains(script)).then_some(id)
    });
    let id = rustix::process::Pid::from_raw(stopped.unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    common::assert_gone(&[stopped.unwrap()]);
    assert!(invoke(&mut target, "echo").init_duration.is_some());
    assert!(log.text().contains("The sandbox ended between two invocations"), "{}", log.text());
}

#[test]
fn memory_and_processes_of_extensions_are_in_the_sandbox() {
    let seen = Seen::new();
    let Some((mut target, _)) = limited(seen.configure("")) else { return };
    let with = invoke(&mut target, "echo").max_memory_used;
    let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", target.process_id().unwrap())).unwrap();
    let memory = groups.lines().find(|line| line.contains("lambda-meter-")).unwrap().to_owned();
    drop(target);
    let Some((mut bare, _)) = limited(|_| {}) else { return };
    let without = invoke(&mut bare, "echo").max_memory_used;
    assert!(with > without + 3, "{with} MB with a Python process, {without} MB without: {memory}");
}

#[test]
fn a_layer_is_at_opt_and_its_extensions_are_started_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("extensions");
    std::fs::create_dir(&layer).unwrap();
    std::fs::copy(plain(), layer.join("from-a-layer")).unwrap();
    let seen = Seen::new();
    let mut place = PathBuf::new();
    let (mut target, _) = target(|configuration| {
        seen.configure("")(configuration);
        configuration.extend(&[folder.path().to_owned()], &[]).unwrap();
        place = configuration.opt.as_ref().unwrap().place().to_owned();
    });
    let invocation = invoke(&mut target, "environment");
    let variables = payload(&invocation).to_owned();
    assert!(variables.contains(&format!("LD_LIBRARY_PATH={}/lib", place.display())), "{variables}");
    assert_eq!(seen.of("registered")[0]["name"], "from-a-layer");
    if rustix::process::geteuid().is_root() {
        assert_eq!(place, Path::new("/opt"));
    }
    drop(target);
    assert_eq!(seen.events().last().unwrap(), "SHUTDOWN");
}

#[test]
fn an_internal_extension_may_have_invocations_only() {
    let (mut target, log) = target(|configuration| {
        configuration.variables = vec![("FIXTURE_INTERNAL".into(), "inside".into())];
    });
    let invocation = invoke(&mut target, "echo");
    assert!(invocation.extension_overhead.is_some());
    invoke(&mut target, "echo");
    drop(target);
    let log = log.text();
    assert!(log.contains("EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]"), "{log}");
    assert!(log.contains("internal: SHUTDOWN 403 Extension.InvalidEventType"), "{log}");
    assert_eq!(log.matches("internal: INVOKE").count(), 2, "{log}");
}

#[test]
fn a_matrix_measures_a_function_with_and_without_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.json");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lambda-meter"))
        .arg("run")
        .args(["--binary".as_ref(), fixture().as_os_str()])
        .args(["--extension".as_ref(), plain().as_os_str()])
        .args(["--bare", "--event", "{}", "--runs", "2", "--cold", "2", "--limits", "off", "--output"])
        .arg(&results)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("fixture-bare"), "{text}");
    assert!(
        text.contains("- fixture: with the extension plain.py. After the response they worked"),
        "{text}"
    );
    let results: Value = serde_json::from_slice(&std::fs::read(results).unwrap()).unwrap();
    let targets = results["header"]["targets"].as_array().unwrap();
    assert_eq!(targets[0]["name"], "fixture-bare");
    assert!(targets[0].get("extensions").is_none());
    assert_eq!(targets[1]["extensions"][0]["name"], "plain.py");
    let overheads = |target: &str| {
        let cells = results["header"]["cells"].as_array().unwrap();
        let samples = results["samples"].as_array().unwrap().iter();
        let of = samples.filter(|it| cells[it["cell"].as_u64().unwrap() as usize]["target"] == target);
        of.map(|sample| sample.get("extension_overhead_ms").is_some()).collect::<Vec<_>>()
    };
    assert_eq!((overheads("fixture-bare"), overheads("fixture")), (vec![false; 4], vec![true; 4]));
}

#[test]
fn no_more_than_ten_extensions_register() {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("extensions");
    std::fs::create_dir(&layer).unwrap();
    for number in 0..11 {
        let script = "#!/bin/sh\nexec python3 -c \"$EXTENSION_PROGRAM\" \"$0\"\n";
        let path = layer.join(format!("extension-{number:02}"));
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let program = "import os, sys, urllib.request as u\n\
        api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2020-01-01/extension/'\n\
        name = os.path.basename(sys.argv[1])\n\
        r = u.Request(api + 'register', b'{}', {'Lambda-Extension-Name': name})\n\
        try: me = u.urlopen(r).headers['Lambda-Extension-Identifier']\n\
        except u.HTTPError as e: print(e.read().decode(), flush=True); sys.exit(1)\n\
        u.urlopen(u.Request(api + 'event/next', None, {'Lambda-Extension-Identifier': me}))\n";
    let mut configuration = Configuration::new(fixture());
    configuration.variables = vec![("EXTENSION_PROGRAM".into(), program.into())];
    configuration.extend(&[folder.path().to_owned()], &[]).unwrap();
    let kept = common::Kept::default();
    let mut target = LocalBinary::new(configuration, Log::new(Box::new(kept.clone()))).unwrap();
    let error = target.invoke(b"{}").unwrap_err().to_string();
    assert!(error.contains("Extension.Crash"), "{error}");
    assert!(kept.text().contains("Extension limit (10) reached"), "{}", kept.text());
}
