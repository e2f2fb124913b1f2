//! The loop against a queue in memory.

use super::*;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A queue: messages that wait, ids that were deleted, and failures of the next calls.
#[derive(Default)]
struct Memory {
    waiting: Mutex<VecDeque<Record>>,
    deleted: Mutex<Vec<String>>,
    failures: AtomicUsize,
}

impl Memory {
    fn with(messages: usize) -> Arc<Self> {
        let record = |number: usize| {
            let id = format!("m{number}");
            Record { handle: format!("h{number}"), json: json!({"messageId": id, "body": "b"}), id }
        };
        Arc::new(Self { waiting: Mutex::new((0..messages).map(record).collect()), ..Self::default() })
    }
}

impl Source for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Record>, String> {
        assert!((1..=10).contains(&most) && wait <= LONG_POLL, "{most} {wait:?}");
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.fetch_sub(1, Ordering::Relaxed);
            return Err("out of order".to_owned());
        }
        let found: Vec<Record> = {
            let mut waiting = self.waiting.lock().unwrap();
            let count = most.min(waiting.len());
            waiting.drain(..count).collect()
        };
        if found.is_empty() {
            sleep(wait).await;
        }
        Ok(found)
    }

    async fn delete(&self, records: &[Record]) -> Result<(), String> {
        assert!(records.len() <= 10);
        self.deleted.lock().unwrap().extend(records.iter().map(|record| record.handle.clone()));
        Ok(())
    }
}

/// A function that keeps its events, and answers the same to each.
#[derive(Clone)]
struct Function {
    answer: Result<Vec<u8>, String>,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Function {
    fn new(answer: Result<&str, &str>) -> Self {
        let answer = answer.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned);
        Self { answer, events: Arc::default() }
    }

    /// Number of messages in each event.
    fn sizes(&self) -> Vec<usize> {
        let events = self.events.lock().unwrap();
        events.iter().map(|event| event["Records"].as_array().unwrap().len()).collect()
    }
}

impl Consumer for Function {
    async fn consume(&self, event: Value) -> Result<Vec<u8>, String> {
        self.events.lock().unwrap().push(event);
        self.answer.clone()
    }
}

fn plan(batch_size: usize, window: u64, partial: bool) -> Plan {
    Plan { batch_size, window: Duration::from_secs(window), partial, concurrency: 1 }
}

/// Polls for a minute of paused time.
fn run(queue: &Arc<Memory>, function: &Function, plan: Plan) -> Vec<String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let minute = Duration::from_secs(60);
        let _ = tokio::time::timeout(minute, poll(Arc::clone(queue), function.clone(), plan)).await;
    });
    let mut deleted = queue.deleted.lock().unwrap().clone();
    deleted.sort();
    deleted
}

#[test]
fn batches_have_the_asked_size_and_are_deleted_after_success() {
    let (queue, function) = (Memory::with(7), Function::new(Ok("")));
    assert_eq!(run(&queue, &function, plan(3, 0, true)).len(), 7);
    assert_eq!(function.sizes(), [3, 3, 1]);
}

#[test]
fn a_window_fills_batches_beyond_one_call() {
    let (queue, function) = (Memory::with(33), Function::new(Ok("null")));
    assert_eq!(run(&queue, &function, plan(25, 2, true)).len(), 33);
    assert_eq!(function.sizes(), [25, 8]);
}

#[test]
fn a_failed_function_deletes_nothing() {
    let (queue, function) = (Memory::with(2), Function::new(Err("the function failed")));
    assert!(run(&queue, &function, plan(10, 0, true)).is_empty());
    assert_eq!(function.sizes(), [2]);
}

#[test]
fn only_failed_messages_stay() {
    let answer = r#"{"batchItemFailures": [{"itemIdentifier": "m1"}]}"#;
    let (queue, function) = (Memory::with(3), Function::new(Ok(answer)));
    assert_eq!(run(&queue, &function, plan(10, 0, true)), ["h0", "h2"]);
    let (queue, function) = (Memory::with(3), Function::new(Ok(answer)));
    assert_eq!(run(&queue, &function, plan(10, 0, false)).len(), 3, "nobody asked for failures");
    let (queue, function) = (Memory::with(3), Function::new(Ok("{")));
    assert!(run(&queue, &function, plan(10, 0, true)).is_empty(), "an answer that cannot be read");
}

#[test]
fn a_queue_that_fails_is_tried_again() {
    let (queue, function) = (Memory::with(1), Function::new(Ok("")));
    queue.failures.store(4, Ordering::Relaxed);
    assert_eq!(run(&queue, &function, plan(10, 0, true)), ["h0"], "after 1, 2, 4 and 8 s");
}

#[test]
fn events_stay_below_the_limit_of_lambda() {
    let large = |number: usize| {
        let json = json!({"messageId": number.to_string(), "body": "x".repeat(2 << 20)});
        Record { id: number.to_string(), handle: number.to_string(), json }
    };
    let sizes: Vec<usize> = parts((0..5).map(large).collect()).iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    assert!(parts(Vec::new()).is_empty());
}
