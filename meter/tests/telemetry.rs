//! The Telemetry API and the Logs API, with real listeners in real extensions.

mod common;

use common::seen::Seen;
use common::{fixture, invoke, target};
use lambda_extension::{LambdaTelemetry, LambdaTelemetryRecord, Status};
use lambda_meter::subject::Configuration;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A subscription to all streams, by `timeout` ms.
fn wish(schema: &str, timeout: u64, destination: &Value) -> String {
    let types = ["platform", "function", "extension"];
    let buffering = json!({"maxItems": 1000, "maxBytes": 262_144, "timeoutMs": timeout});
    json!({"schemaVersion": schema, "types": types, "buffering": buffering, "destination": destination})
        .to_string()
}

fn http() -> Value {
    json!({"protocol": "HTTP", "URI": "http://sandbox.localdomain:{port}/events"})
}

fn subscribed(seen: &Seen, mode: &str, wish: String) -> impl FnOnce(&mut Configuration) {
    let configure = seen.configure(mode);
    move |configuration| {
        configuration.variables.push(("EXTENSION_TELEMETRY".to_owned(), wish));
        configure(configuration);
    }
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).map(|event| &event["record"]).collect()
}

#[test]
fn every_event_of_two_invocations_arrives_once_and_in_order() {
    let seen = Seen::new();
    // No batch is due before the shutdown phase.
    let (mut target, _) = target(subscribed(&seen, "", wish("2022-12-13", 30_000, &http())));
    let [first, second] = [(); 2].map(|()| invoke(&mut target, "log"));
    assert!(seen.telemetry().is_empty());
    drop(target);
    let events = seen.telemetry();
    let of_function = ["function", "function", "function", "platform.runtimeDone", "platform.report"];
    let invocation = [&["platform.start"][..], &of_function].concat();
    let begin = kinds(&events).iter().position(|kind| *kind == "platform.start").unwrap();
    assert_eq!(kinds(&events)[begin..], [&invocation[..], &invocation].concat(), "{events:#?}");
    let mut init = kinds(&events)[..begin].to_vec();
    assert_eq!(init[0], "platform.initStart");
    assert_eq!(init.last(), Some(&"platform.initReport"));
    init.sort_unstable();
    let expected = [
        "extension",
        "function",
        "platform.extension",
        "platform.initReport",
        "platform.initRuntimeDone",
        "platform.initStart",
        "platform.telemetrySubscription",
    ];
    assert_eq!(init, expected);

    let reports = of(&events, "platform.report");
    for (invocation, report) in [&first, &second].into_iter().zip(&reports) {
        assert_eq!(report["requestId"], invocation.request_id.as_str());
        let billed = u64::try_from(invocation.billed_duration.as_millis()).unwrap();
        assert_eq!(report["metrics"]["billedDurationMs"], billed);
        assert_eq!(report["metrics"]["memorySizeMB"], 128);
        assert_eq!(report["metrics"]["maxMemoryUsedMB"], invocation.max_memory_used);
        assert_eq!(report["spans"][0]["name"], "extensionOverhead");
    }
    assert!(reports[0]["metrics"]["initDurationMs"].is_f64());
    assert!(reports[1]["metrics"].get("initDurationMs").is_none());
    let done = of(&events, "platform.runtimeDone");
    assert_eq!((&done[0]["status"], &done[0]["metrics"]["producedBytes"]), (&json!("success"), &json!(8)));
    let spans: Vec<&Value> = done[0]["spans"].as_array().unwrap().iter().map(|span| &span["name"]).collect();
    assert_eq!(spans, ["responseLatency", "responseDuration", "runtimeOverhead"]);
    let lines = of(&events, "function");
    assert_eq!(lines[1..4], ["to stdout\n", "to stderr\n", "without a newline"]);
}

#[test]
fn refusals_name_what_is_wrong() {
    let seen = Seen::new();
    let (mut target, _) = target(subscribed(&seen, "late", wish("2022-07-01", 25, &http())));
    invoke(&mut target, "echo");
    drop(target);
    assert_eq!(
        (&seen.of("subscribed")[0]["status"], &seen.of("subscribed")[0]["body"]),
        (&json!(200), &json!("\"OK\""))
    );
    let again = seen.of("subscribed-again");
    assert_eq!((&again[0]["status"], &again[0]["body"]), (&json!(200), &json!("OK")), "idempotent");
    assert_eq!(again[1]["status"], 400, "the schema is not of the Logs API");
    let invalid = &seen.of("invalid")[0];
    assert_eq!((&invalid["status"], &invalid["body"]["errorType"]), (&json!(400), &json!("ValidationError")));
    let message = invalid["body"]["errorMessage"].as_str().unwrap();
    assert!(message.contains("types should not be empty; destination is missing"), "{message}");
    let unknown = &seen.of("unknown")[0];
    assert_eq!(unknown["status"], 403);
    assert_eq!(unknown["body"]["errorType"], "Extension.UnknownExtensionIdentifier");
    let late = &seen.of("late")[0];
    assert_eq!(late["status"], 403);
    assert_eq!(late["body"]["errorType"], "Telemetry.SubscriptionClosed");
    let subscribed = seen.telemetry();
    assert_eq!(of(&subscribed, "platform.telemetrySubscription").len(), 1);
}

