//! The routes against a shelf in memory.

use super::*;
use crate::events::tests::event as told;
use crate::request::tests::event;
use pi_observatory_store::{Source, Start};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
struct Memory {
    items: RefCell<BTreeMap<String, Measurement>>,
    events: Vec<Event>,
    is_broken: bool,
}

impl Memory {
    fn check(&self) -> Result<(), StoreError> {
        if !self.is_broken {
            return Ok(());
        }
        let problem = "<script>arn:aws:secret".to_owned();
        Err(StoreError::Unavailable { operation: "Query", table: "t".to_owned(), attempts: 9, problem })
    }
}

impl Shelf for Memory {
    async fn put(&self, measurement: &Measurement) -> Result<Put, StoreError> {
        self.check()?;
        let key = format!("{} {} {}", measurement.function, measurement.at, measurement.id);
        match self.items.borrow_mut().entry(key) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(measurement.clone());
                Ok(Put::Stored)
            }
            taken => match taken {
                std::collections::btree_map::Entry::Occupied(it) if it.get() == measurement => Ok(Put::Same),
                _ => Ok(Put::Other),
            },
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        self.check()?;
        if query.next.as_deref() == Some("bad") {
            return Err(StoreError::PageToken);
        }
        let measurements = self.latest(query, usize::from(query.limit)).await?;
        Ok(Page { measurements, next: Some("more".to_owned()) })
    }

    async fn latest(&self, query: &Query, most: usize) -> Result<Vec<Measurement>, StoreError> {
        self.check()?;
        let items = self.items.borrow();
        let of_function = items.values().filter(|it| it.function == query.function);
        Ok(of_function
            .filter(|it| query.since.is_none_or(|since| it.at >= since))
            .take(most)
            .cloned()
            .collect())
    }

    async fn events(&self, query: &Query, kinds: Kinds<'_>) -> Result<EventPage, StoreError> {
        self.check()?;
        let of_function = self.events.iter().filter(|it| it.function == query.function);
        let events = of_function.filter(|it| kinds.has(&it.kind)).cloned().collect();
        Ok(EventPage { events, next: Some("more".to_owned()) })
    }

    async fn latest_events(&self, query: &Query, most: usize) -> Result<Vec<Event>, StoreError> {
        let mut events = self.events(query, Kinds::Own).await?.events;
        events.drain(..events.len().saturating_sub(most));
        Ok(events)
    }

    async fn functions(&self) -> Result<Vec<String>, StoreError> {
        self.check()?;
        let mut names: Vec<String> = self.items.borrow().values().map(|it| it.function.clone()).collect();
        names.dedup();
        Ok(names)
    }
}

