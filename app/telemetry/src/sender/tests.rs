//! The sender against a queue in memory that fails by plan.

use super::*;
use crate::message::Event;
use crate::settings::Limits;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// The answer of a [`Fake`] to one request.
#[derive(Clone, Copy)]
enum Plan {
    Take,
    /// Fails every second entry, which another attempt may bring through.
    HalfFails,
    /// Fails every second entry for good.
    HalfAtFault,
    /// Fails as a whole.
    Fail,
    /// Takes all and loses the answer.
    TakeAndFail,
    /// Refuses the content when the batch has a message of which the body contains `poison`.
    RefusePoison,
}

#[derive(Default)]
struct Fake {
    plan: Mutex<Vec<Plan>>,
    taken: Mutex<Vec<String>>,
    requests: Mutex<usize>,
}

impl Fake {
    fn new(plan: &[Plan]) -> Self {
        Self { plan: Mutex::new(plan.iter().rev().copied().collect()), ..Self::default() }
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

impl Transport for Arc<Fake> {
    async fn send(&self, batch: &[Message]) -> Result<Vec<Failure>, Trouble> {
        *self.requests.lock().unwrap() += 1;
        let mut plan = self.plan.lock().unwrap();
        let step =
            if plan.len() > 1 { plan.pop().unwrap() } else { plan.last().copied().unwrap_or(Plan::Take) };
        drop(plan);
        let trouble = |is_content| Err(Trouble { reason: "planned".to_owned(), is_content });
        let take = |messages: &mut dyn Iterator<Item = &Message>| {
            self.taken.lock().unwrap().extend(messages.map(|message| message.id.clone()));
        };
        let half = |at_fault| {
            let failure = |index| Failure { index, reason: "planned".to_owned(), at_fault };
            (1..batch.len()).step_by(2).map(failure).collect()
        };
        match step {
            Plan::Fail => return trouble(false),
            Plan::RefusePoison if batch.iter().any(|m| m.body.contains("poison")) => return trouble(true),
            Plan::HalfFails | Plan::HalfAtFault => {
                take(&mut batch.iter().step_by(2));
                return Ok(half(matches!(step, Plan::HalfAtFault)));
            }
            Plan::Take | Plan::RefusePoison => take(&mut batch.iter()),
            Plan::TakeAndFail => {
                take(&mut batch.iter());
                return trouble(false);
            }
        }
        Ok(Vec::new())
    }
}

fn event(record: &str) -> Event {
    let record = RawValue::from_string(format!("\"{record}\"")).unwrap();
    Event { kind: "test".to_owned(), time: String::new(), record }
}

/// Sends `events` events with a transport that follows a plan, to the end.
async fn run(plan: &[Plan], events: usize, poison: Option<usize>) -> (Arc<Fake>, Arc<Queue>) {
    let fake = Arc::new(Fake::new(plan));
    let queue = Arc::new(Queue::new(Limits::default(), "e".to_owned()));
    let sender = Sender::new(queue.clone(), fake.clone(), Runtime::default());
    for index in 0..events {
        queue.push(event(if poison == Some(index) { "poison" } else { "good" })).unwrap();
    }
    queue.close();
    sender.run().await;
    assert_eq!(queue.counts().waiting, 0);
    assert_eq!(queue.counts().bytes, 0);
    (fake, queue)
}

fn unique(ids: &[String]) -> BTreeSet<&String> {
    ids.iter().collect()
}

#[tokio::test(start_paused = true)]
async fn batches_have_ten_entries() {
    let (fake, queue) = run(&[Plan::Take], 1005, None).await;
    assert_eq!(fake.taken().len(), 1005);
    assert_eq!(*fake.requests.lock().unwrap(), 101);
    assert_eq!(queue.counts().sent, 1005);
}

#[tokio::test(start_paused = true)]
async fn failed_entries_and_requests_are_sent_again() {
    let plan = [Plan::Fail, Plan::HalfFails, Plan::HalfFails, Plan::Fail, Plan::Take];
    let (fake, queue) = run(&plan, 100, None).await;
    let taken = fake.taken();
    assert_eq!((taken.len(), unique(&taken).len()), (100, 100));
    assert_eq!(queue.counts().sent, 100);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_duplicates_of_the_same_identity() {
    let (fake, queue) = run(&[Plan::TakeAndFail, Plan::Take], 20, None).await;
    let taken = fake.taken();
    assert_eq!((taken.len(), unique(&taken).len()), (30, 20));
    assert_eq!(queue.counts().sent, 20);
}

#[tokio::test(start_paused = true)]
async fn entries_at_fault_are_dropped_and_told() {
    let (fake, queue) = run(&[Plan::HalfAtFault, Plan::Take], 10, None).await;
    // Five of the ten, and the event that tells of the other five.
    assert_eq!(fake.taken().len(), 6);
    assert_eq!((queue.counts().sent, queue.counts().dropped), (6, 5));
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_batch_loses_the_poison_only() {
    let (fake, queue) = run(&[Plan::RefusePoison], 30, Some(13)).await;
    assert_eq!(fake.taken().len(), 29 + 1);
    assert!(!fake.taken().contains(&"e-14".to_owned()));
    assert_eq!(queue.counts().dropped, 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_when_the_environment_shuts_down() {
    let fake = Arc::new(Fake::new(&[
        Plan::Fail,
        Plan::Fail,
        Plan::Fail,
        Plan::Fail,
        Plan::Fail,
        Plan::Fail,
        Plan::Take,
    ]));
    let queue = Arc::new(Queue::new(Limits { age: Duration::ZERO, ..Limits::default() }, "e".to_owned()));
    let sender = Arc::new(Sender::new(queue.clone(), fake.clone(), Runtime::default()));
    queue.push(event("good")).unwrap();
    let sends = tokio::spawn({
        let sender = sender.clone();
        async move { sender.run().await }
    });
    // Six attempts take less than two seconds, and the pause after the sixth at least 0.8 s.
    while *fake.requests.lock().unwrap() < 6 {
        sleep(Duration::from_millis(1)).await;
    }
    let before = Instant::now();
    queue.close();
    sends.await.unwrap();
    assert!(before.elapsed() <= LONGEST_LAST_PAUSE);
    assert_eq!(fake.taken().len(), 1);
}

#[test]
fn pauses_grow_to_a_bound() {
    for attempt in 0..40 {
        let whole = FIRST_PAUSE * (1 << attempt.min(16));
        let pause = jittered(attempt, LONGEST_PAUSE);
        assert!(pause >= whole.min(LONGEST_PAUSE) / 2 && pause <= whole.min(LONGEST_PAUSE));
    }
}