#[test]
fn a_report_arrives_with_the_next_invocation_and_the_last_one_in_the_shutdown_phase() {
    let seen = Seen::new();
    let (mut target, _) = target(subscribed(&seen, "slow", wish("2022-07-01", 25, &http())));
    let reports = |seen: &Seen| of(&seen.telemetry(), "platform.report").len();
    invoke(&mut target, "echo");
    assert_eq!(reports(&seen), 0, "the sandbox is frozen before the batch is due");
    // The extension sleeps 300 ms in each invocation, longer than a batch waits.
    invoke(&mut target, "echo");
    assert_eq!(reports(&seen), 1);
    drop(target);
    assert_eq!(reports(&seen), 2);
}

#[test]
fn a_listener_that_fails_gets_its_events_again() {
    let seen = Seen::new();
    let (mut target, _) = target(|configuration| {
        configuration.variables = vec![("EXTENSION_FAILURES".into(), "2".into())];
        subscribed(&seen, "", wish("2022-07-01", 30_000, &http()))(configuration);
    });
    invoke(&mut target, "echo");
    drop(target);
    let batches = seen.of("telemetry");
    assert_eq!(batches.len(), 3, "two were refused");
    assert!(batches.iter().all(|batch| batch["events"] == batches[0]["events"]));
}

#[test]
fn a_batch_that_is_always_refused_is_dropped_and_counted() {
    let seen = Seen::new();
    let (mut target, _) = target(|configuration| {
        configuration.variables = vec![("EXTENSION_FAILURES".into(), "5".into())];
        subscribed(&seen, "slow", wish("2022-07-01", 25, &http()))(configuration);
    });
    for _ in 0..3 {
        invoke(&mut target, "echo");
    }
    drop(target);
    let batches = seen.of("telemetry");
    let first = batches[0]["events"].as_array().unwrap().len();
    assert!(batches[..5].iter().all(|batch| batch["events"] == batches[0]["events"]));
    let dropped = of(&seen.telemetry(), "platform.logsDropped")[0].clone();
    assert_eq!(dropped["droppedRecords"], first);
    assert!(dropped["reason"].as_str().unwrap().starts_with("Consumer seems to have fallen behind"));
}

#[test]
fn a_flood_that_the_listener_does_not_take_is_bounded_and_counted() {
    let seen = Seen::new();
    let (mut target, _) = target(subscribed(&seen, "hold", wish("2022-07-01", 25, &http())));
    let invocation = invoke(&mut target, "flood");
    assert!(invocation.function_error.is_none(), "{invocation:?}");
    drop(target);
    let events = seen.telemetry();
    let dropped: u64 =
        of(&events, "platform.logsDropped").iter().map(|it| it["droppedRecords"].as_u64().unwrap()).sum();
    // Every line of the flood was delivered or counted; the platform's events may be among the latter.
    let lines = of(&events, "function").len() as u64 - 1;
    assert!(dropped > 0 && lines + dropped >= 20_000, "{lines} lines, {dropped} dropped");
    assert!(lines + dropped <= 20_010, "{lines} lines, {dropped} dropped");
    let largest = seen.of("telemetry").iter().map(|batch| batch["bytes"].as_u64().unwrap()).max().unwrap();
    assert!(largest < 2 * 262_144, "{largest} bytes in one request");
}

#[test]
fn tcp_gets_one_event_a_line() {
    let seen = Seen::new();
    let (mut target, _) = target(|configuration| {
        configuration.variables = vec![("EXTENSION_PROTOCOL".into(), "TCP".into())];
        let destination = json!({"protocol": "TCP", "URI": "tcp://sandbox.localdomain:{port}"});
        subscribed(&seen, "slow", wish("2022-07-01", 25, &destination))(configuration);
    });
    invoke(&mut target, "echo");
    invoke(&mut target, "echo");
    assert_eq!(of(&seen.telemetry(), "platform.report").len(), 1);
}

