//! `lambda-meter run --function` against a stub of Lambda: figures, changes and their restoration,
//! the budget, and every refusal with its remedy.

#[path = "../common/lambda_stub.rs"]
mod lambda_stub;
mod place;
mod refusals;

use lambda_stub::Refusal;
use place::{Place, text};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn memory_sizes_and_cold_starts_are_lambdas_own_figures_and_all_is_put_back() {
    let place = Place::new();
    let output = place.run(&["--function", "pi", "--memory", "128,256", "--runs", "2", "--cold", "2"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    place.assert_restored();
    let results = place.results();
    assert_eq!(results.samples.len(), 8);
    for sample in &results.samples {
        let cell = &results.header.cells[sample.cell];
        let cold = cell.start == lambda_meter::matrix::Start::Cold;
        let duration = 128_000.0 / cell.memory_mb as f64;
        assert_eq!(sample.init_duration_ms, cold.then_some(20.0), "{sample:?}");
        assert_eq!((sample.duration_ms, sample.max_memory_used_mb), (duration, 14));
        assert_eq!(sample.billed_duration_ms, duration + if cold { 20.0 } else { 0.0 });
        assert!(sample.failure.is_none() && sample.digest.is_some());
    }
    let target = &results.header.targets[0];
    assert_eq!((target.kind.as_str(), target.place.as_str()), ("aws", "pi:$LATEST in eu-west-1"));
    assert_eq!((target.architecture.to_string().as_str(), target.package.as_deref()), ("arm64", Some("zip")));
    assert!(target.sha256.as_ref().is_some_and(|digest| digest.starts_with("e3b0c44298fc1c14")));
    assert!(
        stderr.contains("invocations on AWS cost about 0.0")
            && stderr.contains("gets its configuration back")
    );
    assert!(
        !stderr.contains("s3cret")
            && !fs::read_to_string(place.folder.path().join("r.json")).unwrap().contains("s3cret")
    );
    let authorization = place.stub.state.lock().unwrap().authorization.clone();
    assert!(authorization.contains("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
}

#[test]
fn a_warm_measurement_of_what_is_configured_changes_nothing() {
    let place = Place::new();
    let output = place.run(&["--function", "ours=pi", "--runs", "3"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!((place.stub.count("update"), place.stub.count("invoke")), (0, 1 + 3));
    let results = place.results();
    assert!(
        results.header.cells[0].memory_mb == 512 && results.samples.iter().all(|it| it.duration_ms == 250.0)
    );
}

#[test]
fn a_published_version_is_measured_as_it_is() {
    let place = Place::new();
    let output = place.run(&["--function", "pi:prod", "--runs", "1", "--cold", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(place.results().samples.len(), 1, "its cold starts cannot be forced");
    let problem = place.refused(&["--function", "pi:prod", "--memory", "128"]);
    assert!(problem.contains("pi:prod has 512 MB, and a published version cannot be changed"), "{problem}");
    assert_eq!(place.stub.count("update"), 0);
}

#[test]
fn a_dry_run_only_reads() {
    let place = Place::new();
    let args = [
        "--function",
        "pi",
        "--memory",
        "128,512",
        "--runs",
        "2",
        "--cold",
        "2",
        "--assume",
        "2000",
        "--dry-run",
    ];
    let output = place.run(&args);
    let stdout = text(&output.stdout);
    assert_eq!((place.stub.count("update"), place.stub.count("invoke")), (0, 0));
    assert!(stdout.contains("at most 14 invocations. On AWS, at 2000 ms"), "{stdout}");
    assert!(
        stdout.contains("its memory is set to 128 MB, 512 MB") && stdout.contains("afterwards it has 512 MB"),
        "{stdout}"
    );
}

#[test]
fn no_more_is_spent_than_allowed() {
    let place = Place::new();
    let problem = place.refused(&["--function", "pi", "--runs", "5", "--max-usd", "0.000001"]);
    assert!(problem.contains("expected to cost") && problem.contains("--max-usd 0.000001"), "{problem}");
    assert_eq!(place.stub.count("invoke"), 0);
    // 1,000 ms at 128 MB cost 0.0000018667 USD on arm64; 1 ms is expected, which is 300 times less.
    let args =
        ["--function", "pi", "--memory", "128", "--runs", "9", "--assume", "1", "--max-usd", "0.000005"];
    let problem = place.refused(&args);
    assert!(problem.contains("USD are spent") && problem.contains("--resume r.json"), "{problem}");
    assert_eq!((place.stub.count("invoke"), place.results().samples.len()), (2, 1));
    place.assert_restored();
}

#[test]
fn an_interrupt_puts_the_configuration_back() {
    let place = Place::new();
    place.stub.change(|state| state.delay = Duration::from_secs(20));
    let mut command = place.command(&["--function", "pi", "--memory", "128", "--cold", "3", "--runs", "0"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    place.wait_for_invoke();
    assert_eq!(place.stub.settings().0, 128);
    assert_eq!(place.stub.settings().1["LAMBDA_METER"], "512 MB, 1");
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    place.assert_restored();
}

#[test]
fn what_a_killed_run_left_is_put_back_by_the_next() {
    let place = Place::new();
    place.stub.change(|state| {
        state.memory = 3_008;
        state.environment = json!({"Variables": {"SECRET": "s3cret", "LAMBDA_METER": "512 MB, 4"}});
    });
    let output = place.run(&["--function", "pi", "--runs", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("it gets back 512 MB"), "{}", text(&output.stderr));
    place.assert_restored();
}

#[test]
fn an_error_in_the_middle_keeps_the_samples_and_puts_the_configuration_back() {
    let place = Place::new();
    place.stub.change(|state| {
        state.refusal = Some(Refusal {
            operation: "invoke",
            after: 3,
            status: 403,
            code: "ExpiredTokenException",
            message: "The security token included in the request is expired",
        });
    });
    let problem = place.refused(&["--function", "pi", "--memory", "1769", "--cold", "5", "--runs", "0"]);
    assert!(problem.contains("have expired") && problem.contains("aws sso login"), "{problem}");
    assert_eq!(place.results().samples.len(), 3);
    place.assert_restored();
}

#[test]
fn a_configuration_that_somebody_else_changes_is_left_alone() {
    let place = Place::new();
    place.stub.change(|state| state.delay = Duration::from_secs(1));
    let mut command = place.command(&["--function", "pi", "--cold", "2", "--runs", "0"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    place.wait_for_invoke();
    place.stub.change(|state| (state.memory, state.revision) = (2_048, 99));
    let output = child.wait_with_output().unwrap();
    let stderr = text(&output.stderr);
    assert!(output.status.code() == Some(3) && stderr.contains("somebody else changed"), "{stderr}");
    assert!(stderr.contains("by hand: memory 512 MB, and without the variable LAMBDA_METER"), "{stderr}");
    assert_eq!(place.stub.settings().0, 2_048);
}

#[test]
fn functions_that_fail_are_samples() {
    let place = Place::new();
    place.stub.change(|state| {
        state.function_error =
            Some(r#"{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 3.00 seconds"}"#);
    });
    let output = place.run(&["--function", "pi", "--runs", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(place.results().samples[0].failure.as_ref().unwrap().kind, "timeout");
}

#[test]
fn one_file_is_for_here_and_for_aws() {
    let place = Place::new();
    let matrix = "runs = 1\n[[target]]\nname = \"here\"\nendpoint = \"http://127.0.0.1:9\"\n\
                  [[target]]\nname = \"there\"\nfunction = \"pi\"\n\
                  [[published]]\nrow = \"Rust\"\ntarget = \"here\"\nmemory = 512\nduration_s = [1, 2]\n";
    fs::write(place.folder.path().join("matrix.toml"), matrix).unwrap();
    let output = place.run(&["matrix.toml", "--aws"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("left out") && stderr.contains("here"), "{stderr}");
    assert!(text(&output.stdout).contains("Rust"), "the published row stays");
    let local = place.run(&["matrix.toml", "--dry-run"]);
    assert!(
        text(&local.stderr).contains("--aws measures functions on AWS): there"),
        "{}",
        text(&local.stderr)
    );
}
