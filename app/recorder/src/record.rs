//! All functions of a plan, each sample stored as soon as it is taken.

use crate::measure::Meter;
use crate::plan::Plan;
use jiff::SignedDuration;
use pi_observatory_store::{Measurement, Put, Query, StoreError, Table};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::spawn_blocking;

/// Samples that may wait for the table while the next is taken.
const QUEUE: usize = 64;

/// The result of an event.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Time of the measurement.
    pub at: String,
    /// Samples taken and stored.
    pub stored: usize,
    /// Samples that an earlier attempt of the event had stored.
    pub known: usize,
    /// Samples of invocations that failed; they are stored too.
    pub failures: usize,
    /// USD spent on invocations.
    pub usd: f64,
}

/// An event that is not done. Its retry takes what is missing.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} of the measurement's parts failed after {} samples were stored: {}; the event can be sent again, \
     and takes what is missing",
    problems.len(), outcome.stored, problems.join("; ")
)]
pub struct Failed {
    /// The parts that are done.
    pub outcome: Outcome,
    /// The problems, one for each function or sample.
    pub problems: Vec<String>,
}

/// Ids of the samples that the table has, by function.
type Known = BTreeMap<String, BTreeSet<String>>;

/// Carries out a plan, and returns before `deadline`.
///
/// A sample that the table does not take is written to the log as JSON, so that it is not lost.
///
/// # Errors
///
/// [`Failed`] with a problem for each function that could not be measured, and for each sample that
/// could not be stored.
pub async fn record(plan: &Plan, table: &Table, deadline: Instant) -> Result<Outcome, Failed> {
    let mut outcome = Outcome { at: plan.at.to_string(), ..Outcome::default() };
    let mut problems = Vec::new();
    let known = match known(plan, table).await {
        Ok(known) => known,
        Err(error) => return Err(Failed { outcome, problems: vec![error.to_string()] }),
    };
    outcome.known = known.values().map(BTreeSet::len).sum();
    let (sender, receiver) = mpsc::channel(QUEUE);
    let own = plan.clone();
    // lambda-meter waits for Lambda in its own way, so it gets a thread.
    let measuring = spawn_blocking(move || measure(&own, &known, deadline, &sender));
    store(receiver, table, &mut outcome, &mut problems).await;
    match measuring.await {
        Ok((usd, mut failed)) => {
            outcome.usd = usd;
            problems.append(&mut failed);
        }
        Err(panic) => problems.push(format!("the measuring thread ended: {panic}")),
    }
    if problems.is_empty() { Ok(outcome) } else { Err(Failed { outcome, problems }) }
}

/// The samples of this plan's time that are in the table.
async fn known(plan: &Plan, table: &Table) -> Result<Known, StoreError> {
    let mut known = Known::new();
    for function in &plan.targets {
        let until = plan.at.checked_add(SignedDuration::from_millis(1)).ok();
        let query = Query { since: Some(plan.at), until, ..Query::all_of(function) };
        let found = table.latest(&query, usize::MAX).await?;
        known.insert(function.clone(), found.into_iter().map(|it| it.id).collect());
    }
    Ok(known)
}

/// Measures every function, and returns the cost and the problems.
fn measure(
    plan: &Plan,
    known: &Known,
    deadline: Instant,
    samples: &Sender<Measurement>,
) -> (f64, Vec<String>) {
    let meter = match Meter::open(plan, deadline) {
        Ok(meter) => meter,
        Err(error) => return (0.0, vec![error.to_string()]),
    };
    let mut problems = Vec::new();
    for function in &plan.targets {
        let is_known = |id: &str| known.get(function).is_some_and(|ids| ids.contains(id));
        // The receiver lives until this sender is dropped.
        let keep = |sample| drop(samples.blocking_send(sample));
        if let Err(error) = meter.measure(function, is_known, keep) {
            problems.push(format!("{function}: {error}"));
        }
    }
    (meter.spent_usd(), problems)
}

/// Stores samples until no more come.
async fn store(
    mut samples: Receiver<Measurement>,
    table: &Table,
    outcome: &mut Outcome,
    problems: &mut Vec<String>,
) {
    while let Some(sample) = samples.recv().await {
        outcome.failures += usize::from(sample.failure.is_some());
        match table.put(&sample).await {
            Ok(Put::Stored) => outcome.stored += 1,
            Ok(Put::Same) => outcome.known += 1,
            // Two attempts of the event ran at once, and the other was first.
            Ok(Put::Other) => {
                outcome.known += 1;
                log("superseded", &sample);
            }
            Err(error) => {
                log("unstored", &sample);
                problems.push(format!("{} {}: {error}", sample.function, sample.id));
            }
        }
    }
}

/// Writes a sample to the log, where `filter pattern { $.message = "unstored" }` finds it.
fn log(message: &str, sample: &Measurement) {
    eprintln!("{}", serde_json::json!({ "message": message, "measurement": sample }));
}