#[test]
fn the_logs_api_has_its_older_events() {
    let seen = Seen::new();
    let (mut target, _) = target(|configuration| {
        configuration.variables = vec![("EXTENSION_TELEMETRY_PATH".into(), "/2020-08-15/logs".into())];
        let destination = json!({
            "protocol": "HTTP", "URI": "http://sandbox.localdomain:{port}", "method": "PUT",
        });
        subscribed(&seen, "", wish("2021-03-18", 30_000, &destination))(configuration);
    });
    invoke(&mut target, "echo");
    drop(target);
    assert_eq!(seen.of("telemetry")[0]["method"], "PUT");
    assert_eq!(seen.of("subscribed-again")[1]["status"], 400, "the schema is not of the Telemetry API");
    let events = seen.telemetry();
    let mut kinds = kinds(&events);
    let begin = kinds.iter().position(|kind| *kind == "platform.start").unwrap();
    let invocation = ["platform.start", "platform.runtimeDone", "platform.end", "platform.report"];
    assert_eq!(kinds.split_off(begin), invocation);
    assert!(
        kinds.contains(&"platform.logsSubscription") && kinds.contains(&"platform.extension"),
        "{kinds:?}"
    );
    assert!(!kinds.iter().any(|kind| kind.contains("init")), "{kinds:?}");
    assert!(of(&events, "platform.report")[0].get("status").is_none());
}

#[test]
fn lines_of_json_are_objects_from_the_second_schema_on() {
    let record = |schema: &str| {
        let seen = Seen::new();
        let (mut target, _) = target(|configuration| {
            configuration.variables = vec![("AWS_LAMBDA_LOG_FORMAT".into(), "JSON".into())];
            subscribed(&seen, "", wish(schema, 30_000, &http()))(configuration);
        });
        invoke(&mut target, "json");
        drop(target);
        of(&seen.telemetry(), "function")[1].clone()
    };
    let object = json!({"level": "INFO", "message": "hello"});
    assert_eq!(record("2025-01-29"), object);
    assert_eq!(record("2022-07-01"), json!("{\"level\":\"INFO\",\"message\":\"hello\"}\n"));
}

#[test]
fn failures_and_timeouts_have_their_status() {
    let of_last = |mode: &str| {
        let seen = Seen::new();
        let (mut target, _) = target(|configuration| {
            configuration.timeout = std::time::Duration::from_secs(1);
            subscribed(&seen, "", wish("2022-12-13", 30_000, &http()))(configuration);
        });
        invoke(&mut target, mode);
        drop(target);
        let events = seen.telemetry();
        let of = |kind: &str| of(&events, kind)[0].clone();
        let (done, report) = (of("platform.runtimeDone"), of("platform.report"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [text(&done["status"]), text(&done["errorType"]), text(&report["status"]), text(&report["errorType"])]
    };
    assert_eq!(of_last("error"), ["error", "Fixture.Error", "error", ""]);
    assert_eq!(of_last("exit"), ["failure", "Runtime.ExitError", "failure", "Runtime.ExitError"]);
    assert_eq!(of_last("hang"), ["timeout", "", "timeout", ""]);
}

/// The example `watcher`, an extension on AWS's crate.
fn watcher() -> PathBuf {
    let path = fixture().with_file_name("watcher");
    assert!(path.exists(), "{} is missing: cargo build -p lambda-meter --example watcher", path.display());
    path
}

#[test]
fn an_extension_on_awss_crate_reads_every_event() {
    let seen = Seen::new();
    let (mut target, log) = target(|configuration| {
        let file = seen.file().to_string_lossy().into_owned();
        configuration.variables = vec![("EXTENSION_LOG".to_owned(), file)];
        configuration.extend(&[], &[watcher()]).unwrap();
    });
    let first = invoke(&mut target, "log");
    let second = invoke(&mut target, "error");
    drop(target);
    assert!(log.text().contains("EXTENSION\tName: watcher\tState: Ready"), "{}", log.text());
    let lines = seen.all();
    let events: Vec<LambdaTelemetry> =
        lines.iter().filter_map(|line| serde_json::from_value(line.clone()).ok()).collect();
    let reports: Vec<(&str, &Status, u64)> = events
        .iter()
        .filter_map(|event| match &event.record {
            LambdaTelemetryRecord::PlatformReport { request_id, status, metrics, .. } => {
                Some((request_id.as_str(), status, metrics.billed_duration_ms))
            }
            _ => None,
        })
        .collect();
    let billed = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap();
    let expected = [
        (first.request_id.as_str(), &Status::Success, billed(first.billed_duration)),
        (second.request_id.as_str(), &Status::Error, billed(second.billed_duration)),
    ];
    assert_eq!(reports, expected);
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    for kind in [
        "platform.initStart",
        "platform.initRuntimeDone",
        "platform.initReport",
        "platform.extension",
        "platform.telemetrySubscription",
        "platform.start",
        "platform.runtimeDone",
        "function",
    ] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    let lifecycle: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    assert_eq!(lifecycle, ["INVOKE", "INVOKE", "SHUTDOWN"]);
}
