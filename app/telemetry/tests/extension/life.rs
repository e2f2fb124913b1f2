//! The extension's life in an environment.

use crate::client;
use crate::lambda::{Lambda, PLENTY, log};
use crate::queue::{Fault, Sqs};
use hyper::StatusCode;
use serde_json::{Value, json};

/// Records of an invocation as the Telemetry API delivers them.
fn records(request_id: &str) -> Value {
    let time = "2026-11-29T12:00:00.000Z";
    json!([
        {"time": time, "type": "platform.start", "record": {"requestId": request_id, "version": "$LATEST"}},
        {"time": time, "type": "platform.extension", "record": {"name": "pi-telemetry", "state": "Ready"}},
        {"time": time, "type": "platform.runtimeDone", "record":
            {"requestId": request_id, "status": "success"}},
        {"time": time, "type": "platform.report", "record": {"requestId": request_id, "status": "success",
            "metrics": {"durationMs": 1.5, "billedDurationMs": 2,
            "memorySizeMB": 128, "maxMemoryUsedMB": 9}}},
    ])
}

fn kinds(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn reports_and_events_arrive_when_the_environment_ends() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let lambda = Lambda::start(&sqs, &[]).await;
    let seen = lambda.until(|_| true).await;
    assert_eq!(
        seen.registered.unwrap(),
        ("pi-telemetry".to_owned(), json!({"events": ["INVOKE", "SHUTDOWN"]}))
    );
    assert_eq!(seen.subscribed.unwrap()["types"], json!(["platform"]));

    lambda.invoke("r1").await;
    let event = json!({"type": "order.placed", "record": {"price": 3}}).to_string();
    let (status, answer) = client::post(lambda.port, "/events", event).await;
    assert_eq!((status, answer), (StatusCode::ACCEPTED, json!({"accepted": 1})));
    lambda.deliver(&records("r1")).await;
    let output = lambda.shut_down().await;

    assert_eq!(log(&output), "", "an extension without trouble prints nothing");
    let messages = sqs.messages();
    assert_eq!(
        kinds(&messages),
        ["order.placed", "platform.start", "platform.runtimeDone", "platform.report"]
    );
    assert_eq!(messages[0]["record"], json!({"price": 3}));
    assert_eq!(messages[3]["record"]["metrics"]["durationMs"], 1.5);
    assert_eq!(messages[3]["function"]["name"], "function");
    assert_eq!(messages[3]["function"]["memory_mb"], 128);
}

#[tokio::test]
async fn the_report_that_comes_after_the_announced_end_arrives_too() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let lambda = Lambda::start(&sqs, &[("PI_TELEMETRY_EVENTS", "platform.report")]).await;
    lambda.invoke("r1").await;
    lambda.announce_shutdown(PLENTY);
    lambda.deliver(&records("r1")).await;
    lambda.ended().await;
    assert_eq!(kinds(&sqs.messages()), ["platform.report"]);
}

#[tokio::test]
async fn a_thousand_events_are_flushed_at_the_end() {
    let sqs = Sqs::start(|_| Fault::None).await;
    // Nothing is due before the end but full batches.
    let lambda = Lambda::start(&sqs, &[("PI_TELEMETRY_MAX_AGE_MS", "900000")]).await;
    for first in (0..1005).step_by(15) {
        let events: Vec<Value> = (first..first + 15).map(|n| json!({"type": "n", "record": n})).collect();
        client::post(lambda.port, "/events", json!(events).to_string()).await;
    }
    let output = lambda.shut_down().await;
    assert_eq!(log(&output), "");
    let mut numbers: Vec<u64> =
        sqs.messages().iter().map(|message| message["record"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..1005));
    assert!(sqs.read(|content| content.breaches.is_empty()));
}

#[tokio::test]
async fn a_queue_that_never_answers_costs_the_events_and_not_the_environment() {
    let sqs = Sqs::start(|_| Fault::Break).await;
    let lambda = Lambda::start(&sqs, &[]).await;
    client::post(lambda.port, "/events", json!({"type": "a"}).to_string()).await;
    lambda.announce_shutdown(500);
    let output = lambda.ended().await;
    assert!(log(&output).contains("1 events lost at shutdown (spindown)"), "{}", log(&output));
}

#[tokio::test]
async fn without_a_queue_the_extension_waits_for_the_end_and_says_why() {
    let lambda = Lambda::start_with(StatusCode::OK, &[]).await;
    let seen = lambda.until(|_| true).await;
    assert_eq!(seen.registered.unwrap().1, json!({"events": ["SHUTDOWN"]}));
    assert!(seen.subscribed.is_none());
    let output = lambda.shut_down().await;
    let expected =
        "pi-telemetry: sends nothing, the function runs as without it: PI_TELEMETRY_QUEUE_URL is not set";
    assert!(log(&output).starts_with(expected), "{}", log(&output));
}

#[tokio::test]
async fn without_a_telemetry_api_events_of_the_function_are_sent() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let url = format!("http://127.0.0.1:{}/123456789012/telemetry", sqs.port);
    let endpoint = format!("http://127.0.0.1:{}", sqs.port);
    let settings = [("PI_TELEMETRY_QUEUE_URL", url.as_str()), ("AWS_ENDPOINT_URL", &endpoint)];
    for (status, expected) in [
        (StatusCode::ACCEPTED, "there is no Telemetry API here"),
        (StatusCode::FORBIDDEN, "the Telemetry API refused the subscription"),
    ] {
        let lambda = Lambda::start_with(status, &settings).await;
        lambda.invoke("r1").await;
        client::post(lambda.port, "/events", json!({"type": "a"}).to_string()).await;
        let output = lambda.shut_down().await;
        assert!(log(&output).contains(expected), "{}", log(&output));
    }
    assert_eq!(kinds(&sqs.messages()), ["a", "a"]);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_reports_are_sent() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let taken = sqs.port.to_string();
    let lambda = Lambda::start(&sqs, &[("PI_TELEMETRY_PORT", &taken)]).await;
    lambda.invoke("r1").await;
    lambda.deliver(&records("r1")).await;
    let output = lambda.shut_down().await;
    assert!(log(&output).contains("set PI_TELEMETRY_PORT to a free port"), "{}", log(&output));
    assert_eq!(sqs.messages().len(), 3);
}

#[test]
fn outside_of_lambda_the_extension_says_what_it_is() {
    let program = env!("CARGO_BIN_EXE_pi-telemetry");
    let output = std::process::Command::new(program).env_remove("AWS_LAMBDA_RUNTIME_API").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("AWS_LAMBDA_RUNTIME_API is not set"));
}
