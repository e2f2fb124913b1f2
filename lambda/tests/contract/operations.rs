//! Operations and log lines.

use super::function::Function;
use serde_json::Value;
use std::fs;

fn event(name: &str) -> String {
    fs::read_to_string(format!("../events/operations/{name}.json")).unwrap()
}

#[test]
fn version_names_program_and_processor() {
    let mut function = Function::start(&[]);
    let response = function.respond(&event("version"));
    assert_eq!(
        (&response["name"], &response["version"]),
        (&"pi-spigot".into(), &env!("CARGO_PKG_VERSION").into())
    );
    assert_eq!((&response["arch"], &response["memory_mb"]), (&std::env::consts::ARCH.into(), &128.into()));
    assert_eq!(response["threads"], 1);
    for name in ["cpu", "simd"] {
        assert!(!response[name].as_str().unwrap().is_empty(), "{name}");
    }
    assert!(response["vcpus"].as_u64().unwrap() >= 1 && response.get("git_revision").is_some());
}

#[test]
fn an_unusable_simd_level_is_a_warning_in_the_log() {
    let elsewhere = if cfg!(target_arch = "x86_64") { "neon" } else { "avx2" };
    for name in ["avx9", elsewhere] {
        let mut function = Function::start(&[("PI_SIMD", name)]);
        let response = function.respond(&event("version"));
        function.respond(r#"{"digits": 10}"#);
        let log = function.log.text();
        let warnings: Vec<_> = log.lines().filter(|line| line.contains("PI_SIMD")).collect();
        let [warning] = warnings[..] else { panic!("one warning in {log}") };
        for part in ["WARN", name, "use one of", response["simd"].as_str().unwrap()] {
            assert!(warning.contains(part), "{part} in {warning}");
        }
    }
}

#[test]
fn the_self_test_measures_and_checks_digits() {
    let mut function = Function::start(&[]);
    let response = function.respond(&event("self-test"));
    assert_eq!(response["digits_correct"], true);
    assert!(response["sandbox_memory_mb"].as_u64().unwrap() > 100);
    assert!(response["speed_runs"].as_u64().unwrap() >= 1);
    for name in ["speed_first_ms", "speed_ms", "speed_relative"] {
        assert!(response[name].as_f64().unwrap() > 0.0, "{name} in {response}");
    }
}

#[test]
fn ranges_begin_where_they_are_told_and_digests_are_of_them() {
    let mut function = Function::start(&[]);
    let whole = function.respond(r#"{"digits": 2000}"#)["pi"].as_str().unwrap().replace('.', "");
    let response = function.respond(r#"{"digits": 50, "from": "1_001"}"#);
    assert_eq!((&response["pi"], &response["from"]), (&whole[1000..1050].into(), &1001.into()));
    let digest =
        function.respond(r#"{"digits": 50, "from": 1001, "output": "digest", "algorithm": "gibbons"}"#);
    assert_eq!((&digest["sha256"], &digest["first"]), (&response["sha256"], &response["pi"]));
    assert_eq!(function.respond(r#"{"digits": 3, "from": 2}"#)["pi"], "141");
    for (event, words) in [
        (r#"{"digits": 3, "from": 0}"#, "it is zero, and the leading 3 is at position 1;"),
        (r#"{"digits": 3, "from": 999999999999}"#, "the last digit would be behind position 1000000000000;"),
    ] {
        let (error_type, message) = function.refuse(event.as_bytes());
        assert_eq!(error_type, "InvalidFrom");
        assert!(message.contains(words) && message.contains("for example"), "{message}");
    }
}

#[test]
fn metrics_come_when_they_are_asked_for_and_in_their_format() {
    let mut function = Function::start(&[]);
    function.respond(r#"{"digits": 10}"#);
    assert!(!function.log.text().contains("_aws"));
    function.respond(r#"{"digits": 10, "metrics": true}"#);
    let log = function.log.text();
    let line = log.lines().find(|line| line.contains("_aws")).expect("a line of metrics");
    let metrics: Value = serde_json::from_str(line).unwrap();
    let directive = &metrics["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(
        (&directive["Namespace"], &directive["Dimensions"][0][0]),
        (&"pi-spigot".into(), &"algorithm".into())
    );
    for metric in directive["Metrics"].as_array().unwrap() {
        assert!(metrics[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
    }
    assert!(metrics["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
    let mut always = Function::start(&[("PI_METRICS", "1")]);
    always.respond(r#"{"digits": 10}"#);
    assert!(always.log.text().contains("_aws"));
}

#[test]
fn a_line_has_what_a_dashboard_needs() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    function.respond(r#"{"digits": 10, "from": 3}"#);
    function.respond(r#"{"digits": 10}"#);
    let log = function.log.text();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!((&lines[0]["cold"], &lines[1]["cold"]), (&true.into(), &false.into()));
    assert_eq!((&lines[0]["from"], &lines[0]["trigger"]), (&3.into(), &"direct".into()));
    for name in ["bytes", "duration_ms", "compute_ms"] {
        assert!(lines[0][name].is_number(), "{name} in {log}");
    }
    assert!(lines[0]["xrayTraceId"].as_str().unwrap().starts_with("Root="));
}
