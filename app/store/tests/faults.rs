//! A table that throttles, fails, loses answers and writes halves of batches: nothing measured is
//! lost, and nothing is stored twice.

use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use pi_observatory_store::dynamodb::Client;
use pi_observatory_store::dynamodb::config::retry::RetryConfig;
use pi_observatory_store::dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use pi_observatory_store::{Event, Kinds, Measurement, Put, Query, Retry, Source, Start, StoreError, Table};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The items of the fake table, and the faults to come.
#[derive(Default)]
struct Fake {
    items: BTreeMap<(String, String), Value>,
    /// Share of calls that fail, in percent.
    faults: u8,
    seed: u64,
    calls: u64,
    /// Items written over or beside an item with the same key.
    doubled: u64,
}

impl Fake {
    fn random(&mut self, below: u64) -> u64 {
        // Knuth's MMIX generator.
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn answer(&mut self, operation: &str, body: &Value) -> (u16, Value) {
        self.calls += 1;
        let fails = self.random(100) < u64::from(self.faults);
        let kind = self.random(3);
        if fails && kind == 0 {
            return refusal(400, "ProvisionedThroughputExceededException");
        }
        if fails && kind == 1 {
            return refusal(500, "InternalServerError");
        }
        let answer = match operation {
            "PutItem" => self.put(body),
            "BatchWriteItem" => self.batch(body),
            "Query" => self.query(body),
            other => panic!("{other} is not played"),
        };
        // The call had its effect, and its answer is lost.
        if fails { refusal(503, "ServiceUnavailable") } else { answer }
    }

    fn put(&mut self, body: &Value) -> (u16, Value) {
        let key = key(&body["Item"]);
        match self.items.get(&key) {
            Some(old) if !body["ConditionExpression"].is_null() => {
                let (status, mut answer) = refusal(400, "ConditionalCheckFailedException");
                answer["Item"] = old.clone();
                (status, answer)
            }
            _ => {
                self.store(&body["Item"]);
                (200, json!({}))
            }
        }
    }

    fn batch(&mut self, body: &Value) -> (u16, Value) {
        let requests = body["RequestItems"]["table"].as_array().unwrap().clone();
        assert!(requests.len() <= 25);
        let mut left = Vec::new();
        for request in requests {
            if self.random(100) < u64::from(self.faults) {
                left.push(request);
            } else {
                self.store(&request["PutRequest"]["Item"]);
            }
        }
        (
            200,
            json!({ "UnprocessedItems": if left.is_empty() { json!({}) } else { json!({ "table": left }) } }),
        )
    }

    fn store(&mut self, item: &Value) {
        let key = key(item);
        if let Some(old) = self.items.insert(key.clone(), item.clone()) {
            self.doubled += u64::from(key.0 != "*" && old != *item);
        }
    }

    fn query(&mut self, body: &Value) -> (u16, Value) {
        let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str().unwrap().to_owned();
        let after = body["ExclusiveStartKey"]["sample"]["S"].as_str().unwrap_or("").to_owned();
        let (partition, low, high) = (value(":partition"), value(":low"), value(":high"));
        let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
        let backwards = body["ScanIndexForward"] == false;
        let is_meant = |(function, sample): &(String, String)| {
            let goes_on = after.is_empty() || if backwards { *sample < after } else { *sample > after };
            *function == partition && *sample >= low && *sample <= high && goes_on
        };
        let mut found: Vec<&Value> =
            self.items.iter().filter(|(key, _)| is_meant(key)).map(|(_, item)| item).collect();
        if backwards {
            found.reverse();
        }
        found.truncate(limit);
        let last = found.get(limit - 1).map(|last| (last["function"].clone(), last["sample"].clone()));
        // A filter is applied to what the limit has left.
        let kind = body["ExpressionAttributeValues"][":kind"]["S"].as_str();
        found.retain(|item| match (body["FilterExpression"].as_str(), kind, item["kind"]["S"].as_str()) {
            (Some("#kind = :kind"), Some(kind), Some(own)) => own == kind,
            (Some("begins_with(#kind, :kind)"), Some(kind), Some(own)) => own.starts_with(kind),
            (Some("NOT begins_with(#kind, :kind)"), Some(kind), Some(own)) => !own.starts_with(kind),
            (None, ..) => true,
            other => panic!("{other:?} is not played"),
        });
        let mut answer = json!({ "Items": found });
        if let Some((function, sample)) = last {
            answer["LastEvaluatedKey"] = json!({ "function": function, "sample": sample });
        }
        (200, answer)
    }
}

fn refusal(status: u16, code: &str) -> (u16, Value) {
    (status, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "played" }))
}