/// A measurement of a caller.
pub(crate) fn measurement() -> Measurement {
    Measurement {
        function: "pi-arm64".to_owned(),
        at: "2026-11-29T12:00:00Z".parse().unwrap(),
        id: "1".to_owned(),
        source: Source::Caller,
        start: Start::Warm,
        memory_mb: 128,
        duration_ms: 1.25,
        billed_ms: 2.0,
        init_ms: None,
        used_mb: None,
        usd: None,
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

async fn send(shelf: &Memory, event: &Value) -> (u16, Value) {
    let reply = serve(&Request::read(event).unwrap(), shelf, "2026-11-29T13:00:00Z".parse().unwrap()).await;
    assert_eq!(reply.to_event()["statusCode"], reply.status);
    (reply.status, serde_json::from_str(&reply.body).unwrap_or_default())
}

fn post(value: &Value) -> Value {
    event("POST", "/measurements", &value.to_string())
}

#[tokio::test]
async fn a_measurement_is_stored_once() {
    let shelf = Memory::default();
    let first = json!(measurement());
    assert_eq!(send(&shelf, &post(&first)).await.0, 201);
    assert_eq!(send(&shelf, &post(&first)).await.0, 200, "the same again");
    let mut other = first;
    other["duration_ms"] = json!(9);
    let (status, body) = send(&shelf, &post(&other)).await;
    assert_eq!((status, &body["field"], &body["errorType"]), (409, &json!("id"), &json!("Exists")));
    let (status, page) = send(&shelf, &event("GET", "/measurements?function=pi-arm64&limit=1", "")).await;
    assert_eq!((status, &page["next"]), (200, &json!("more")));
    assert_eq!(page["measurements"], json!([measurement()]));
}

#[tokio::test]
async fn events_are_paged_by_kind_and_the_report_has_those_of_functions() {
    let events = vec![
        told(1, "platform.start", "{}"),
        told(2, "order.placed", "{\"price\": 3.10}"),
        told(3, "telemetry.dropped", "{\"events\":1}"),
    ];
    let shelf = Memory { events, ..Memory::default() };
    send(&shelf, &post(&json!(measurement()))).await;
    let get = |query: &str| event("GET", &format!("/events?{query}"), "");
    let (status, page) = send(&shelf, &get("function=pi-arm64&kind=order.placed")).await;
    let expected = json!({"function": "pi-arm64", "at": "2026-11-29T12:00:02Z", "id": "e-2",
        "kind": "order.placed", "record": {"price": 3.1}});
    assert_eq!((status, &page["events"], &page["next"]), (200, &json!([expected]), &json!("more")));
    for (query, count) in [("", 3), ("&kind=platform.", 1), ("&kind=platform", 0)] {
        let (status, page) = send(&shelf, &get(&format!("function=pi-arm64{query}"))).await;
        assert_eq!((status, page["events"].as_array().unwrap().len()), (200, count), "{query}");
    }
    let request = Request::read(&event("GET", "/", "")).unwrap();
    let page = serve(&request, &shelf, "2026-11-29T13:00:00Z".parse().unwrap()).await.body;
    assert!(page.contains("<td>order.placed</td>") && page.contains("telemetry.dropped"));
    assert!(!page.contains("platform.start"));
}

#[tokio::test]
async fn every_refusal_names_its_field() {
    let shelf = Memory::default();
    let mut missing = json!(measurement());
    missing.as_object_mut().unwrap().remove("billed_ms");
    let mut typed = event("POST", "/measurements", "{}");
    typed["headers"]["content-type"] = json!("text/plain");
    let mut packed = post(&json!(measurement()));
    packed["headers"]["content-encoding"] = json!("gzip");
    let mut garbled = post(&json!(measurement()));
    garbled["isBase64Encoded"] = json!(true);
    let get = |query: &str| event("GET", &format!("/measurements?{query}"), "");
    let cases = [
        (event("POST", "/measurements", ""), 400, json!("body")),
        (event("POST", "/measurements", "<script>"), 400, json!("body")),
        (event("POST", "/measurements", "[1,2]"), 400, json!("body")),
        (post(&missing), 400, json!("billed_ms")),
        (event("POST", "/measurements", &" ".repeat(MOST_BYTES + 1)), 413, json!("body")),
        (typed, 415, json!("content-type")),
        (packed, 415, json!("content-encoding")),
        (garbled, 400, json!("body")),
        (get(""), 400, json!("function")),
        (get("function=a&since=noon"), 400, json!("since")),
        (get("function=a&limit=0"), 400, json!("limit")),
        (get("function=a&limit=1001"), 400, json!("limit")),
        (get("function=a&next=bad"), 400, json!("next")),
        (get("function=a&colour=red"), 400, json!("colour")),
        (get("function=a&function=b"), 400, json!("function")),
        (event("GET", "/events", ""), 400, json!("function")),
        (event("GET", "/events?function=a&days=1", ""), 400, json!("days")),
        (event("POST", "/events", ""), 405, Value::Null),
        (event("GET", "/?days=0", ""), 400, json!("days")),
        (event("DELETE", "/measurements", ""), 405, Value::Null),
        (event("POST", "/", ""), 405, Value::Null),
        (event("GET", "/other", ""), 404, Value::Null),
    ];
    for (event, expected, field) in cases {
        let (status, body) = send(&shelf, &event).await;
        assert_eq!((status, &body["field"]), (expected, &field), "{body}");
        assert!(body["errorMessage"].is_string() && body["errorType"].is_string());
    }
    assert!(shelf.items.borrow().is_empty());
}

#[tokio::test]
async fn a_base64_body_is_the_body() {
    use base64::Engine;
    let mut event = post(&json!(measurement()));
    let body = event["body"].as_str().unwrap().to_owned();
    event["body"] = json!(base64::prelude::BASE64_STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(send(&Memory::default(), &event).await.0, 201);
}

#[tokio::test]
async fn a_failing_table_is_named_in_the_log_only() {
    let shelf = Memory { is_broken: true, ..Memory::default() };
    for event in
        [post(&json!(measurement())), event("GET", "/", ""), event("GET", "/measurements?function=a", "")]
    {
        let (status, body) = send(&shelf, &event).await;
        assert_eq!((status, &body["errorType"]), (503, &json!("Unavailable")));
        assert!(!body.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn the_report_may_load_nothing() {
    let shelf = Memory::default();
    send(&shelf, &post(&json!(measurement()))).await;
    let request = Request::read(&event("GET", "/", "")).unwrap();
    let reply = serve(&request, &shelf, "2026-11-29T13:00:00Z".parse().unwrap()).await;
    assert!(reply.body.contains("<h1>pi-arm64</h1>"));
    let policy = &reply.to_event()["headers"]["content-security-policy"];
    assert!(policy.as_str().unwrap().starts_with("default-src 'none'"));
    let head = Request { method: "HEAD".to_owned(), ..request };
    assert_eq!(serve(&head, &shelf, Timestamp::UNIX_EPOCH).await.body, "");
}
