//! All parts by invocations of this program, so many at a time.

use super::args::HexArgs;
use super::failed;
use super::kept::Kept;
use super::plan::{Plan, SumPlan};
use super::progress::Progress;
use super::service::{Caller, Service};
use crate::error::Error;
use crate::export::usd;
use crate::say::say;
use serde_json::{Value, json};
use std::collections::HashSet;
use tokio::task::JoinSet;

/// Answers in a request of `hex-sum`, some 400 bytes each: a payload has 6 MB.
const PAGE: usize = 2_000;

/// Computes all parts that are missing, then the proof.
pub(super) fn run(service: &Service, args: &HexArgs, plan: &Plan, mut kept: Kept) -> Result<Value, Error> {
    let result = service.wait(prove(service.caller(), args, plan, &mut kept));
    let done: usize = plan.sums.iter().map(|sum| kept.of(&sum.job).len()).sum();
    if result.is_err() && done > 0 {
        let all: u64 = plan.sums.iter().map(|sum| sum.parts).sum();
        say(&format!(
            "{done} of {all} parts are kept in {}; the same command goes on from there",
            kept.name()
        ));
    }
    result
}

async fn prove(caller: Caller, args: &HexArgs, plan: &Plan, kept: &mut Kept) -> Result<Value, Error> {
    compute(&caller, args, plan, kept).await?;
    let mut sums = Vec::new();
    for sum in &plan.sums {
        sums.push(add(&caller, sum, kept).await?);
    }
    let price = (plan.gb_second * 1e9).round();
    let request = json!({
        "op": "hex-compare",
        "position": plan.position,
        "sums": sums,
        "usd_per_billion_gb_seconds": price as u64,
    });
    caller.ask_patiently(&request).await
}

/// Invokes the function for each part that is missing.
async fn compute(caller: &Caller, args: &HexArgs, plan: &Plan, kept: &mut Kept) -> Result<(), Error> {
    let mut missing = missing(plan, kept).into_iter();
    let total: u64 = plan.sums.iter().map(|sum| sum.parts).sum();
    let mut done = total - missing.len() as u64;
    let mut progress = Progress::new(done, total);
    let (mut spent, mut running) = (0.0, JoinSet::new());
    loop {
        while running.len() < args.concurrency as usize {
            let Some((job, part, expected)) = missing.next() else { break };
            within(spent + expected * (running.len() + 1) as f64, spent, args.max_usd)?;
            let caller = caller.clone();
            let request = json!({"op": "hex-part", "job": job, "part": part});
            running.spawn(async move { caller.ask_patiently(&request).await });
        }
        let Some(ended) = running.join_next().await else { return Ok(()) };
        let answer =
            ended.map_err(|error| failed(format!("a request was lost: {error}"), "start again"))??;
        spent += plan.usd_each + gb_seconds(&answer) * plan.gb_second;
        kept.add(answer)?;
        done += 1;
        progress.show(done, spent);
    }
}

/// Jobs and numbers of missing parts, with their expected cost.
fn missing(plan: &Plan, kept: &Kept) -> Vec<(String, u64, f64)> {
    let mut missing = Vec::new();
    for sum in &plan.sums {
        let there: HashSet<_> =
            kept.of(&sum.job).iter().filter_map(|answer| answer["part"].as_u64()).collect();
        let expected = plan.usd_each + sum.gb_seconds / sum.parts as f64 * plan.gb_second;
        let parts = (0..sum.parts).filter(|part| !there.contains(part));
        missing.extend(parts.map(|part| (sum.job.clone(), part, expected)));
    }
    missing
}

/// Refuses a part that could exceed the budget.
fn within(expected: f64, spent: f64, max_usd: f64) -> Result<(), Error> {
    if expected <= max_usd {
        return Ok(());
    }
    Err(failed(
        format!("{} USD are spent, and the next part could exceed --max-usd {max_usd}", usd(spent)),
        "raise --max-usd: parts take longer than the function's measurement promised",
    ))
}

fn gb_seconds(answer: &Value) -> f64 {
    answer["mb_ms"].as_f64().unwrap_or_default() / 1.024e6
}

/// Adds the parts of a sum, page by page.
async fn add(caller: &Caller, sum: &SumPlan, kept: &Kept) -> Result<Value, Error> {
    let answers = kept.of(&sum.job);
    let mut before = Value::Null;
    for (index, page) in answers.chunks(PAGE).enumerate() {
        let last = (index + 1) * PAGE >= answers.len();
        let request =
            json!({"op": "hex-sum", "job": sum.job, "partial": !last, "before": before, "sums": page});
        before = caller.ask_patiently(&request).await?;
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gigabytes_and_seconds() {
        assert!((gb_seconds(&json!({"mb_ms": 1_024_000})) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_budget_ends_the_parts() {
        within(0.5, 0.4, 0.5).unwrap();
        let problem = within(0.6, 0.4, 0.5).unwrap_err().to_string();
        assert!(problem.contains("0.4000 USD are spent") && problem.contains("--max-usd 0.5"), "{problem}");
    }
}