fn key(item: &Value) -> (String, String) {
    let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
    (text("function"), text("sample"))
}

fn table(fake: &Arc<Mutex<Fake>>) -> Table {
    let fake = Arc::clone(fake);
    let http = infallible_client_fn(move |request| {
        let target = request.headers()["x-amz-target"].to_str().unwrap();
        let operation = target.rsplit('.').next().unwrap().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, answer) = fake.lock().unwrap().answer(&operation, &body);
        http::Response::builder().status(status).body(SdkBody::from(answer.to_string())).unwrap()
    });
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build();
    let retry = Retry { base: Duration::from_micros(1), cap: Duration::from_micros(2), ..Retry::default() };
    Table::new(Client::from_conf(config), "table", 400).with_retry(Retry { attempts: 30, ..retry })
}

fn measurement(number: u32) -> Measurement {
    Measurement {
        function: format!("pi-{}", number % 3),
        at: jiff::Timestamp::from_second(1_795_953_600 + i64::from(number / 30) * 60).unwrap(),
        id: format!("128-warm-{:02}", number % 30),
        source: Source::Recorder,
        start: Start::Warm,
        memory_mb: 128,
        duration_ms: f64::from(number) + 0.25,
        billed_ms: f64::from(number + 1),
        init_ms: None,
        used_mb: Some(12),
        usd: Some(2.5e-7),
        architecture: None,
        package: None,
        region: None,
        processor: None,
        revision: None,
        event: None,
        sha256: None,
        failure: None,
    }
}

