//! 10,000 messages through a queue that delivers again and a table that fails: nothing is lost, nothing is
//! doubled, and poison ends in the dead letter queue.

use fastrand::Rng;
use pi_observatory_consumer::{Sink, SqsBatch, Stored, consume};
use pi_observatory_store::Put;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Deliveries of a message before the queue moves it to the dead letter queue.
const RECEIVES: usize = 50;

/// A table that refuses, loses answers and hangs, each time by chance.
struct Table {
    items: RefCell<BTreeMap<String, Stored>>,
    chance: RefCell<Rng>,
    written: RefCell<usize>,
}

impl Sink for Table {
    async fn store(&self, item: &Stored) -> Result<Put, String> {
        let chance = self.chance.borrow_mut().u32(0..10);
        match chance {
            0 | 1 => return Err("throttled".to_owned()),
            2 => sleep(Duration::from_secs(3600)).await,
            _ => sleep(Duration::from_millis(u64::from(chance))).await,
        }
        let key = match item {
            Stored::Measurement(it) => format!("{} {} {}", it.function, it.at, it.id),
            Stored::Event(it) => format!("events/{} {} {}", it.function, it.at, it.id),
        };
        let mut items = self.items.borrow_mut();
        let put = match items.get(&key) {
            None => {
                *self.written.borrow_mut() += 1;
                items.insert(key, item.clone());
                Put::Stored
            }
            Some(old) if old == item => Put::Same,
            Some(_) => Put::Other,
        };
        if chance == 3 { Err("the answer is lost".to_owned()) } else { Ok(put) }
    }
}

/// The body of message `number`: reports and events in turn, and poison at every thousandth.
fn body(number: usize) -> String {
    let record = match number % 3 {
        _ if number % 1000 == 999 => return "poison".to_owned(),
        0 => json!({"requestId": format!("r{number}"), "status": "success",
            "metrics": {"durationMs": 1.5, "billedDurationMs": 2, "memorySizeMB": 128}}),
        _ => json!(number),
    };
    let kind = if number.is_multiple_of(3) { "platform.report" } else { "n" };
    json!({"id": format!("e-{number}"), "type": kind, "time": "2026-11-29T12:00:00Z",
        "function": {"name": "pi", "architecture": "x86_64"}, "record": record})
    .to_string()
}

/// An event of SQS with some messages.
fn event(messages: &[(usize, usize)]) -> SqsBatch {
    let records: Vec<Value> = messages
        .iter()
        .map(|(number, _)| json!({"messageId": format!("m-{number}"), "body": body(*number)}))
        .collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_messages_are_stored_once() {
    const MESSAGES: usize = 10_000;
    let mut rng = Rng::with_seed(29);
    let table =
        Table { items: RefCell::default(), chance: RefCell::new(rng.fork()), written: RefCell::default() };
    // Number and receives of each message; every seventh was sent twice.
    let mut queue: VecDeque<(usize, usize)> = (0..MESSAGES).map(|number| (number, 0)).collect();
    queue.extend((0..MESSAGES).step_by(7).map(|number| (number, 0)));
    let mut dead = BTreeSet::new();
    let mut invocations = 0;
    while !queue.is_empty() {
        let count = rng.usize(1..=50).min(queue.len());
        let batch: Vec<(usize, usize)> = queue.drain(..count).collect();
        invocations += 1;
        let deadline = Instant::now() + Duration::from_secs(10);
        let outcome = consume(event(&batch), &table, deadline).await;
        assert!(Instant::now() <= deadline + Duration::from_millis(1));
        let response = serde_json::to_value(outcome.response()).unwrap();
        let failed: BTreeSet<&str> = response["batchItemFailures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failure| failure["itemIdentifier"].as_str().unwrap())
            .collect();
        assert!(outcome.stored + outcome.known + outcome.failures.len() == count);
        for (number, receives) in batch {
            if !failed.contains(format!("m-{number}").as_str()) {
                continue;
            }
            if receives + 1 == RECEIVES {
                dead.insert(number);
            } else {
                queue.push_back((number, receives + 1));
            }
        }
    }
    assert!(dead.iter().copied().eq((999..MESSAGES).step_by(1000)), "poison, and nothing else: {dead:?}");
    assert_eq!(table.items.borrow().len(), MESSAGES - 10);
    assert_eq!(*table.written.borrow(), MESSAGES - 10);
    println!("{MESSAGES} messages, {invocations} invocations, {} items, {} dead", MESSAGES - 10, dead.len());
}

/// No answer could name such a record, so that the invocation fails and the batch comes again.
#[test]
fn a_record_without_an_identity_is_no_event_of_sqs() {
    let error = serde_json::from_value::<SqsBatch>(json!({"Records": [{"body": "{}"}]})).unwrap_err();
    assert!(error.to_string().contains("messageId"), "{error}");
}

/// The event that AWS documents, with attributes and all.
#[tokio::test(start_paused = true)]
async fn an_event_of_sqs_is_read_with_all_its_fields() {
    let table = Table {
        items: RefCell::default(),
        chance: RefCell::new(Rng::with_seed(1)),
        written: RefCell::default(),
    };
    let event = json!({"Records": [{"messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...", "body": "Test message.",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": "1545082649185"},
        "messageAttributes": {"my": {"stringValue": "100", "stringListValues": [], "binaryListValues": [],
            "dataType": "Number"}},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue", "awsRegion": "us-east-2"}]});
    let event: SqsBatch = serde_json::from_value(event).unwrap();
    let outcome = consume(event, &table, Instant::now() + Duration::from_secs(1)).await;
    let response = serde_json::to_value(outcome.response()).unwrap();
    let expected = json!([{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]);
    assert_eq!(response["batchItemFailures"], expected);
    assert!(outcome.failures[0].1.starts_with("no message of pi-telemetry"));
}
