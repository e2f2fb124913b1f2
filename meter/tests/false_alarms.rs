//! False alarms and missed changes of `compare` and `ab`, simulated with a fixed seed.
//!
//! The noise is that of a shared machine: each run and each cell of a run has its own level (3 %
//! each), a run drifts (1 % from round to round), a sample varies by 5 %, and one in 20 is slower by
//! half on average. Twelve cells, 20 samples each, 100 pairs of runs.

#[path = "common/measurement.rs"]
mod measurement;

use fastrand::Rng;
use lambda_meter::compare::{Comparison, Verdict, compare, compare_targets};
use lambda_meter::cost::Architecture;
use lambda_meter::matrix::{EventPlan, Matrix};
use lambda_meter::results::{Results, Sample};
use lambda_meter::run::Plan;
use lambda_meter::subject::Source;
use measurement::{MockSource, begun, matrix, target};
use std::collections::HashMap;

const PAIRS: u32 = 100;
const SAMPLES: u32 = 20;
const FAIL_PERCENT: f64 = 5.0;

/// Results without samples: the targets x 2 events x 3 memory sizes x cold and warm.
fn plan(targets: &[&str]) -> Results {
    let event = |name: &str| EventPlan { name: name.to_owned(), bytes: b"{}".to_vec(), sha256: None };
    let matrix = Matrix {
        targets: targets.iter().map(|name| target(name, &[128, 512, 1_769])).collect(),
        events: vec![event("small"), event("large")],
        runs: SAMPLES,
        cold: SAMPLES,
        baseline: targets[0].to_owned(),
        published: Vec::new(),
        ..matrix()
    };
    let source = |name: &&str| Box::new(MockSource::new(name, Architecture::X86_64, 1)) as Box<dyn Source>;
    begun(&Plan::new(matrix, targets.iter().map(source).collect()))
}

/// A standard normal number, by Box and Muller.
fn normal(random: &mut Rng) -> f64 {
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// One run; `factor` multiplies the time of the target `new`.
fn simulated(targets: &[&str], factor: f64, random: &mut Rng) -> Results {
    let mut results = plan(targets);
    let level = 0.03 * normal(random);
    // The level of a cell in this run is common to all targets, as that of a memory size is.
    let mut levels: HashMap<(String, u64, String), f64> = HashMap::new();
    for cell in &results.header.cells {
        let key = (cell.event.clone(), cell.memory_mb, cell.start.to_string());
        levels.entry(key).or_insert_with(|| 0.03 * normal(random));
    }
    let mut drift = 0.0;
    for round in 0..SAMPLES {
        drift += 0.01 * normal(random);
        for (index, cell) in results.header.cells.iter().enumerate() {
            let key = (cell.event.clone(), cell.memory_mb, cell.start.to_string());
            let tail = if random.f64() < 0.05 { 1.0 - 0.5 * (1.0 - random.f64()).ln() } else { 1.0 };
            let noise = level + levels[&key] + drift + 0.05 * normal(random);
            let own = if cell.target == "new" { factor } else { 1.0 };
            results.samples.push(sample(index, round, 10.0 * own * noise.exp() * tail));
        }
    }
    results
}

fn sample(cell: usize, round: u32, duration_ms: f64) -> Sample {
    Sample {
        cell,
        round,
        at: String::new(),
        duration_ms,
        billed_duration_ms: duration_ms.ceil(),
        extension_overhead_ms: None,
        init_duration_ms: None,
        max_memory_used_mb: 1,
        wall_ms: duration_ms,
        digest: None,
        failure: None,
    }
}

/// Pairs that fail with `--fail-if-slower 5`, and cells called slower.
fn failures(mut measure: impl FnMut() -> Comparison) -> (u32, usize) {
    let (mut failed, mut cells) = (0, 0);
    for _ in 0..PAIRS {
        let comparison = measure();
        assert_eq!(comparison.changes.len(), 12);
        failed += u32::from(comparison.changes.iter().any(|change| change.is_slower_by(FAIL_PERCENT)));
        cells += comparison.changes.iter().filter(|change| change.verdict == Verdict::Slower).count();
    }
    (failed, cells)
}

fn ab(factor: f64, random: &mut Rng) -> Comparison {
    compare_targets(&simulated(&["old", "new"], factor, random), "old", "new", 1.0)
}

fn files(count: usize, factor: f64, random: &mut Rng) -> Comparison {
    let before: Vec<Results> = (0..count).map(|_| simulated(&["old"], 1.0, random)).collect();
    let after: Vec<Results> = (0..count).map(|_| simulated(&["new"], factor, random)).collect();
    compare(&before, &after, 1.0)
}

#[test]
fn the_same_binary_twice_rarely_fails_and_a_change_of_10_percent_is_found() {
    let random = &mut Rng::with_seed(314);
    let (alarms, cells) = failures(|| ab(1.0, random));
    println!("ab, A/A: {alarms} of {PAIRS} fail, {cells} of 1200 cells slower");
    assert!(alarms <= 5, "{alarms} false alarms");
    let (found, cells) = failures(|| ab(1.1, random));
    println!("ab, 10 % slower: {found} of {PAIRS} fail, {cells} of 1200 cells slower");
    assert!(found >= 80, "only {found} found");
}

#[test]
fn files_of_the_same_binary_rarely_fail() {
    let random = &mut Rng::with_seed(159);
    for count in [2, 3, 5] {
        let (alarms, _) = failures(|| files(count, 1.0, random));
        let (found, cells) = failures(|| files(count, 1.1, random));
        println!(
            "compare, {count} files a side: A/A {alarms} of {PAIRS} fail; 10 % slower: {found} fail, \
             {cells} of 1200 cells slower"
        );
        assert!(alarms <= 5, "{count} files: {alarms} false alarms");
    }
}

#[test]
fn one_file_on_each_side_has_no_verdict() {
    let random = &mut Rng::with_seed(265);
    let comparison = files(1, 2.0, random);
    assert!(comparison.changes.iter().all(|change| change.verdict == Verdict::OneRun));
    assert!(comparison.remarks.iter().any(|remark| remark.contains("lambda-meter ab")), "{comparison:?}");
}
