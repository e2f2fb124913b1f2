use super::*;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

const AGE: Duration = Duration::from_secs(5);

fn event(record_bytes: usize) -> Event {
    let record = format!("\"{}\"", "r".repeat(record_bytes));
    Event { kind: "test".to_owned(), time: String::new(), record: RawValue::from_string(record).unwrap() }
}

fn queue(events: usize) -> Arc<Queue> {
    let limits = Limits { events, bytes: 100_000, age: AGE, batch_bytes: 20_000 };
    Arc::new(Queue::new(limits, "e".to_owned()))
}

fn ids(batch: &[Numbered]) -> Vec<&str> {
    batch.iter().map(|numbered| numbered.id.as_str()).collect()
}

fn sizes(batch: &[Numbered]) -> impl Iterator<Item = usize> {
    batch.iter().map(|numbered| numbered.size)
}

/// A batch that must be due at the time that the test has stopped.
async fn due_now(queue: &Queue) -> Vec<Numbered> {
    let before = Instant::now();
    let batch = queue.batch().await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO, "the batch was not due");
    batch
}

#[tokio::test(start_paused = true)]
async fn ten_events_are_due_at_once_and_fewer_when_they_are_old() {
    let queue = queue(100);
    for _ in 0..13 {
        queue.push(event(1)).unwrap();
    }
    assert_eq!(due_now(&queue).await.len(), 10);
    let before = Instant::now();
    assert_eq!(ids(&queue.batch().await.unwrap()), ["e-11", "e-12", "e-13"]);
    assert_eq!(before.elapsed(), AGE);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_sender_is_woken_by_a_full_batch() {
    let queue = queue(100);
    let waits = tokio::spawn({
        let queue = queue.clone();
        async move { queue.batch().await }
    });
    tokio::task::yield_now().await;
    let before = Instant::now();
    for _ in 0..10 {
        queue.push(event(1)).unwrap();
    }
    assert_eq!(waits.await.unwrap().unwrap().len(), 10);
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn bytes_of_a_batch_are_bounded() {
    let queue = queue(100);
    for _ in 0..5 {
        queue.push(event(8000)).unwrap();
    }
    for expected in [2, 2] {
        let batch = due_now(&queue).await;
        assert_eq!(batch.len(), expected);
        assert!(sizes(&batch).sum::<usize>() <= 20_000);
    }
    assert_eq!(queue.batch().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn drops_are_counted_and_told_once() {
    let queue = queue(12);
    for _ in 0..12 {
        queue.push(event(1)).unwrap();
    }
    assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
    assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
    assert_eq!(queue.push(event(30_000)), Err(Reason::TooLarge));
    let batch = due_now(&queue).await;
    assert_eq!(batch.len(), 10);
    assert_eq!(batch[0].event.kind, DROPPED);
    let record: serde_json::Value = serde_json::from_str(batch[0].event.record.get()).unwrap();
    assert_eq!(record["events"], 3);
    assert_eq!(record["reasons"], serde_json::json!({"queueFull": 2, "tooLarge": 1}));
    // Events that are being sent still take their room.
    assert_eq!(queue.push(event(1)), Err(Reason::QueueFull));
    queue.sent(sizes(&batch));
    queue.push(event(1)).unwrap();
    assert_eq!(queue.counts().sent, 10);
    assert_eq!(queue.counts().dropped, 4);
    let rest = queue.batch().await.unwrap();
    assert_eq!(rest[0].event.kind, DROPPED);
    assert_eq!(rest.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn drops_alone_are_told_too() {
    let queue = queue(100);
    assert_eq!(queue.push(event(30_000)), Err(Reason::TooLarge));
    let batch = queue.batch().await.unwrap();
    assert_eq!((batch.len(), batch[0].event.kind.as_str()), (1, DROPPED));
    queue.refused(batch[0].size);
    assert_eq!(queue.counts().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn bytes_in_all_are_bounded() {
    let queue = queue(1000);
    let taken = (0..20).filter(|_| queue.push(event(9000)).is_ok()).count();
    assert_eq!(taken, 10);
    assert!(queue.counts().bytes <= 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_hurried_queue_gives_all_and_a_closed_one_ends() {
    let queue = queue(100);
    queue.push(event(1)).unwrap();
    queue.hurry();
    queue.hurried().await;
    assert_eq!(ids(&due_now(&queue).await), ["e-1"]);
    queue.push(event(1)).unwrap();
    assert_eq!(ids(&due_now(&queue).await), ["e-2"]);
    queue.push(event(1)).unwrap();
    queue.close();
    assert_eq!(ids(&due_now(&queue).await), ["e-3"]);
    assert!(queue.batch().await.is_none());
}
