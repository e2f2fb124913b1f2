//! Faults of SQS: nothing is lost, duplicates have the same `id`, drops are counted and told.

use crate::client::post;
use crate::lambda::Lambda;
use crate::queue::{Fault, Sqs};
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A fault for a third of the requests, in an order that looks like chance and is the same in every run.
fn mixed(request: usize) -> Fault {
    let mixed = (request as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    match mixed % 30 {
        0 | 1 => Fault::Throttle,
        2 | 3 => Fault::Internal,
        4..=6 => Fault::Half,
        7 => Fault::TakeAndBreak,
        8 => Fault::Break,
        9 => Fault::Restart,
        10 if request.is_multiple_of(7) => Fault::TakeAndHang,
        _ => Fault::None,
    }
}

/// Messages by `id`; all messages of one `id` must be the same.
fn by_id(sqs: &Sqs) -> HashMap<String, Value> {
    let mut all: HashMap<String, Value> = HashMap::new();
    for message in sqs.messages() {
        let id = message["id"].as_str().unwrap().to_owned();
        if let Some(earlier) = all.insert(id, message.clone()) {
            assert_eq!(earlier, message);
        }
    }
    all
}

#[tokio::test]
async fn ten_thousand_events_outlive_every_fault() {
    const EVENTS: u64 = 10_000;
    let sqs = Sqs::start(mixed).await;
    let settings = [
        ("PI_TELEMETRY_TIMEOUT_MS", "200"),
        ("PI_TELEMETRY_MAX_EVENTS", "10000"),
        ("PI_TELEMETRY_MAX_BYTES", "33554432"),
    ];
    let lambda = Lambda::start(&sqs, &settings).await;
    for first in (0..EVENTS).step_by(100) {
        let events: Vec<Value> = (first..first + 100).map(|n| json!({"type": "n", "record": n})).collect();
        let (status, _) = post(lambda.port, "/events", json!(events).to_string()).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    lambda.until_status(|status| status["sent"] == EVENTS).await;
    lambda.shut_down().await;

    let messages = by_id(&sqs);
    let mut numbers: Vec<u64> =
        messages.values().map(|message| message["record"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..EVENTS), "every event is there once");
    let (arrived, requests) = sqs.read(|content| (content.bodies.len(), content.requests));
    assert!(arrived as u64 > EVENTS, "answers were lost, so that messages came twice");
    assert!(requests as u64 > EVENTS / 10 * 5 / 4, "faults made {requests} requests of {}", EVENTS / 10);
    assert!(sqs.read(|content| content.breaches.is_empty()));
    println!("{EVENTS} events, {requests} requests, {arrived} messages");
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_tells_its_drops() {
    let works = Arc::new(AtomicBool::new(false));
    let switch = works.clone();
    let sqs =
        Sqs::start(move |_| if switch.load(Ordering::Relaxed) { Fault::None } else { Fault::Throttle }).await;
    let lambda = Lambda::start(&sqs, &[("PI_TELEMETRY_MAX_EVENTS", "1000")]).await;
    let mut dropped = 0;
    for _ in 0..15 {
        let events: Vec<Value> = (0..100).map(|n| json!({"type": "n", "record": n})).collect();
        let (status, answer) = post(lambda.port, "/events", json!(events).to_string()).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer["error"]["code"], "QueueFull");
            dropped += answer["dropped"].as_u64().unwrap();
        }
    }
    assert_eq!(dropped, 500);
    works.store(true, Ordering::Relaxed);
    lambda.until_status(|status| status["waiting"] == 0).await;
    lambda.shut_down().await;
    let messages = by_id(&sqs);
    let told: u64 = messages.values().filter_map(|message| message["record"]["events"].as_u64()).sum();
    assert_eq!(told, dropped);
    assert_eq!(messages.values().filter(|message| message["type"] == "n").count(), 1000);
}