async fn all(table: &Table) -> Vec<Measurement> {
    let mut found = Vec::new();
    for function in table.functions().await.unwrap() {
        let mut query = Query { limit: 77, ..Query::all_of(&function) };
        loop {
            let page = table.query(&query).await.unwrap();
            assert!(page.measurements.len() <= 77);
            found.extend(page.measurements);
            let Some(next) = page.next else { break };
            query.next = Some(next);
        }
    }
    found.sort_by(|a, b| a.duration_ms.total_cmp(&b.duration_ms));
    found
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_twice_are_ten_thousand_items() {
    let fake = Arc::new(Mutex::new(Fake { faults: 30, seed: 7, ..Fake::default() }));
    let table = table(&fake);
    let measurements: Vec<Measurement> = (0..10_000).map(measurement).collect();
    for it in &measurements[..1_000] {
        // A write whose answer is lost is stored, also where the next attempt finds it.
        assert_eq!(table.put(it).await.unwrap(), Put::Stored);
    }
    table.put_all(&measurements[1_000..]).await.unwrap();
    for it in measurements.iter().step_by(50) {
        assert_ne!(table.put(it).await.unwrap(), Put::Other, "a retried event stores nothing");
    }
    table.put_all(&measurements[500..5_500]).await.unwrap();
    assert_eq!(all(&table).await, measurements);
    let fake = fake.lock().unwrap();
    assert_eq!((fake.items.len(), fake.doubled), (10_003, 0), "three names, and every measurement once");
    assert!(fake.calls > 2_000, "{} calls", fake.calls);
}

fn event(number: u32) -> Event {
    Event {
        function: "pi-0".to_owned(),
        at: jiff::Timestamp::from_second(1_795_953_600 + i64::from(number)).unwrap(),
        id: format!("e-{number}"),
        kind: if number.is_multiple_of(300) { "order.placed" } else { "platform.start" }.to_owned(),
        record: number.to_string(),
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_events_have_the_chosen_kinds_once_and_in_order() {
    let fake = Arc::new(Mutex::new(Fake::default()));
    let table = table(&fake);
    let events: Vec<Event> = (0..6_000).map(event).collect();
    for it in &events {
        table.put_event(it).await.unwrap();
    }
    assert_eq!(table.functions().await.unwrap(), ["pi-0"]);
    for (kinds, limit) in [(Kinds::of("order."), 7), (Kinds::of("order.placed"), 1_000), (Kinds::All, 999)] {
        let mut query = Query { limit, ..Query::all_of("pi-0") };
        let mut found = Vec::new();
        loop {
            let page = table.events(&query, kinds).await.unwrap();
            assert!(page.events.len() <= usize::from(limit));
            found.extend(page.events);
            let Some(next) = page.next else { break };
            query.next = Some(next);
        }
        let expected: Vec<Event> = events.iter().filter(|it| kinds.has(&it.kind)).cloned().collect();
        assert_eq!(found, expected, "{kinds:?}");
    }
    let latest = table.latest_events(&Query::all_of("pi-0"), 2).await.unwrap();
    assert_eq!(latest, [event(5_400), event(5_700)]);
}

#[tokio::test(start_paused = true)]
async fn another_measurement_does_not_take_the_place_of_the_first() {
    let fake = Arc::new(Mutex::new(Fake::default()));
    let table = table(&fake);
    let first = measurement(1);
    let second = Measurement { duration_ms: 9.0, ..first.clone() };
    assert_eq!(table.put(&first).await.unwrap(), Put::Stored);
    assert_eq!(table.put(&first).await.unwrap(), Put::Same);
    assert_eq!(table.put(&second).await.unwrap(), Put::Other);
    assert_eq!(all(&table).await, [first]);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_written_is_named() {
    let fake = Arc::new(Mutex::new(Fake::default()));
    let table = table(&fake);
    let measurements: Vec<Measurement> = (0..30).map(measurement).collect();
    // The list of functions is written while the table still works.
    table.put_all(&measurements[..3]).await.unwrap();
    fake.lock().unwrap().faults = 100;
    let error = table.put(&measurements[3]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { operation: "PutItem", attempts: 30, .. }), "{error}");
    match table.put_all(&measurements).await.unwrap_err() {
        StoreError::Unwritten { unwritten, total: 30, .. } => assert_eq!(unwritten.len(), 30),
        other => panic!("{other}"),
    }
    fake.lock().unwrap().faults = 0;
    table.put_all(&measurements).await.unwrap();
    assert_eq!(all(&table).await, measurements);
}

#[tokio::test(start_paused = true)]
async fn pages_respect_times_and_their_function() {
    let fake = Arc::new(Mutex::new(Fake::default()));
    let table = table(&fake);
    let measurements: Vec<Measurement> = (0..300).map(measurement).collect();
    table.put_all(&measurements).await.unwrap();
    let time = |minute: i64| Some(jiff::Timestamp::from_second(1_795_953_600 + minute * 60).unwrap());
    let query = Query { since: time(2), until: time(4), limit: 7, ..Query::all_of("pi-1") };
    let page = table.query(&query).await.unwrap();
    assert_eq!(page.measurements.len(), 7);
    let more = Query { next: page.next.clone(), limit: 100, ..query.clone() };
    assert_eq!(table.query(&more).await.unwrap().measurements.len(), 13, "two minutes of ten");
    let stranger = Query { next: page.next, ..Query::all_of("pi-2") };
    assert!(matches!(table.query(&stranger).await, Err(StoreError::PageToken)));
    let latest = table.latest(&Query { limit: 9, ..Query::all_of("pi-1") }, 25).await.unwrap();
    assert_eq!((latest.len(), latest[24].clone()), (25, measurements[298].clone()));
}
